"""The audit record: the same of the double in memory and of the table on the local AWS."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from pynamodb.connection import Connection

from chalicelib.storage import keys
from chalicelib.storage.audit import MOST_PASSED_OVER, DynamoAudit, RecordItem
from chalicelib.storage.people_items import key_item
from chalicelib.storage.tables import AuditItem
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import Audit, AuditSearch
from tests.fakes.audit import FakeAudit
from tests.fakes.outside import FakeVault

_days = count(1)
_names = count(1)


@dataclass(slots=True)
class Place:
    """An audit with a day of its own. forget: destroys a member's key."""

    audit: Audit
    noon: datetime
    member: Callable[[], str]
    forget: Callable[[str], None]

    @property
    def day(self) -> date:
        return self.noon.date()

    def record(self, action: str, member_id: str | None = None, **said: str) -> None:
        """Somebody of support does something, a moment after the one before."""
        self.noon += timedelta(milliseconds=1)
        who = said.pop("who", "staff:ada")
        reason = said.pop("reason", None)
        self.audit.record(
            who=who, action=action, member_id=member_id, reason=reason, at=self.noon, **said
        )

    def actions(self, search: AuditSearch, limit: int = 100) -> list[str]:
        return [record.action for record in self.audit.find(search, None, limit).records]


def _noon() -> datetime:
    return datetime(1990, 1, 1, 12, tzinfo=UTC) + timedelta(days=next(_days) * 1_000 + os.getpid())


def _in_memory() -> Place:
    audit = FakeAudit()
    return Place(audit, _noon(), lambda: f"mem_{next(_names)}", audit.forgotten.add)


def _on_the_table(most_passed_over: int = MOST_PASSED_OVER) -> Place:
    vault = FakeVault()

    def member() -> str:
        member_id = f"mem_{next(_names)}x{os.urandom(4).hex()}"
        transact([Put(key_item(member_id, vault.create_key(member_id)))])
        return member_id

    def forget(member_id: str) -> None:
        key_item(member_id, b"").delete()

    return Place(DynamoAudit(os.urandom, vault, most_passed_over), _noon(), member, forget)


@pytest.fixture(params=[_in_memory, _on_the_table])
def place(request: pytest.FixtureRequest, connection: Connection) -> Place:
    assert connection
    made: Place = request.param()
    return made


def test_what_was_recorded_of_a_day_is_found_newest_first_with_all_that_was_said(
    place: Place,
) -> None:
    member_id = place.member()
    place.record("program.changed", subject="7", role="marketer")
    place.record("member.profile.read", member_id, reason="asked by phone", role="support")

    newest, oldest = place.audit.find(AuditSearch(place.day), None, 10).records

    assert (newest.action, newest.member_id, newest.reason, newest.role, newest.who) == (
        "member.profile.read",
        member_id,
        "asked by phone",
        "support",
        "staff:ada",
    )
    assert (newest.at, newest.subject) == (place.noon, None)
    assert (oldest.action, oldest.subject, oldest.member_id) == ("program.changed", "7", None)
    assert place.actions(AuditSearch(place.day + timedelta(days=1))) == []


def test_a_member_is_found_over_all_days_and_others_are_not(place: Place) -> None:
    mia, max_ = place.member(), place.member()
    place.record("first", mia)
    place.record("another's", max_)
    place.noon += timedelta(days=3)
    place.record("second", mia)
    assert place.actions(AuditSearch(member_id=mia)) == ["second", "first"]
    assert place.actions(AuditSearch(place.day, mia)) == ["second"]


def test_who_and_what_narrow_a_search(place: Place) -> None:
    place.record("read", who="staff:ada")
    place.record("read", who="till-berlin")
    place.record("changed", who="till-berlin")
    assert len(place.actions(AuditSearch(place.day, who="till-berlin"))) == 2
    assert len(place.actions(AuditSearch(place.day, action="read"))) == 2
    both = AuditSearch(place.day, who="till-berlin", action="read")
    assert place.actions(both) == ["read"]


def test_pages_follow_each_other_without_a_gap_and_end(place: Place) -> None:
    mia = place.member()
    for number in range(5):
        place.record(f"read {number}", mia)
    for search in (AuditSearch(place.day), AuditSearch(member_id=mia)):
        seen, before = [], None
        for _ in range(3):
            page = place.audit.find(search, before, 2)
            seen.append([record.action for record in page.records])
            before = page.more_before
        assert seen == [["read 4", "read 3"], ["read 2", "read 1"], ["read 0"]]
        assert before is None


def test_nobody_searches_all_of_it() -> None:
    with pytest.raises(ValueError, match="nobody reads all"):
        AuditSearch(who="staff:ada")


def test_a_reason_goes_with_the_key_of_its_member_and_the_record_stays(place: Place) -> None:
    mia = place.member()
    place.record("member.profile.read", mia, reason="Ms Meyer called")
    place.forget(mia)
    place.record("member.erased", mia, reason="Ms Meyer called again")
    found = place.audit.find(AuditSearch(member_id=mia), None, 10).records
    assert [(record.action, record.reason) for record in found] == [
        ("member.erased", None),
        ("member.profile.read", None),
    ]


# --- of the table alone --------------------------------------------------------------------------


def test_a_reason_lies_sealed_and_bound_to_its_own_record(connection: Connection) -> None:
    assert connection
    place = _on_the_table()
    mia = place.member()
    place.record("read", mia, reason="because of this")
    place.record("read", mia, reason="because of that")
    one, other = (
        item
        for item in RecordItem.query(keys.audit_day(str(place.day)))
        if isinstance(item, RecordItem)
    )
    assert one.reason is None
    one.sealed = other.sealed
    one.save()
    with pytest.raises(ValueError, match="changed or moved"):
        place.audit.find(AuditSearch(place.day), None, 10)


def test_a_reason_that_an_older_release_kept_in_clear_is_still_read(
    connection: Connection,
) -> None:
    assert connection
    place = _on_the_table()
    position = keys.audit_record(f"{place.day}T12:00:00.000Z", "aud_old")
    item = RecordItem(keys.audit_day(str(place.day)), position, who="staff:ada", action="read")
    item.member_id, item.reason = "mem_old", "kept then"
    item.save()
    [found] = place.audit.find(AuditSearch(place.day), None, 10).records
    assert (found.reason, found.role) == ("kept then", "staff")


def test_somebody_is_answered_before_everything_was_passed_over(
    connection: Connection,
) -> None:
    assert connection
    place = _on_the_table(most_passed_over=3)
    place.record("wanted")
    for _ in range(4):
        place.record("read")
    search = AuditSearch(place.day, action="wanted")
    first = place.audit.find(search, None, 10)
    assert (first.records, first.more_before is None) == ((), False)
    second = place.audit.find(search, first.more_before, 10)
    assert [record.action for record in second.records] == ["wanted"]


def test_records_of_one_instant_are_all_kept(connection: Connection) -> None:
    assert connection
    place = _on_the_table()
    at = place.noon
    for number in range(3):
        place.noon = at
        place.record(f"{number}")
    assert set(place.actions(AuditSearch(place.day))) == {"0", "1", "2"}
    assert {type(item) for item in AuditItem.query(keys.audit_day(str(place.day)))} == {RecordItem}
