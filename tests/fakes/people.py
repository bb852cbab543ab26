"""People in memory: what `DynamoPeople` promises, without DynamoDB."""

import threading
from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.codes import MOST_TRIES, Code
from chalicelib.domain.consents import ConsentRecord
from chalicelib.domain.identifiers import Channel, Identifier
from chalicelib.domain.members import Member
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.reach import Reach
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.sign_ups import Joined, SignUp
from chalicelib.domain.traits import Traits
from chalicelib.usecases.ports import (
    KeptPreferences,
    PeopleWrite,
    Saved,
    StoreUnavailable,
    Taken,
)
from tests.fakes.ledger import FakeLedger
from tests.fakes.roll import FakeRoll


class FakePeople:
    """The `People` port without a store. ledger: where its members' accounts are opened.

    lose_replies: so many of the next saves that land say nevertheless that it is unknown.
    refuse_writes: so many of the next saves do not land and say that it is unknown.
    """

    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger
        self.roll = FakeRoll()
        self._lock = threading.Lock()
        self._members: dict[str, Member] = {}
        self._leads: dict[Identifier, str] = {}
        self._preferences: dict[str, KeptPreferences] = {}
        self._consents: dict[str, list[ConsentRecord]] = {}
        self._traits: dict[str, Traits] = {}
        self._codes: dict[tuple[str, Channel], tuple[Code, int]] = {}
        self._sign_ups: dict[str, SignUp | Joined] = {}
        self._audiences = ledger.audiences
        self._buried: set[Identifier] = set()
        self._gone: set[str] = set()
        self.lose_replies = 0
        self.refuse_writes = 0

    def find(self, identifier: Identifier) -> str | None:
        return self._leads.get(identifier)

    def is_buried(self, identifier: Identifier) -> bool:
        return identifier in self._buried

    def member(self, member_id: str) -> Member | None:
        if member_id not in self._members:
            self.check_here(member_id)
        return self._members.get(member_id)

    def preferences(self, member_id: str) -> KeptPreferences:
        return self._preferences.get(member_id, KeptPreferences(Preferences(), version=0))

    def last_consent(self, member_id: str) -> ConsentRecord | None:
        return next(iter(self.consents(member_id, None, 1)), None)

    def consents(self, member_id: str, before: int | None, limit: int) -> list[ConsentRecord]:
        newest_first = reversed(self._consents.get(member_id, []))
        return [r for r in newest_first if before is None or r.seq < before][:limit]

    def reach(self, member_id: str) -> Reach | None:
        return self._audiences.kept.get(member_id)

    def traits(self, member_id: str) -> Traits | None:
        return self._traits.get(member_id)

    def sign_up(self, signup_id: str) -> SignUp | Joined | None:
        return self._sign_ups.get(signup_id)

    def save(self, write: PeopleWrite) -> Saved:
        with self._lock:
            if self.refuse_writes:
                self.refuse_writes -= 1
                raise StoreUnavailable("not written, and nobody says so")
            if write.opened is None:
                self.check_here(write.member_id)
            saved = self._verdict(write)
            if saved == "saved":
                self._apply(write)
                if self.lose_replies:
                    self.lose_replies -= 1
                    raise StoreUnavailable("written, and nobody says so")
            return saved

    def start(self, sign_up: SignUp, code: Code) -> None:
        self._sign_ups.setdefault(sign_up.signup_id, sign_up)
        self.keep_code(code)

    def keep_code(self, code: Code) -> None:
        self.check_here(code.member_id)
        self._codes[code.member_id, code.channel] = code, 0

    def try_code(self, member_id: str, channel: Channel, now: datetime) -> Code | None:
        with self._lock:
            code, tries = self._codes.get((member_id, channel), (None, 0))
            if code is None or now >= code.good_until or tries >= MOST_TRIES:
                return None
            self._codes[member_id, channel] = code, tries + 1
            return code

    # --- erasing, for the fake eraser ---

    def check_here(self, member_id: str) -> None:
        """Raise MemberErased where somebody has begun to erase a member."""
        if member_id in self._gone:
            raise MemberErased

    def let_go(self, member_id: str) -> None:
        """Take no more writes of a member."""
        self._gone.add(member_id)

    def empty_traits(self, member_id: str) -> None:
        """Forget what offers knew of a member."""
        self._traits[member_id] = Traits()
        self._ledger.keep_traits(member_id, Traits())

    def bury(self, member_id: str, identifiers: Sequence[Identifier]) -> int:
        """Let nothing lead to a member any more. How many tombstones stand of those asked for."""
        mine = {held for held, owner in self._leads.items() if owner == member_id}
        for held in mine:
            del self._leads[held]
        self._buried |= mine
        return len(mine | {held for held in identifiers if held in self._buried})

    def clear(self, member_id: str) -> int:
        """Forget all that is kept of a member."""
        profile = self._members.pop(member_id, None)
        wishes = self._preferences.pop(member_id, None)
        said = self._consents.pop(member_id, [])
        codes = [key for key in self._codes if key[0] == member_id]
        for key in codes:
            del self._codes[key]
        return (profile is not None) + (wishes is not None) + len(said) + len(codes)

    # --- one write ---

    def _verdict(self, write: PeopleWrite) -> Saved:
        if not self._follows(write):
            return "stale"
        spent = write.spent
        if spent is not None:
            kept, _ = self._codes.get((spent.member_id, spent.channel), (None, 0))
            if kept is None or kept.digest != spent.digest:
                return "code_spent"
        for claim in write.claims:
            if claim in self._leads:
                return Taken(claim.kind, self._leads[claim])
        return "saved"

    def _follows(self, write: PeopleWrite) -> bool:
        member_id = write.member_id
        kept = self._members.get(member_id)
        last = self.last_consent(member_id)
        checks = [
            write.member is None or write.member.version == (kept.version if kept else 0) + 1,
            write.preferences is None
            or write.preferences.version == self.preferences(member_id).version + 1,
            not write.consents or write.consents[0].seq == (last.seq if last else 0) + 1,
            write.traits is None or write.traits.before == self.traits(member_id),
            self._audiences.follows(member_id, write.reach),
            write.joined is None or isinstance(self._sign_ups.get(write.joined.signup_id), SignUp),
            all(self._leads.get(held) == member_id for held in write.releases),
        ]
        return all(checks)

    def _apply(self, write: PeopleWrite) -> None:
        member_id = write.member_id
        if write.member is not None:
            self._members[member_id] = write.member
            self.roll.enter(write.member)
        if write.freshness is not None:
            self.roll.change(member_id, write.freshness)
        if write.preferences is not None:
            self._preferences[member_id] = write.preferences
        self._consents.setdefault(member_id, []).extend(write.consents)
        if write.traits is not None:
            self._traits[member_id] = write.traits.after
            self._ledger.keep_traits(member_id, write.traits.after)
        self._audiences.apply(member_id, write.reach)
        if write.opened is not None:
            self._ledger.open(write.opened)
        if write.joined is not None:
            self._sign_ups[write.joined.signup_id] = write.joined
        for held in write.releases:
            del self._leads[held]
        self._leads |= dict.fromkeys(write.claims, member_id)
        if write.spent is not None:
            del self._codes[write.spent.member_id, write.spent.channel]
        for code in write.codes:
            self.keep_code(code)
