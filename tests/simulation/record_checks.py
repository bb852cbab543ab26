"""The sentences of `docs/invariants.md` about sums, purchases, redemptions, stock and approvals
(13 to 25)."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulation.books import Books, PurchaseRows

MONTHS_KEPT = 27

NOT_COUNTED = ("expired", "reward:")
"""How reasons of a return begin that say what it did not take, or what it gave back."""

_NO_TIER = ("tier:", "gift:", "offer:", "award:")
"""How reasons begin whose points count for no tier."""

_OF_SEVERAL = ("gift:", "award:")
"""How reasons begin of what several purchases gave together."""

Complaints = Iterator[str]


# --- sums ------------------------------------------------------------------------------------


def check_13_points(books: Books) -> Complaints:
    sums: Counter[str] = Counter()
    for cause in books.causes.values():
        if cause.account and cause.kind:
            sums[cause.account] += cause.points
    for account, rows in books.entries.items():
        sums[account] += sum(row.points for row in rows if row.expires)
        available, pending, debt = rows[-1].after
        if sums[account] != available + pending - debt:
            yield f"{account} has {rows[-1].after}, its records say {sums[account]}"


def check_14_lifetime(books: Books) -> Complaints:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for bought in books.purchases.values():
        if bought.owner:
            for place, figure in zip((2, 3, 4, 0), _counted(bought), strict=True):
                sums[books.group(bought.owner)][place] += figure
            sums[books.group(bought.owner)][1] -= came_back(bought)
    for bought_before in _bought_before(books):
        points, minor = bought_before["points"], bought_before["amount_minor"]
        row = sums[books.group(bought_before["member_id"])]
        for place, figure in enumerate((points, 0, 1, minor, points)):
            row[place] += figure
    for redemption_id, record in books.redemptions.items():
        back = books.ends.get(redemption_id, {}).get("returned", 0)
        sums[books.group(record["account_id"])][1] += record["points"] - back
    for group, figures in _lifetimes(books).items():
        if figures != sums[group]:
            yield f"{group} remembers {figures}, its records say {sums[group]}"


def _lifetimes(books: Books) -> dict[str, list[int]]:
    held: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for account, rows in books.entries.items():
        for place, figure in enumerate(rows[-1].lifetime):
            held[books.group(account)][place] += figure
    return held


def came_back(bought: PurchaseRows) -> int:
    """The points spent on a purchase that its returns gave back."""
    reasons = [reason for back in bought.returns for reason in back.reasons]
    return sum(reason[1] for reason in reasons if reason[0].startswith("reward:"))


def _counted(bought: PurchaseRows) -> tuple[int, int, int, int]:
    """purchases, spend_minor, qualifying points and points that a purchase stands for today."""
    quantity, minor = bought.returned()
    gone = minor == bought.minor if bought.minor else quantity == sum(q for q, _ in bought.lines)
    reasons = [*bought.reasons, *(reason for back in bought.returns for reason in back.reasons)]
    given = [reason for reason in reasons if not reason[0].startswith(NOT_COUNTED)]
    qualifying = [reason[1] for reason in given if not reason[0].startswith(_NO_TIER)]
    points = sum(reason[1] for reason in given)
    return (0 if gone else 1), bought.minor - minor, sum(qualifying), points


def _bought_before(books: Books) -> list[dict[str, Any]]:
    """Records of the purchases that were imported."""
    imported = (answer for (kind, _), answer in books.operations.items() if kind == "import")
    return [answer for answer in imported if answer["of"] == "history"]


def check_15_months(books: Books) -> Complaints:
    sums: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for bought in books.purchases.values():
        if bought.owner:
            month = _month(bought.occurred_at, books.zone)
            for place, figure in enumerate(_counted(bought)[:3]):
                sums[books.group(bought.owner)][month][place] += figure
    for bought_before in _bought_before(books):
        year, number, _ = map(int, bought_before["occurred_on"].split("-"))
        row = sums[books.group(bought_before["member_id"])][year * 12 + number - 1]
        for place, name in enumerate(("purchases", "amount_minor", "points")):
            row[place] += bought_before.get(name, 1)
    for group, months in _months(books).items():
        newest = max(sums[group], default=0)
        told, expected = (_told(rows, newest) for rows in (months, sums[group]))
        if told != expected:
            yield f"{group} has the months {told}, its purchases say {expected}"


def _months(books: Books) -> dict[str, dict[int, list[int]]]:
    held: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for account, rows in books.entries.items():
        base = rows[-1].parts.get("b", 0)
        for back, row in enumerate(rows[-1].months):
            for place, figure in enumerate(row):
                held[books.group(account)][base - back][place] += figure
    return held


def _told(months: dict[int, list[int]], newest: int) -> dict[int, list[int]]:
    """The months that an account still tells, as long as it has had that newest one."""
    return {
        month: row for month, row in months.items() if month > newest - MONTHS_KEPT and any(row)
    }


def _month(occurred_at: str, zone: str) -> int:
    day = datetime.fromisoformat(occurred_at).astimezone(ZoneInfo(zone))
    return day.year * 12 + day.month - 1


def check_16_uses(books: Books) -> Complaints:
    open_uses: Counter[tuple[str, str, str]] = Counter()
    for redemption_id, record in books.redemptions.items():
        if record["use"] and not books.ends.get(redemption_id, {}).get("returned"):
            open_uses[record["account_id"], record["use"][0], record["use"][1]] += 1
    for (kind, name), answer in books.operations.items():
        if kind == "transfer" and ("transfer_end", name) not in books.operations:
            open_uses[answer["from"], "transfer", answer["sent_on"][:7]] += answer["points"]
    for account, rows in books.entries.items():
        if not books.is_alone(account):
            continue  # limits come along with whoever joins, and stay when they leave
        for reward, period, count in rows[-1].parts.get("u", ()):
            if open_uses[account, reward, period] != count:
                counted = open_uses[account, reward, period]
                yield f"{account} counts {count} uses of {reward} in {period}, there are {counted}"


# --- purchases -------------------------------------------------------------------------------


def check_17_events_of_purchases(books: Books) -> Complaints:
    for name, bought in books.purchases.items():
        if bought.numbers != list(range(len(bought.numbers))):
            yield f"{name} has the numbers {bought.numbers}"
        if bought.is_posted and bought.number != len(bought.waiting):
            yield f"{name} has number {bought.number} behind {len(bought.waiting)} returns"
        if not bought.is_posted and len(bought.numbers) > len(bought.waiting):
            yield f"{name} has events and no purchase"
        if len(bought.claims) + bool(bought.account) > 1:
            yield f"{name} belongs to {bought.account} and to {bought.claims}"


def check_18_returns(books: Books) -> Complaints:
    for name, bought in books.purchases.items():
        left = [list(line) for line in bought.lines]
        for back in bought.returns:
            for index, quantity, minor in back.lines:
                left[index][0] -= quantity
                left[index][1] -= minor
        if any(figure < 0 for line in left for figure in line):
            yield f"{name}: more came back than was bought: {left}"
        ids = [back.return_id for back in bought.returns]
        if len(set(ids)) < len(ids):
            yield f"{name}: a return stands twice: {ids}"


def check_19_taken(books: Books) -> Complaints:
    for name, bought in books.purchases.items():
        given = sum(r[1] for r in bought.reasons if not r[0].startswith(_OF_SEVERAL))
        reasons = [reason for back in bought.returns for reason in back.reasons]
        own = [r for r in reasons if not r[0].startswith((*_OF_SEVERAL, *NOT_COUNTED))]
        went = -sum(reason[1] for reason in own)
        all_back = bought.minor > 0 and bought.returned()[1] == bought.minor
        if went > given or (all_back and went != given):
            yield f"{name} gave {given} points, its returns undid {went}"
        for back in bought.returns:
            if back.taken < 0:
                yield f"{name}: the return {back.return_id} took {back.taken}"


def check_20_claim_codes(books: Books) -> Complaints:
    leads = Counter(
        answer["purchase"] for (kind, _), answer in books.operations.items() if kind == "claim_code"
    )
    posted = {name: bought for name, bought in books.purchases.items() if bought.is_posted}
    guests = {name for name, bought in posted.items() if bought.account is None}
    for name in guests | leads.keys():
        if leads[name] != (name in guests):
            yield f"{name} has {leads[name]} claim codes"


# --- redemptions, stock, approvals -----------------------------------------------------------


def check_21_ends(books: Books) -> Complaints:
    for redemption_id in books.ends.keys() - books.redemptions.keys():
        yield f"{redemption_id} ended and was never issued"


def check_22_vouchers(books: Books) -> Complaints:
    vouchers = Counter(voucher["redemption_id"] for voucher in books.vouchers)
    for redemption_id in vouchers.keys() | books.redemptions.keys():
        if vouchers[redemption_id] != (redemption_id in books.redemptions):
            yield f"{redemption_id} has {vouchers[redemption_id]} vouchers"


def check_23_given_back(books: Books) -> Complaints:
    for redemption_id, record in books.redemptions.items():
        if sum(lot["points"] for lot in record["lots"]) != record["points"]:
            yield f"{redemption_id}: its lots are not its points"
    for redemption_id, end in books.ends.items():
        points = books.redemptions.get(redemption_id, {}).get("points", 0)
        if end["returned"] != (0 if end["ended_as"] == "used" else points):
            yield f"{redemption_id} ended as {end['ended_as']} and gave back {end['returned']}"


def check_24_stock(books: Books) -> Complaints:
    out: Counter[str] = Counter()
    for redemption_id, record in books.redemptions.items():
        if record["stock_shard"] is not None and not books.ends.get(redemption_id, {}).get(
            "returned"
        ):
            out[record["reward"]["reward_id"]] += 1
    for reward, stock in books.stocks.items():
        if min(stock.left) < 0 or sum(stock.left) + out[reward] != stock.units:
            yield f"{reward}: {stock.left} left and {out[reward]} out of {stock.units}"


def check_25_approvals(books: Books) -> Complaints:
    for (kind, name), answer in books.operations.items():
        if kind == "adjustment_end":
            asked = books.operations.get(("adjustment", name), {})
            if asked.get("status") != "awaiting_approval" or asked.get("by") == answer["by"]:
                yield f"{name} was {answer['status']} by {answer['by']}, asked for: {asked}"
