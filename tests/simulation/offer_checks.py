"""The sentences of `docs/invariants.md` about budgets, limits and awards of offers (31 to 34)."""

import json
from collections import Counter
from collections.abc import Container, Iterator
from typing import Any

from tests.simulation.books import Books, EntryRow, OfferRow, PurchaseRows, Terms

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


def _left(bought: PurchaseRows, offer: OfferRow, kind: str = "offer") -> int:
    """The points that are left of what an offer gave; of an award, that returns of it took."""
    reasons = [reason for back in bought.returns for reason in back.reasons]
    taken = [int(reason[1]) for reason in reasons if reason[0] == f"{kind}:{offer.offer_id}"]
    return offer.points + sum(taken)


def check_33_paid_for(books: Books) -> Complaints:
    """Awards and gifts against counters: 31 holds also of what was given and asked of none."""
    for place, row in _given(books):
        terms = _terms(books, row)
        if terms is not None and (row.paid != row.cost or not _is_its_cost(terms, row)):
            yield f"{place}: {row} was not paid for by a budget in {terms.unit}"
    for bought in books.purchases.values():
        for row in bought.offers:
            terms = _terms(books, row)
            if terms is None:
                continue
            if (row.period is not None) != terms.counts_uses:
                yield f"{bought.name}: {row} names a period where its limit counts none, or none"
            if terms.unit == "points":
                yield from _flowed_back(bought, row)


def _terms(books: Books, row: OfferRow) -> Terms | None:
    """By which version an offer gave; None for an offer of other tables than these."""
    limits = books.offers.get(row.offer_id)
    return limits.versions[row.version] if limits is not None else None


def _flowed_back(bought: PurchaseRows, row: OfferRow) -> Complaints:
    """What returns took of an offer with a budget in points is what flowed back to that."""
    for back in bought.returns:
        rules = (f"offer:{row.offer_id}", f"award:{row.offer_id}")
        taken = -sum(int(reason[1]) for reason in back.reasons if reason[0] in rules)
        flowed = sum(amount for offer_id, _, amount in back.budgets if offer_id == row.offer_id)
        if taken != flowed:
            yield f"{bought.name}: {taken} of {row.offer_id} was taken, {flowed} flowed back"


def _is_its_cost(terms: Terms, row: OfferRow) -> bool:
    if terms.unit == "points":
        return row.cost == row.points
    return row.cost >= 0 if terms.unit == "minor" else not row.cost


def _given(books: Books) -> Iterator[tuple[str, OfferRow]]:
    """All that offers gave, with where it stands."""
    for bought in books.purchases.values():
        yield from ((bought.name, row) for row in bought.offers)
    for redemption_id, record in books.redemptions.items():
        if record.get("offer"):
            yield redemption_id, _as_row(record["offer"], record["offer"]["shards"])
    for (kind, name), answer in books.operations.items():
        if kind == "gift":
            yield name, _as_row(answer, json.loads(answer["shards"]))


def _as_row(gave: dict[str, Any], shards: list[list[int]]) -> OfferRow:
    named = {name: gave[name] for name in ("offer_id", "number", "version", "points", "cost")}
    return OfferRow(**named, period=gave["period"], paid=sum(part for _, part in shards))


MOST_PROGRESS = 10
"""Challenges that an account keeps progress with; that with others may be gone."""


def check_34_awards(books: Books) -> Complaints:
    worth = {
        limits.number: award
        for limits in books.offers.values()
        for terms in limits.versions.values()
        if (award := terms.award) is not None
    }
    given = _points_of_awards(books, worth)
    for account, rows in books.entries.items():
        if not books.is_alone(account) or rows[-1].kind == "erase":
            continue  # progress comes along with whoever joins, and goes with whoever is erased
        awarded = {row[0]: row[1] * worth[row[0]] for row in _progress(rows[-1]) if row[0] in worth}
        mine = {number: n for (owner, number), n in given.items() if owner == account and n}
        if any(len(_progress(row)) >= MOST_PROGRESS for row in rows):
            mine = {number: n for number, n in mine.items() if number in awarded}
        if {number: points for number, points in awarded.items() if points} != mine:
            yield f"{account} keeps awards of {awarded} points, it was given {mine}"


def _progress(row: EntryRow) -> list[list[Any]]:
    return list(row.parts.get("c", ()))


def _points_of_awards(books: Books, numbers: Container[int]) -> Counter[tuple[str, int]]:
    """What awards gave and returns did not take again, by account and number of the offer."""
    points: Counter[tuple[str, int]] = Counter()
    for bought in books.purchases.values():
        for row in bought.offers:
            if bought.owner and row.number in numbers:
                points[bought.owner, row.number] += _left(bought, row, "award")
    return points
