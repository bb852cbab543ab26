"""Members who asked to be forgotten, who may not be, and whose data is kept and not used.

In two parts: what requests need, and what the one worker needs that erases. Only that one may
change the ledger and delete data keys.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from chalicelib.domain.erasures import Erasure
from chalicelib.domain.identifiers import Identifier
from chalicelib.usecases.ports.ledger import Cause


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a member may not be erased. by: a source. reason: sealed where it is kept."""

    member_id: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Restriction:
    """Why a member's data is kept and not used. restriction_id: another one each time."""

    restriction_id: str
    member_id: str
    at: datetime
    by: str
    reason: str


class Erasures(Protocol):
    """Every method may raise StoreUnavailable; those that read, StoreNewer; those that write to a
    member, MemberErased. Every read is consistent."""

    def get(self, erasure_id: str) -> Erasure | None:
        """An erasure by its id."""
        ...

    def newest(self, member_id: str) -> Erasure | None:
        """The one that was asked for last for a member, whatever became of it."""
        ...

    def request(self, erasure: Erasure, after: Erasure | None) -> bool:
        """Keep a new erasure. after: the member's newest as it was read. False when there is
        another by now."""
        ...

    def cancel(self, after: Erasure) -> bool:
        """Keep that an erasure is cancelled. False when it was changed since it was read."""
        ...

    def due(self, now: datetime) -> Iterator[str]:
        """Ids of open erasures whose day has come, the oldest first."""
        ...

    def open(self) -> Iterator[str]:
        """Ids of all open erasures, by the day on which they are due."""
        ...

    def hold(self, member_id: str) -> Hold | None:
        """The legal hold on a member, opened."""
        ...

    def is_held(self, member_id: str) -> bool:
        """Whether there is one; its reason stays sealed."""
        ...

    def held(self) -> Iterator[str]:
        """Ids of all members who are held."""
        ...

    def put_hold(self, hold: Hold) -> None:
        """Keep a hold, over the one that there was."""
        ...

    def lift_hold(self, member_id: str) -> None:
        """Nothing where there is none."""
        ...

    def restriction(self, member_id: str) -> Restriction | None:
        """The restriction of a member, opened."""
        ...

    def put_restriction(self, restriction: Restriction, after: str | None) -> bool:
        """Keep one. after: the id of the one that was read, which it may have itself. False when
        another stands."""
        ...

    def lift_restriction(self, member_id: str, restriction_id: str) -> None:
        """Nothing where that one does not stand."""
        ...


Begun = Literal["begun", "held", "stale"]
"""`held` when one of the members is, `stale` when the erasure was changed since it was read."""


class Eraser(Protocol):
    """What the worker does that erases. Every method may raise StoreUnavailable, and doing it
    twice is doing it once."""

    def begin(self, after: Erasure, now: datetime) -> Begun:
        """Keep that an erasure is under way, and let nothing be written of its members from here
        on, in one transaction that no hold survives."""
        ...

    def save(self, after: Erasure) -> bool:
        """Keep how far it is. False when it was changed since it was read."""
        ...

    def redact(self, records: Sequence[Cause]) -> None:
        """Write redacted records over those that stand, and nothing else of them."""
        ...

    def empty_traits(self, account_id: str) -> None:
        """Forget what offers knew of a member."""
        ...

    def silence(self, member_id: str) -> None:
        """Take a member out of every audience that its facts say it is in."""
        ...

    def bury(self, member_id: str, identifiers: Sequence[Identifier], now: datetime) -> int:
        """Let nothing lead to a member any more: neither these identifiers nor what else is known
        to. A tombstone stands in the place of each. How many stand."""
        ...

    def shred(self, member_id: str) -> None:
        """Destroy the member's data key."""
        ...

    def clear(self, member_id: str) -> int:
        """Delete all that is kept below a member but that it is gone, and how. How much it was."""
        ...


class EraseQueue(Protocol):
    def erase(self, erasure_id: str) -> None:
        """Ask the worker to begin or go on with an erasure. StoreUnavailable: unknown."""
        ...
