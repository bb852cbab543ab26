"""What is known of exports, over DynamoDB: an item each beside the member's profile.

An erasure deletes them with everything else of the member; none is written once it has begun.
"""

from collections.abc import Iterator

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.exports import Export, ExportStatus
from chalicelib.domain.instants import parsed, printed
from chalicelib.storage import keys
from chalicelib.storage.faults import store_errors
from chalicelib.storage.gone import transact_for
from chalicelib.storage.reading import get, partition_keys
from chalicelib.storage.tables import PeopleItem
from chalicelib.storage.writing import Cancelled, Delete, Put

_ANYWAY = PeopleItem.pk.does_not_exist() | PeopleItem.pk.exists()


class ExportItem(PeopleItem, discriminator="export"):
    """s: status. at: requested. by: who asked. u: until when it can be downloaded."""

    s = UnicodeAttribute()
    at = UnicodeAttribute()
    by = UnicodeAttribute()
    u = UnicodeAttribute(null=True)

    def export(self) -> Export:
        return Export(
            member_id=self.pk.removeprefix(keys.member("")),
            export_id=self.sk.removeprefix(keys.EXPORT),
            requested_at=parsed(self.at),
            by=self.by,
            status=ExportStatus(self.s),
            expires_at=parsed(self.u) if self.u else None,
        )


class OpenExportItem(PeopleItem, discriminator="open_export"):
    """That an export was not made yet: its key says which. Of one whose member is gone by then it
    stays, and leads nowhere."""


class DynamoExports:
    """The `Exports` port over the bound tables."""

    def get(self, member_id: str, export_id: str) -> Export | None:
        item = get(ExportItem, keys.member(member_id), keys.export(export_id))
        return item.export() if item is not None else None

    def of_member(self, member_id: str) -> list[Export]:
        with store_errors():
            # Three a day at most, each some 200 bytes: a page holds those of years.
            answer = PeopleItem._get_connection().query(
                keys.member(member_id),
                range_key_condition=PeopleItem.sk.startswith(keys.EXPORT),
                consistent_read=True,
            )
            found = [ExportItem.from_raw_data(item).export() for item in answer["Items"]]
        return sorted(found, key=lambda one: (one.requested_at, one.export_id), reverse=True)

    def open(self) -> Iterator[tuple[str, str]]:
        for sort_key in partition_keys(PeopleItem, keys.OPEN_EXPORTS, None):
            member_id, _, export_id = sort_key.partition("#")
            yield member_id, export_id

    def add(self, export: Export) -> bool:
        try:
            transact_for(export.member_id, [Put(_item(export)), Put(_lead(export))])
        except Cancelled:
            return False
        return True

    def save(self, export: Export) -> None:
        done = [Delete(_lead(export))] if export.status is ExportStatus.READY else []
        transact_for(export.member_id, [Put(_item(export), _ANYWAY)], deletes=done)


def _lead(export: Export) -> OpenExportItem:
    return OpenExportItem(keys.OPEN_EXPORTS, keys.open_export(export.member_id, export.export_id))


def _item(export: Export) -> ExportItem:
    return ExportItem(
        keys.member(export.member_id),
        keys.export(export.export_id),
        s=str(export.status),
        at=printed(export.requested_at),
        by=export.by,
        u=printed(export.expires_at) if export.expires_at else None,
    )
