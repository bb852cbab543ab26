"""Purchases as they are kept: what was bought, what it earned, and what happened to it.

What a purchase gives is decided in `purchase_points.py`, what a return takes in `returns.py`.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.applied_offers import AppliedOffer, NotApplied
from chalicelib.domain.earning import Line, Remaining, Tender
from chalicelib.domain.entries import Why
from chalicelib.domain.fingerprints import REDACTED
from chalicelib.domain.returned import RefusedReturn, WaitingReturn
from chalicelib.domain.tiers import Standing

CLAIM_DAYS = 30


@dataclass(frozen=True, slots=True)
class Purchase:
    """What the till posted, after checking. All of it can identify somebody, so none of it is in
    an entry; the purchase record holds it and redaction removes it."""

    purchase_id: str
    occurred_at: datetime
    currency: str
    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...] = ()
    channel: str | None = None
    store_id: str | None = None
    external: str | None = None

    @property
    def amount_minor(self) -> int:
        """The whole of it, in minor units."""
        return sum(line.amount_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class Earned:
    """What a purchase gave, and the account after it (points).

    tier: the one it was priced with. standing: the member's after it and after the returns that had
    waited for it, None without tiers; ladder: the version of the program whose tiers it stands on.
    held: those of the pending points that wait for a review.
    """

    earned: int
    pending: int
    debt_paid: int
    available_after: int
    pending_after: int
    debt_after: int
    why: tuple[Why, ...]
    tier: str | None = None
    standing: Standing | None = None
    ladder: int = 0
    held: int = 0


NOTHING_EARNED = Earned(0, 0, 0, 0, 0, 0, ())
"""What a purchase without a member has given so far."""


@dataclass(frozen=True, slots=True)
class PurchaseRecord:
    """The purchase as it is kept, and the record that makes it count once.

    name: what stands for (source, purchase_id). account_id: None while nobody has it. named: the
    member it was posted for, where that one's points are kept in another's account.
    fingerprint: field -> digest of its content, to tell a replay from a conflict.
    number: among all that stands under its name, 0 where no return came before it.
    committed: of a redacted one, what its entry is committed to; else salt and details make it.
    offers: those that gave something; not_applied: those that could have. language: the member's,
    None where it is not known; what was answered is said in it again.
    """

    name: str
    account_id: str | None
    at: datetime
    purchase: Purchase
    program_version: int
    earned: Earned
    fingerprint: dict[str, str]
    salt: bytes
    number: int = 0
    committed: bytes = b""
    named: str | None = None
    offers: tuple[AppliedOffer, ...] = ()
    not_applied: tuple[NotApplied, ...] = ()
    language: str | None = None

    @property
    def member_id(self) -> str | None:
        """The member it was posted for."""
        return self.named or self.account_id

    @property
    def is_redacted(self) -> bool:
        """Whether its member was erased: only the figures are left that entries tell, too."""
        return self.fingerprint == REDACTED


@dataclass(frozen=True, slots=True)
class Taken:
    """What a return took (points), and from where. `taken` includes `new_debt`."""

    taken: int
    from_pending: int
    from_available: int
    new_debt: int
    returned_to_member: int
    available_after: int
    pending_after: int
    debt_after: int


@dataclass(frozen=True, slots=True)
class ReturnRecord:
    """A return, numbered among the events of its purchase.

    lines: (index of the purchase's line, quantity, amount_minor) that came back.
    committed: as in a purchase. budgets: (offer id, shard, amount) that flowed back to the budgets
    of offers.
    """

    name: str
    number: int
    return_id: str
    at: datetime
    lines: tuple[tuple[int, int, int], ...]
    taken: Taken
    why: tuple[Why, ...]
    fingerprint: dict[str, str]
    salt: bytes
    committed: bytes = b""
    budgets: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """The claim of a purchase that was posted without a member, numbered among its events.

    named: as in `PurchaseRecord`.
    """

    name: str
    number: int
    account_id: str
    at: datetime
    earned: Earned
    named: str | None = None

    @property
    def member_id(self) -> str:
        """The member that claimed it."""
        return self.named or self.account_id


PurchaseEvent = ReturnRecord | ClaimRecord | WaitingReturn | RefusedReturn
"""All that is numbered together with a purchase."""


@dataclass(frozen=True, slots=True)
class PurchaseFile:
    """A purchase with all that happened to it, in order; first of all the returns that waited."""

    record: PurchaseRecord
    events: tuple[PurchaseEvent, ...] = ()

    @property
    def account_id(self) -> str | None:
        """The account that it counts for: since it was posted, or since it was claimed."""
        return self.record.account_id or next(
            (event.account_id for event in self.events if isinstance(event, ClaimRecord)), None
        )

    @property
    def member_id(self) -> str | None:
        """Whose it is: the member it was posted for, or who claimed it."""
        return self.record.member_id or next(
            (event.member_id for event in self.events if isinstance(event, ClaimRecord)), None
        )

    @property
    def credited_at(self) -> datetime:
        """When its points came: when it was posted, or else when it was claimed."""
        claim = next((event for event in self.events if isinstance(event, ClaimRecord)), None)
        return claim.at if claim is not None else self.record.at

    @property
    def earned(self) -> Earned:
        """What it gave: when it was posted, or else when it was claimed."""
        claim = next((event for event in self.events if isinstance(event, ClaimRecord)), None)
        return claim.earned if claim is not None else self.record.earned

    @property
    def returns(self) -> tuple[ReturnRecord, ...]:
        """Its returns, in order."""
        return tuple(event for event in self.events if isinstance(event, ReturnRecord))

    @property
    def answered(self) -> Earned:
        """What it gave, with the account as it was when all was done that was written with it: the
        returns that had waited for it, too."""
        taken = [event.taken for event in self.waited if isinstance(event, ReturnRecord)]
        if self.record.account_id is None or not taken:
            return self.earned
        return replace(
            self.earned,
            available_after=taken[-1].available_after,
            pending_after=taken[-1].pending_after,
            debt_after=taken[-1].debt_after,
        )

    @property
    def waiting(self) -> tuple[WaitingReturn, ...]:
        """The returns that came before it, in order."""
        return tuple(event for event in self.events if isinstance(event, WaitingReturn))

    @property
    def waited(self) -> tuple[ReturnRecord | RefusedReturn, ...]:
        """What became of the returns that came before it, in order."""
        ids = {event.return_id for event in self.waiting}
        return tuple(
            event
            for event in self.events
            if isinstance(event, ReturnRecord | RefusedReturn) and event.return_id in ids
        )

    @property
    def next_number(self) -> int:
        """The number that the next event takes."""
        return len(self.events) + 1

    def remaining(self) -> tuple[Remaining, ...]:
        """What is left of each line after the returns."""
        lines = self.record.purchase.lines
        quantities = [line.quantity for line in lines]
        amounts = [line.amount_minor for line in lines]
        for event in self.returns:
            for index, quantity, amount_minor in event.lines:
                quantities[index] -= quantity
                amounts[index] -= amount_minor
        return tuple(map(Remaining, quantities, amounts))

    def is_gone(self, left: tuple[Remaining, ...]) -> bool:
        """Whether nothing is left: no money, or of a purchase that cost nothing no piece."""
        if self.record.purchase.amount_minor:
            return not any(part.amount_minor for part in left)
        return not any(part.quantity for part in left)
