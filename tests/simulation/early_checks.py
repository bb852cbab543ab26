"""The sentences of `docs/invariants.md` about returns that came before their purchase, and about
purchases that a redemption paid for (29 and 30)."""

from collections import Counter
from collections.abc import Iterator

from tests.simulation.books import Books, PurchaseRows
from tests.simulation.record_checks import came_back

MOST_WAITING = 10

Complaints = Iterator[str]


def check_29_waiting(books: Books) -> Complaints:
    for name, bought in books.purchases.items():
        if len(set(bought.waiting)) < len(bought.waiting) or len(bought.waiting) > MOST_WAITING:
            yield f"{name}: {bought.waiting} wait"
        if any(return_id not in bought.waiting for return_id in bought.refused):
            yield f"{name}: {bought.refused} were refused, {bought.waiting} had waited"
        if bought.is_posted:
            yield from _dealt_with(name, bought)


def _dealt_with(name: str, bought: PurchaseRows) -> Complaints:
    times = Counter([*bought.refused, *(back.return_id for back in bought.returns)])
    for return_id in bought.waiting:
        if times[return_id] != 1:
            yield f"{name}: {return_id} waited and was dealt with {times[return_id]} times"


def check_30_paid(books: Books) -> Complaints:
    named = {
        redemption_id: name
        for name, bought in books.purchases.items()
        for redemption_id in bought.paid_with
    }
    for redemption_id in named.keys() | books.spent.keys():
        if named.get(redemption_id) != books.spent.get(redemption_id):
            yield f"{redemption_id} paid for {books.spent.get(redemption_id)}, not as it is named"
        if books.ends.get(redemption_id, {}).get("ended_as") != "used":
            yield f"{redemption_id} paid for a purchase and was not used"
    for name, bought in books.purchases.items():
        spent = sum(books.redemptions.get(r, {}).get("points", 0) for r in bought.paid_with)
        back = came_back(bought)
        all_back = bought.minor > 0 and bought.returned()[1] == bought.minor
        if back > spent or (all_back and back != spent):
            yield f"{name}: {spent} points paid for it, {back} came back"
