"""One gift of an offer for one member: given once in its period, whoever finds out and however
often.

The record's key says so for ever: a repeat, a race or a crash between two tries meets it. Nobody is
told why a member is given none. Must not know on which occasion it is.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import MOST_OFFER_USES, Account, AccountStatus
from chalicelib.domain.applied_offers import OFFER, AppliedOffer
from chalicelib.domain.challenge_progress import has_room
from chalicelib.domain.entries import Entry, EntryKind, Why
from chalicelib.domain.explanations import Explanation, explained
from chalicelib.domain.granted_offers import Granted, uses_that_count, with_uses
from chalicelib.domain.instants import printed
from chalicelib.domain.live_offers import LiveOffer, LiveOffers
from chalicelib.domain.occasions import gives_today, points_of_gift, with_gift
from chalicelib.domain.offer_measures import cost_of
from chalicelib.domain.offers import Offer, OfferStatus, RewardPrice
from chalicelib.domain.quarantine import put_under_review
from chalicelib.domain.redemptions import period_of
from chalicelib.domain.refusals import AccountFull, InvalidContent, MemberNotFound
from chalicelib.domain.reviews import Review, Suspicion
from chalicelib.usecases.current import Current, current
from chalicelib.usecases.fund_offer import shards_for, withdrawn
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

GIFT = "gift"


@dataclass(frozen=True, slots=True)
class Gift:
    """period: of which a member is given one. held: whether it waits for somebody's look."""

    offer_id: str
    period: str
    held: bool = False


def give_gift(ports: Ports, member_id: str, gift: Gift, now: datetime) -> bool:
    """Give a member a gift, unless the offer is not for it, or no more, or its budget is empty.

    Returns whether it has it now. Raises TryAgain, StoreUnavailable.
    """
    giving = _Giving(ports, member_id, gift, now)
    try:
        return settle(ports, giving.decide, giving.replay).answer
    except (MemberNotFound, AccountFull, InvalidContent):
        return False  # nobody is there, or has room for more


def explain_gift(ports: Ports, entry: Entry, why: Why, language: str | None = None) -> Explanation:
    """What the entry of a gift says, by the version of the offer that gave it."""
    record = ports.ledger.operation(GIFT, entry.cause.removeprefix(causes.of_operation(GIFT, "")))
    offers = {}
    if record is not None:
        offer_id, version = str(record.answer["offer_id"]), int(record.answer["version"] or 0)
        offers = {offer_id: ports.offers.version(offer_id, version)}
    [said] = explained(ports.programs.active(), (why,), language=language, offers=offers)
    return said


class _Giving:
    """One gift on its way."""

    def __init__(self, ports: Ports, member_id: str, gift: Gift, now: datetime) -> None:
        self._ports = ports
        self._member_id = member_id
        self._gift = gift
        self._now = now
        self._name = ports.namer.name(GIFT, gift.offer_id, member_id, gift.period)

    def decide(self, _: Attempts) -> Plan[bool] | Outcome[bool]:
        if self.replay():
            return Outcome(True, replayed=True)
        live = self._ports.offers.live()
        ready = live.by_id.get(self._gift.offer_id)
        cause = causes.of_operation(GIFT, self._name)
        at = current(self._ports, self._member_id, cause, self._now)
        granted = self._granted(at, live, ready) if ready is not None else None
        if granted is None:
            return Outcome(False)
        return self._plan(at, live, granted, cause)

    def replay(self) -> bool | None:
        """Whether it was given before."""
        return self._ports.ledger.operation(GIFT, self._name) is not None or None

    def _granted(self, at: Current, live: LiveOffers, ready: LiveOffer) -> Granted | None:
        """What the offer gives; None where it gives nothing to this member now."""
        offer = ready.offer
        if at.account.status is not AccountStatus.ACTIVE or at.frozen:
            return None
        if not gives_today(offer, at.traits, at.program, at.now) or not _has_room(at, live, offer):
            return None
        if not ready.is_for(self._member_id, at.facts()):
            return None
        points = points_of_gift(offer)
        cost = cost_of(offer, points, at.program.thousand_points_minor)
        shards = shards_for(self._ports, offer, cost, self._name, ask=False)
        if shards is None:
            return None
        period = _period(at, offer) if offer.member_limit is not None else None
        applied = AppliedOffer(
            offer.offer_id, offer.number, offer.version, points, 0, cost, period, shards
        )
        return Granted(offer, applied)

    def _plan(self, at: Current, live: LiveOffers, granted: Granted, cause: str) -> Plan[bool]:
        counting = uses_that_count(at.account, live, at.now, at.program.zone)
        account = with_uses(at.account, counting, [granted])
        if self._gift.held:
            review = Review(at.today, Suspicion.REFERRAL, at.head.seq)
            account = put_under_review(account, review)
        after = with_gift(account, granted.offer, at.program, at.today, _going_on(live))
        why = Why(OFFER + granted.applied.offer_id, granted.applied.points, 0)
        entries = at.entries(after, kind=EntryKind.BONUS, cause=cause, why=(why,))
        record = self._record(at, granted.applied, entries[-1], after)
        return Plan(Write((record,), entries, budgets=withdrawn(granted.applied)), True)

    def _record(
        self, at: Current, applied: AppliedOffer, entry: Entry, after: Account
    ) -> OperationRecord:
        kept: dict[str, int | str | None] = {
            "member_id": at.account_id,
            "offer_id": applied.offer_id,
            "number": applied.number,
            "version": applied.version,
            "points": applied.points,
            "period": applied.period,
            "cost": applied.cost,
            "shards": json.dumps(applied.shards, separators=(",", ":")),
            "held": int(self._gift.held),
            "at": printed(entry.at),
            "available_after": after.available,
            "pending_after": after.pending_points,
            "debt_after": after.debt,
        }
        return OperationRecord(GIFT, self._name, {}, kept)


def _has_room(at: Current, live: LiveOffers, offer: Offer) -> bool:
    """Whether the offer's limit a member, and the account, let it have another one."""
    numbers = dict.fromkeys(_going_on(live))
    is_price = isinstance(offer.effect, RewardPrice)
    if is_price and not has_room(at.account.progress, offer.number, numbers):
        return False
    if offer.member_limit is None:
        return True
    uses = uses_that_count(at.account, live, at.now, at.program.zone)
    mine = (offer.number, _period(at, offer))
    count = sum(use.count for use in uses if (use.number, use.period) == mine)
    return count < offer.member_limit and (bool(count) or len(uses) < MOST_OFFER_USES)


def _period(at: Current, offer: Offer) -> str:
    return period_of(offer.member_limit_period, at.now, at.program.zone)


def _going_on(live: LiveOffers) -> list[int]:
    return [one.offer.number for one in live.all if one.offer.status is not OfferStatus.ENDED]
