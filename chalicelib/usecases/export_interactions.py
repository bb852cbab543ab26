"""Reads for an export what a member told us."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.domain.interactions import Complaint, Content
from chalicelib.usecases.export_reading import Reading, Rows, plain

_PAGE = 100


def interactions(reading: Reading) -> Iterator[Rows]:
    """Everything, newest first; of staff the role, not the person."""
    after: tuple[datetime, str] | None = None
    while page := reading.ports.interactions.page(reading.member_id, after, _PAGE):
        for one in page:
            row = plain(one, "member_id", "version", "by", "content")
            yield row | {"by": one.by.partition(":")[0]} | _said(one.content)
        after = (page[-1].at, page[-1].interaction_id)


def _said(content: Content) -> dict[str, Any]:
    row = plain(content, "told_by")
    if isinstance(content, Complaint):
        row["history"] = [plain(change, "by") for change in content.history]
    return row
