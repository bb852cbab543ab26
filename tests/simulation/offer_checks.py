"""The sentences of `docs/invariants.md` about the budgets and limits of offers (31 and 32)."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.simulation.books import Books, OfferRow, PurchaseRows

Complaints = Iterator[str]


def check_31_budgets(books: Books) -> Complaints:
    paid = _paid(books)
    for offer_id, limits in books.offers.items():
        budget = limits.budget
        if budget is None:
            continue
        if min(budget.left, default=0) < 0 or sum(budget.left) + paid[offer_id] != budget.units:
            yield f"{offer_id}: {budget.left} left, {paid[offer_id]} paid of {budget.units}"


def _paid(books: Books) -> Counter[str]:
    paid: Counter[str] = Counter()
    for bought in books.purchases.values():
        for offer in bought.offers:
            paid[offer.offer_id] += offer.paid
        for back in bought.returns:
            for offer_id, _, amount in back.budgets:
                paid[offer_id] -= amount
    for _, gave in _of_rewards(books):
        paid[gave["offer_id"]] += sum(part for _, part in gave["shards"])
    for (kind, _), answer in books.operations.items():
        if kind == "gift":
            paid[answer["offer_id"]] += sum(part for _, part in json.loads(answer["shards"]))
    return paid


def _of_rewards(books: Books) -> Iterator[tuple[str, dict[str, Any]]]:
    """The account and the offer of each redemption at an offer's price that was not taken back."""
    for redemption_id, record in books.redemptions.items():
        gave_back = books.ends.get(redemption_id, {}).get("available_after") is not None
        if record.get("offer") and not gave_back:
            yield record["account_id"], record["offer"]


def check_32_limits(books: Books) -> Complaints:
    most = {limits.number: limits.member_limit for limits in books.offers.values()}
    used = _used(books)
    for account, rows in books.entries.items():
        if not books.is_alone(account) or rows[-1].kind == "erase":
            continue  # limits come along with whoever joins, and go with whoever is erased
        told = {(account, number, period): n for number, period, n in rows[-1].parts.get("f", ())}
        mine = {key: count for key, count in used.items() if key[0] == account}
        if told != mine:
            yield f"{account} counts {told} uses of offers, there are {mine}"
        for (_, number, _), count in mine.items():
            limit = most.get(number)
            if limit is not None and count > limit:
                yield f"{account} had the offer {number} {count} times, {limit} are allowed"


def _used(books: Books) -> Counter[tuple[str, int, str]]:
    """How often offers still give something, by account, number and period."""
    used: Counter[tuple[str, int, str]] = Counter()
    for bought in books.purchases.values():
        for offer in bought.offers:
            if bought.owner and offer.period is not None and _left(bought, offer):
                used[bought.owner, offer.number, offer.period] += 1
    gifts = (answer for (kind, _), answer in books.operations.items() if kind == "gift")
    given = [*_of_rewards(books), *((answer["member_id"], answer) for answer in gifts)]
    for account, gave in given:
        if gave["period"] is not None:
            used[account, gave["number"], gave["period"]] += 1
    return used


def _left(bought: PurchaseRows, offer: OfferRow) -> int:
    """The points that are left of what an offer gave."""
    reasons = [reason for back in bought.returns for reason in back.reasons]
    taken = [int(reason[1]) for reason in reasons if reason[0] == f"offer:{offer.offer_id}"]
    return offer.points + sum(taken)
