"""Exports: a copy of all that is held of a member, made once, for a while. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

KEPT_FOR = timedelta(days=7)
"""How long a finished export can be downloaded, as the bucket's own rule says too."""

MADE_WITHIN = timedelta(days=1)
"""After this nobody is at an export any more that is still being prepared."""


class ExportStatus(StrEnum):
    PREPARING = "preparing"
    READY = "ready"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Export:
    """One export of one member.

    by: who asked, `member:<id>` or `staff:<sub>`. status: as it was written last; what time has
    made of it, `as_of` tells. expires_at: None before it is ready.
    """

    member_id: str
    export_id: str
    requested_at: datetime
    by: str
    status: ExportStatus = ExportStatus.PREPARING
    expires_at: datetime | None = None

    def as_of(self, now: datetime) -> ExportStatus:
        """What it is now: ready ones expire, and what nobody finished has failed."""
        if self.status is ExportStatus.READY and (
            self.expires_at is None or now >= self.expires_at
        ):
            return ExportStatus.EXPIRED
        if self.status is ExportStatus.PREPARING and now >= self.requested_at + MADE_WITHIN:
            return ExportStatus.FAILED
        return self.status


def ready(export: Export, now: datetime) -> Export:
    """The export once its file is there."""
    return replace(export, status=ExportStatus.READY, expires_at=now + KEPT_FOR)


def failed(export: Export) -> Export:
    """The export once nobody tries any more."""
    return replace(export, status=ExportStatus.FAILED)
