"""Members and what is known of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from chalicelib.domain.codes import Code
from chalicelib.domain.consents import ConsentRecord
from chalicelib.domain.entries import Entry
from chalicelib.domain.freshness import FreshnessChange
from chalicelib.domain.identifiers import Channel, Identifier, Kind
from chalicelib.domain.members import Member
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.reach import Audience, Reach, audiences
from chalicelib.domain.sign_ups import Joined, SignUp
from chalicelib.domain.traits import Traits


@dataclass(frozen=True, slots=True)
class KeptPreferences:
    """A member's preferences; version counts their changes, 0 before the first."""

    preferences: Preferences
    version: int


@dataclass(frozen=True, slots=True)
class TraitsChange:
    """Traits to put, if those that stand are still the ones that were read."""

    before: Traits | None
    after: Traits


@dataclass(frozen=True, slots=True)
class ReachChange:
    """What decides who may write to a member: to be put over `before` by version (over nothing for
    version 0), together with the audiences that the member enters and leaves by it."""

    before: Reach
    after: Reach

    @property
    def entered(self) -> frozenset[Audience]:
        """Audiences to be put: those of `after` that stand not already."""
        return audiences(self.after) - (audiences(self.before) if self.before.version else set())

    @property
    def left(self) -> frozenset[Audience]:
        """Audiences to be deleted."""
        return audiences(self.before) - audiences(self.after)


@dataclass(frozen=True, slots=True)
class PeopleWrite:
    """All that one change of a member writes, in one transaction; what is None stays as it is.

    member: put over its predecessor by version (over nothing for version 1, whose key is created
    too unless a sign-up created it). claims, releases: identifiers that begin or cease to lead to
    the member. preferences: put over their predecessor. consents: the next records. opened: the
    first entry of its account. codes: each replaces what was sent on its channel. spent: a code
    that ceases to be good by this. joined: the end of the sign-up that leads to this. reach: goes
    with every change of profile, preferences and consents, so that they are in one order.
    freshness: what it says of the details and of a sign of life.
    """

    member_id: str
    member: Member | None = None
    claims: tuple[Identifier, ...] = ()
    releases: tuple[Identifier, ...] = ()
    preferences: KeptPreferences | None = None
    consents: tuple[ConsentRecord, ...] = ()
    traits: TraitsChange | None = None
    opened: Entry | None = None
    codes: tuple[Code, ...] = ()
    spent: Code | None = None
    joined: Joined | None = None
    reach: ReachChange | None = None
    freshness: FreshnessChange | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """An identifier leads to another member already."""

    kind: Kind
    member_id: str


Saved = Literal["saved", "stale", "code_spent"] | Taken
"""What became of a PeopleWrite, in the order in which it is told: `stale` when something it builds
on was changed in the meantime, `code_spent` when somebody else used or replaced the code."""


class People(Protocol):
    """Members and what is known of them. Every method may raise StoreUnavailable and StoreNewer;
    every read is consistent."""

    def find(self, identifier: Identifier) -> str | None:
        """The id of the member that an identifier leads to."""
        ...

    def is_buried(self, identifier: Identifier) -> bool:
        """Whether an identifier led to somebody who was erased. It may lead to somebody by now."""
        ...

    def member(self, member_id: str) -> Member | None:
        """A member's profile, opened. Raises MemberErased, as does all that opens or writes."""
        ...

    def preferences(self, member_id: str) -> KeptPreferences:
        """A member's preferences; version 0 and the defaults where none were set."""
        ...

    def last_consent(self, member_id: str) -> ConsentRecord | None:
        """The newest record, which carries all consents as they stand."""
        ...

    def consents(self, member_id: str, before: int | None, limit: int) -> list[ConsentRecord]:
        """Records, newest first, those with a number below `before`."""
        ...

    def reach(self, member_id: str) -> Reach | None:
        """What decides who may write to the member; None where nobody has kept it yet."""
        ...

    def traits(self, member_id: str) -> Traits | None:
        """The pseudonymous facts kept beside the member's account."""
        ...

    def save(self, write: PeopleWrite) -> Saved:
        """Write all of it or nothing. StoreUnavailable: unknown whether it landed."""
        ...

    def sign_up(self, signup_id: str) -> SignUp | Joined | None:
        """A sign-up, opened, or what is left of it; perhaps one that is too old."""
        ...

    def start(self, sign_up: SignUp, code: Code) -> None:
        """Keep a new sign-up, its key and the first code. StoreUnavailable: unknown."""
        ...

    def keep_code(self, code: Code) -> None:
        """Keep a code in place of the one that was sent on its channel before."""
        ...

    def try_code(self, member_id: str, channel: Channel, now: datetime) -> Code | None:
        """Count a try, and only then give the code to compare with; None when there is none that
        is still good for a try."""
        ...
