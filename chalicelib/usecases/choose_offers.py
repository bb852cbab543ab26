"""Which offers a purchase gets, and which shards of their budgets pay for them.

Offers are decided from memory: no read, as long as no budget is known to run low. Whether a budget
has enough is then shown by the purchase's own write, and asked only where one was found too small.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.account import Account
from chalicelib.domain.applied_offers import AppliedOffer, NotApplied
from chalicelib.domain.budgets import Parts, from_what_is_left, one_shard
from chalicelib.domain.challenge_decision import count
from chalicelib.domain.granted_offers import Granted, uses_that_count, with_uses
from chalicelib.domain.live_offers import LiveOffers
from chalicelib.domain.offer_decision import Basket, Who, basket_of, decide
from chalicelib.domain.offers import Offer
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import Purchase, PurchaseFile
from chalicelib.usecases.current import Current
from chalicelib.usecases.ports import BudgetChange, Ports

MOST_PARTS = 60
"""Shards that the offers of one purchase take from: all of a transaction is at most 100 writes."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """account: after counting how often limited offers were used and how far it is with challenges,
    before any points. granted: the offers that apply, with the shards that pay for them, and the
    challenges that count the purchase; not_applied: the others that are told."""

    account: Account
    granted: tuple[Granted, ...] = ()
    not_applied: tuple[NotApplied, ...] = ()

    @property
    def applied(self) -> tuple[AppliedOffer, ...]:
        """What is kept of those that apply."""
        return tuple(one.applied for one in self.granted)


def choose_offers(
    ports: Ports, at: Current, member_id: str, rules: Program, purchase: Purchase, *, ask: bool
) -> Chosen:
    """The offers that a purchase of a member gets. rules: the version of the program that prices
    it. ask: what is left of every budget, because no write will find it out.

    Raises StoreUnavailable.
    """
    live = ports.offers.live()
    if not live.all:
        return Chosen(at.account)
    basket = basket_of(rules, purchase)
    if not (live.challenges or live.at_purchases(basket.local.date(), rules.zone)):
        return Chosen(at.account)
    counting = uses_that_count(at.account, live, purchase.occurred_at, rules.zone)
    activated = frozenset(at.traits.activated)
    who = Who(member_id, at.facts(), counting, activated)
    chosen = _funded(ports, live, basket, who, at.account, purchase.purchase_id, ask=ask)
    return replace(chosen, account=with_uses(chosen.account, counting, chosen.granted))


def _funded(
    ports: Ports,
    live: LiveOffers,
    basket: Basket,
    who: Who,
    account: Account,
    name: str,
    *,
    ask: bool,
) -> Chosen:
    """The decision with the shards that pay for it: decided again without those that cannot be
    paid, whose place others may take."""
    known: dict[str, list[int]] = {}
    without: frozenset[str] = frozenset()
    while True:
        decision = decide(live, basket, who, without)
        counted = count(live, basket, who, account.progress, without)
        applied = (*decision.applied, *counted.applied)
        offers = [live.by_id[one.offer_id].offer for one in applied]
        costly = {one.offer_id for one in applied if one.cost} - known.keys()
        wanted = [offer for offer in offers if offer.offer_id in costly]
        known |= _asked(ports, wanted, ask=ask)
        granted, empty = _paid(applied, offers, known, f"{who.member_id} {name}")
        if not empty:
            after = replace(account, progress=counted.progress)
            told = tuple(
                replace(one, award=one.applied.offer_id in counted.awarded) for one in granted
            )
            return Chosen(after, told, (*decision.not_applied, *counted.not_applied))
        without |= empty


def _asked(ports: Ports, offers: Sequence[Offer], *, ask: bool) -> dict[str, list[int]]:
    """What is left of the budgets of these that may be too small."""
    scarce = ports.offers.scarce()
    wanted = [offer for offer in offers if ask or offer.offer_id in scarce]
    return ports.offers.shards_left(wanted) if wanted else {}


def _paid(
    applied: Sequence[AppliedOffer],
    offers: Sequence[Offer],
    known: dict[str, list[int]],
    name: str,
) -> tuple[tuple[Granted, ...], frozenset[str]]:
    """What applies with the shards that pay for it, and the ids of those that cannot be paid."""
    granted: list[Granted] = []
    empty: set[str] = set()
    count = 0
    for one, offer in zip(applied, offers, strict=True):
        shards = _shards(one, offer, known.get(one.offer_id), name)
        if shards is None or count + len(shards) > MOST_PARTS:
            empty.add(one.offer_id)
            continue
        count += len(shards)
        granted.append(Granted(offer, replace(one, shards=shards)))
    return tuple(granted), frozenset(empty)


def _shards(one: AppliedOffer, offer: Offer, left: list[int] | None, name: str) -> Parts | None:
    if offer.budget is None or not one.cost:
        return ()
    if left is None:
        return one_shard(offer.budget.shards, name, one.cost)
    return from_what_is_left(left, name, one.cost)


# --- what was chosen before ----------------------------------------------------------------------


def granted_to(ports: Ports, file: PurchaseFile) -> tuple[Granted, ...]:
    """The offers that gave something to a purchase, with their versions. Raises
    StoreUnavailable."""
    return tuple(
        Granted(ports.offers.version(applied.offer_id, applied.version), applied)
        for applied in file.record.offers
    )


def withdrawals(chosen: Chosen) -> tuple[BudgetChange, ...]:
    """What is taken from budgets for the offers that apply."""
    return tuple(
        BudgetChange(one.offer_id, shard, -part)
        for one in chosen.applied
        for shard, part in one.shards
    )


def in_one(changes: Sequence[BudgetChange]) -> tuple[BudgetChange, ...]:
    """Changes with those of one shard as one: a transaction writes an item once."""
    sums: dict[tuple[str, int], int] = {}
    for change in changes:
        key = (change.offer_id, change.shard)
        sums[key] = sums.get(key, 0) + change.amount
    return tuple(BudgetChange(*key, amount) for key, amount in sums.items() if amount)
