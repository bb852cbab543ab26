"""A member whom another one brought has bought for the first time: both are given a bonus, once.

Once for ever, by the record's key, whoever finds out and however often. Where the two are perhaps
one person, or somebody brings more than anybody knows, the bonus is given and held for a review.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.bonuses import give
from chalicelib.domain.entries import Entry, EntryKind, Why
from chalicelib.domain.identifiers import Identifier, Kind, is_card_number
from chalicelib.domain.instants import local_date, printed
from chalicelib.domain.likeness import alikes_of
from chalicelib.domain.program import Referral
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.quarantine import put_under_review
from chalicelib.domain.referrals import BROUGHT, JOINED
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.reviews import Review, Suspicion
from chalicelib.usecases.current import Current, as_of_one_now, standing_in
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

REFERRAL = "referral"
_PAGE = 100


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two: what it is given, why, and under which name of the operation."""

    at: Current
    points: int
    rule: str
    cause: str


def reward_referral(ports: Ports, entry: Entry, now: datetime) -> None:
    """Give the bonus that a purchase is worth to whoever brought its member, if it is the first.

    entry: of kind `earn`. Raises TryAgain, StoreUnavailable.
    """
    referral = ports.programs.active().referral
    if referral is None:
        return
    member_id = _who_bought(ports, entry, referral)
    referrer_id = brought_by(ports, member_id) if member_id is not None else None
    if member_id is None or referrer_id is None:
        return
    rewarding = _Rewarding(ports, (member_id, referrer_id), referral, now)
    try:
        settle(ports, rewarding.decide, rewarding.replay)
    except MemberErased:
        return  # one of them is gone


def _who_bought(ports: Ports, entry: Entry, referral: Referral) -> str | None:
    """The member whose purchase an entry is of, if it is large enough."""
    file = purchase_of(ports, entry)
    if file is None:
        return None
    large = file.record.purchase.amount_minor >= referral.minimum_minor
    return file.account_id if large else None


def purchase_of(ports: Ports, entry: Entry) -> PurchaseFile | None:
    """The purchase that an entry is of; None where it is of none, or was redacted."""
    kind, _, rest = entry.cause.partition(":")
    if kind != "purchase":
        return None
    file = ports.ledger.purchase(rest.partition(":")[0])
    return file if isinstance(file, PurchaseFile) and not file.record.is_redacted else None


def brought_by(ports: Ports, member_id: str) -> str | None:
    """The member who brought another one; None where nobody did, or nobody is found any more."""
    member = ports.people.member(member_id)
    said = member.person.referred_by if member is not None else None
    if said is None or not is_card_number(said):
        return said
    return ports.people.find(Identifier(Kind.CARD_NUMBER, said))


class _Rewarding:
    """One bonus for two members on its way."""

    def __init__(
        self, ports: Ports, members: tuple[str, str], referral: Referral, now: datetime
    ) -> None:
        self._ports = ports
        self._members = members
        self._referral = referral
        self._now = now
        self._name = ports.namer.name(REFERRAL, members[0])
        self._alike = are_alike(ports, members)

    def decide(self, _: Attempts) -> Plan[bool] | Outcome[bool]:
        if self.replay():
            return Outcome(True, replayed=True)
        if any(self._ports.ledger.head(member_id) is None for member_id in self._members):
            return Outcome(False)
        sides = self._sides()
        if any(side.at.account.status is AccountStatus.ERASED for side in sides):
            return Outcome(False)
        held = self._asks_for_a_look(sides)
        entries = self._entries(sides, held=held)
        if not entries:
            return Outcome(False)
        return Plan(Write((self._record(sides, entries, held=held),), entries), True)

    def replay(self) -> bool | None:
        """Whether it was given before: nobody is told more."""
        return self._ports.ledger.operation(REFERRAL, self._name) is not None or None

    def _sides(self) -> tuple[_Side, _Side]:
        """Who was brought, and who brought it."""
        cause = causes.of_operation(REFERRAL, self._name)
        other = causes.other_side(cause)
        heads = [standing_in(self._ports, member_id) for member_id in self._members]
        joined, brought = as_of_one_now(
            self._ports, [(heads[0], cause), (heads[1], other)], self._now
        )
        return (
            _Side(joined, self._referral.referred_points, JOINED, cause),
            _Side(brought, self._referral.referrer_points, BROUGHT, other),
        )

    def _asks_for_a_look(self, sides: tuple[_Side, _Side]) -> bool:
        joined, brought = sides
        if self._alike or joined.at.account_id == brought.at.account_id:
            return True
        return self._brought_lately(brought.at) >= self._referral.most_a_month

    def _brought_lately(self, at: Current) -> int:
        """How many an account was given a bonus for in this calendar month, by its entries up to
        the one that was read: another one meanwhile makes the write fail."""
        before: int | None = at.head.seq + 1
        count = 0
        while before is not None:
            page = self._ports.ledger.entries(at.account_id, before, _PAGE)
            for entry in page:
                if local_date(entry.at, at.program.zone) < at.today.replace(day=1):
                    return count
                count += any(row.rule == BROUGHT for row in entry.why)
            before = page[-1].seq if len(page) == _PAGE else None
        return count

    def _entries(self, sides: tuple[_Side, _Side], *, held: bool) -> tuple[Entry, ...]:
        entries: tuple[Entry, ...] = ()
        at_of: dict[str, Current] = {}
        for side in sides:
            if not side.points:
                continue
            # Of one account that is both, the second entry follows the first.
            at = at_of.get(side.at.account_id, side.at)
            after = _given(at, side.points, held=held)
            why = (Why(side.rule, side.points, 0),)
            written = at.entries(after, kind=EntryKind.BONUS, cause=side.cause, why=why)
            at_of[at.account_id] = at.then(written)
            entries = (*entries, *written)
        return entries

    def _record(
        self, sides: tuple[_Side, _Side], entries: tuple[Entry, ...], *, held: bool
    ) -> OperationRecord:
        kept: dict[str, int | str | None] = {"at": printed(entries[-1].at), "held": int(held)}
        for label, side in zip(("joined", "brought"), sides, strict=True):
            of_it = (entry.account() for entry in entries if entry.cause == side.cause)
            after = next(of_it, None)
            kept[label] = side.at.account_id
            kept[f"{label}_points"] = side.points
            kept[f"{label}_available_after"] = after.available if after else None
            kept[f"{label}_pending_after"] = after.pending_points if after else None
            kept[f"{label}_debt_after"] = after.debt if after else None
        return OperationRecord(REFERRAL, self._name, {}, kept)


def _given(at: Current, points: int, *, held: bool) -> Account:
    account = at.account
    if held:
        review = Review(at.today, Suspicion.REFERRAL, at.head.seq)
        account = put_under_review(account, review)
    return give(account, points, at.program, at.today)


def are_alike(ports: Ports, members: tuple[str, str]) -> bool:
    """Whether two members have a card, or something that nobody else is likely to share, in
    common."""
    cards = [ports.payment_methods.wallet(member_id).fingerprint_names for member_id in members]
    if cards[0] & cards[1]:
        return True
    known = [ports.people.member(member_id) for member_id in members]
    alikes = [alikes_of(member) for member in known if member is not None]
    return len(alikes) == 2 and bool(alikes[0] & alikes[1])
