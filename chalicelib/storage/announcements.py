"""Announcements in the table `config`, what became of each letter beside its member in `people`.

How often each fate was is counted by shards, in the transactions that keep the fates: each counter
item has an attribute of the fate's own name.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.operand import Path

from chalicelib.domain.announcements import Announcement, Course, Fate, Sending
from chalicelib.domain.due import shard_of
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.preferences import MessageChannel
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA, decoded, encoded
from chalicelib.storage.faults import store_errors
from chalicelib.storage.gone import transact_for
from chalicelib.storage.reading import all_of, get, raw_partition
from chalicelib.storage.tables import ConfigItem, IntAttribute, PeopleItem
from chalicelib.storage.writing import Cancelled, Put, Update, transact

_COUNTERS = "announcement_sums"


class AnnouncementItem(ConfigItem, discriminator="announcement"):
    """What an announcement says."""

    schema = IntAttribute()
    document = UnicodeAttribute()


class CourseItem(ConfigItem, discriminator="announcement_course"):
    """How far an announcement is."""

    version = IntAttribute()
    document = UnicodeAttribute()

    def course(self) -> Course:
        return decoded(Course, self.document, SCHEMA)


class AnnouncementSumsItem(ConfigItem, discriminator=_COUNTERS):
    """One shard's counters of fates."""


class SendingItem(PeopleItem, discriminator="sending"):
    """What became of a letter. n: version. by: who wrote it."""

    n = IntAttribute()
    fate = UnicodeAttribute()
    at = UnicodeAttribute()
    by = UnicodeAttribute()
    offer_id = UnicodeAttribute()
    purpose = UnicodeAttribute()
    channel = UnicodeAttribute()
    again_at = UnicodeAttribute(null=True)

    def sending(self) -> Sending:
        return Sending(
            member_id=self.pk.removeprefix(keys.member("")),
            announcement_id=self.sk.removeprefix(keys.sending("")),
            version=self.n,
            fate=Fate(self.fate),
            at=parsed(self.at),
            by=self.by,
            offer_id=self.offer_id,
            purpose=self.purpose,
            channel=MessageChannel(self.channel),
            again_at=parsed(self.again_at) if self.again_at is not None else None,
        )


class DynamoAnnouncements:
    """The `Announcements` port over the bound tables."""

    def add(self, announcement: Announcement, course: Course) -> bool:
        item = AnnouncementItem(keys.ANNOUNCEMENT, announcement.announcement_id)
        item.schema, item.document = SCHEMA, encoded(announcement)
        try:
            transact([Put(item), Put(_course_item(course))])
        except Cancelled:
            return False
        return True

    def get(self, announcement_id: str) -> Announcement | None:
        item = get(AnnouncementItem, keys.ANNOUNCEMENT, announcement_id)
        return decoded(Announcement, item.document, item.schema) if item else None

    def course(self, announcement_id: str) -> Course | None:
        item = get(CourseItem, keys.ANNOUNCEMENT_COURSE, announcement_id)
        return item.course() if item else None

    def courses(self) -> list[Course]:
        return [item.course() for item in all_of(CourseItem, keys.ANNOUNCEMENT_COURSE)]

    def move(self, after: Course) -> bool:
        try:
            transact([Put(_course_item(after), CourseItem.version == after.version - 1)])
        except Cancelled:
            return False
        return True

    def decided(self, announcement_id: str) -> Mapping[Fate, int]:
        tally: Counter[Fate] = Counter()
        for item in raw_partition(AnnouncementSumsItem, keys.announcement_sums(announcement_id)):
            tally.update({Fate(name): int(cell["N"]) for name, cell in item.items() if "N" in cell})
        return tally

    def sendings(self, announcement_id: str, member_ids: Sequence[str]) -> Mapping[str, Sending]:
        sk = keys.sending(announcement_id)
        wanted = [(keys.member(member_id), sk) for member_id in member_ids]
        with store_errors():
            found = [item.sending() for item in SendingItem.batch_get(wanted)]
        return {sending.member_id: sending for sending in found}

    def sending(self, announcement_id: str, member_id: str) -> Sending | None:
        item = get(SendingItem, keys.member(member_id), keys.sending(announcement_id))
        return item.sending() if item else None

    def keep(self, before: Sending | None, after: Sending) -> bool:
        follows = SendingItem.n == before.version if before is not None else None
        put = Put(_sending_item(after), follows)
        try:
            transact_for(after.member_id, [put], updates=_counted(before, after))
        except Cancelled:
            return False
        return True

    def of_member(self, member_id: str) -> list[Sending]:
        with store_errors():
            found = SendingItem.query(
                keys.member(member_id),
                SendingItem.sk.startswith(keys.sending("")),
                consistent_read=True,
            )
            return [item.sending() for item in found]


def _course_item(course: Course) -> CourseItem:
    item = CourseItem(keys.ANNOUNCEMENT_COURSE, course.announcement_id)
    item.version, item.document = course.version, encoded(course)
    return item


def _sending_item(sending: Sending) -> SendingItem:
    item = SendingItem(keys.member(sending.member_id), keys.sending(sending.announcement_id))
    item.n, item.fate, item.at = sending.version, sending.fate.value, printed(sending.at)
    item.by, item.offer_id = sending.by, sending.offer_id
    item.purpose, item.channel = sending.purpose, sending.channel.value
    item.again_at = _printed(sending.again_at)
    return item


def _printed(instant: datetime | None) -> str | None:
    return printed(instant) if instant is not None else None


def _counted(before: Sending | None, after: Sending) -> list[Update]:
    """The counter's moves: out of the fate that was kept before, into the one that is."""
    moves: Counter[Fate] = Counter()
    if before is not None and before.is_decided:
        moves[before.fate] -= 1
    if after.is_decided:
        moves[after.fate] += 1
    changed = {fate: by for fate, by in moves.items() if by}
    if not changed:
        return []
    place = keys.announcement_sums(after.announcement_id)
    item = AnnouncementSumsItem(place, keys.announcement_shard(shard_of(after.member_id)))
    adds = [Path(fate.value).add(by) for fate, by in changed.items()]
    return [Update(item, [Path("t").set(_COUNTERS), *adds])]
