"""Erasures in memory: what `DynamoErasures` and `DynamoEraser` promise, without DynamoDB."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.erasures import Erasure
from chalicelib.domain.identifiers import Identifier
from chalicelib.usecases.ports import Cause, Hold, Restriction
from chalicelib.usecases.ports.erasures import Begun
from tests.fakes.ledger import FakeLedger, key_of
from tests.fakes.people import FakePeople


class FakeErasures:
    """The `Erasures` and the `Eraser` port over fake people and a fake ledger.

    silenced: who was taken out of all audiences. shredded: whose key was destroyed.
    """

    def __init__(self, people: FakePeople, ledger: FakeLedger) -> None:
        self._people = people
        self._ledger = ledger
        self._lock = threading.Lock()
        self._erasures: dict[str, Erasure] = {}
        self._newest: dict[str, str] = {}
        self._holds: dict[str, Hold] = {}
        self._restrictions: dict[str, Restriction] = {}
        self.silenced: set[str] = set()
        self.shredded: set[str] = set()

    def get(self, erasure_id: str) -> Erasure | None:
        return self._erasures.get(erasure_id)

    def newest(self, member_id: str) -> Erasure | None:
        return self._erasures.get(self._newest.get(member_id, ""))

    def request(self, erasure: Erasure, after: Erasure | None) -> bool:
        with self._lock:
            self._people.check_here(erasure.member_id)
            before = self._newest.get(erasure.member_id)
            if before != (after.erasure_id if after is not None else None):
                return False
            self._erasures[erasure.erasure_id] = erasure
            self._newest[erasure.member_id] = erasure.erasure_id
            self._people.roll.going.add(erasure.member_id)
            return True

    def cancel(self, after: Erasure) -> bool:
        return self.save(after)

    def due(self, now: datetime) -> Iterator[str]:
        return (one.erasure_id for one in self._open() if one.erase_after <= now)

    def open(self) -> Iterator[str]:
        return (one.erasure_id for one in self._open())

    def _open(self) -> list[Erasure]:
        kept = [one for one in self._erasures.values() if one.is_open]
        return sorted(kept, key=lambda one: (one.erase_after, one.erasure_id))

    def hold(self, member_id: str) -> Hold | None:
        return self._holds.get(member_id)

    def is_held(self, member_id: str) -> bool:
        return member_id in self._holds

    def held(self) -> Iterator[str]:
        return iter(sorted(self._holds))

    def put_hold(self, hold: Hold) -> None:
        self._people.check_here(hold.member_id)
        self._holds[hold.member_id] = hold

    def lift_hold(self, member_id: str) -> None:
        self._holds.pop(member_id, None)

    def restriction(self, member_id: str) -> Restriction | None:
        return self._restrictions.get(member_id)

    def put_restriction(self, restriction: Restriction, after: str | None) -> bool:
        with self._lock:
            self._people.check_here(restriction.member_id)
            stands = self._restrictions.get(restriction.member_id)
            if (stands.restriction_id if stands is not None else None) != after:
                return False
            self._restrictions[restriction.member_id] = restriction
            return True

    def lift_restriction(self, member_id: str, restriction_id: str) -> None:
        stands = self._restrictions.get(member_id)
        if stands is not None and stands.restriction_id == restriction_id:
            del self._restrictions[member_id]

    # --- erasing ---

    def begin(self, after: Erasure, now: datetime) -> Begun:
        del now  # nobody reads since when a member of the fake is gone
        if any(one in self._holds for one in after.members):
            return "held"
        if not self.save(after):
            return "stale"
        for one in after.members:
            self._people.let_go(one)
        return "begun"

    def save(self, after: Erasure) -> bool:
        with self._lock:
            before = self._erasures[after.erasure_id]
            if before.version != after.version - 1:
                return False
            self._erasures[after.erasure_id] = after
            return True

    def redact(self, records: Sequence[Cause]) -> None:
        for record in records:
            assert key_of(record) in self._ledger.causes, "redacted what never stood"
            self._ledger.causes[key_of(record)] = replace(record)

    def empty_traits(self, account_id: str) -> None:
        self._people.empty_traits(account_id)

    def silence(self, member_id: str) -> None:
        self.silenced.add(member_id)

    def bury(self, member_id: str, identifiers: Sequence[Identifier], now: datetime) -> int:
        del now  # tombstones of the fake stay for ever
        return self._people.bury(member_id, identifiers)

    def shred(self, member_id: str) -> None:
        self.shredded.add(member_id)

    def clear(self, member_id: str) -> int:
        held = [self._holds.pop(member_id, None), self._restrictions.pop(member_id, None)]
        return self._people.clear(member_id) + sum(one is not None for one in held)
