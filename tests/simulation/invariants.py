"""Checks the sentences of `docs/invariants.md`, each by its number, on a snapshot of raw items."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulation.books import Books, Cause, EntryRow, PurchaseRows, Snapshot, Stock, read

LARGEST_STATE_BYTES = 3_000
MONTHS_KEPT = 13

Complaints = Iterator[str]


def broken(snapshot: Snapshot) -> list[str]:
    """Every breach of an invariant, as `<number>. <what is wrong>`; empty when all hold."""
    books = read(snapshot)
    return [f"{number}. {text}" for number, check in CHECKS.items() for text in check(books)]


def scanned(dynamodb: Any, names: Mapping[str, str], zone: str = "Europe/Berlin") -> Snapshot:
    """Everything in the real tables, read with boto3's client. names: as in a local stack."""
    ledger = list(_items(dynamodb, names["LedgerTable"]))
    units: dict[str, int] = {}
    left: dict[str, list[int]] = defaultdict(list)
    for item in _items(dynamodb, names["ConfigTable"]):
        if item["pk"]["S"] == "REWARD":
            units[item["sk"]["S"]] = int(item["units"]["N"])
        elif item["pk"]["S"].startswith("STOCK#"):
            left[item["pk"]["S"].removeprefix("STOCK#")].append(int(item["remaining"]["N"]))
    stocks = {reward: Stock(units[reward], tuple(shards)) for reward, shards in left.items()}
    return Snapshot(ledger, stocks, zone)


def _items(dynamodb: Any, table: str) -> Iterator[Any]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    for page in pages:
        yield from page["Items"]


# --- accounts --------------------------------------------------------------------------------


def _1_numbers(books: Books) -> Complaints:
    for account, rows in books.entries.items():
        if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
            yield f"{account} has a gap: {[row.seq for row in rows]}"
        if [row.seq for row in rows if row.kind == "open"] != [1]:
            yield f"{account} is not opened by its first entry alone"
    yield from (f"{stranger} does not belong here" for stranger in books.strangers)


def _2_chain(books: Books) -> Complaints:
    for account, rows in books.entries.items():
        seed = b"".join(
            len(part).to_bytes(4, "big") + part for part in (b"stampbook/account", account.encode())
        )
        expected = hashlib.sha256(seed).digest()
        for row in rows:
            if row.previous != expected or row.hash != row.true_hash():
                yield f"{account} {row.seq}: the hash does not follow"
            expected = row.hash


def _3_changes(books: Books) -> Complaints:
    for account, rows in books.entries.items():
        before = [0, 0, 0]
        for row in rows:
            if [b + c for b, c in zip(before, row.changes, strict=True)] != row.after:
                yield f"{account} {row.seq}: {before} and {row.changes} do not make {row.after}"
            before = row.after


def _4_no_negative(books: Books) -> Complaints:
    for row in books.all_entries():
        months = [figure for month in row.parts.get("m", ()) for figure in month]
        uses = [use[2] for use in row.parts.get("u", ())]
        if min([*row.after, *row.lifetime, *months, *uses]) < 0:
            yield f"{row.account} {row.seq}: something is negative in {row.state}"
        if row.after[0] and row.after[2]:
            yield f"{row.account} {row.seq}: available points beside debt"
        lots = row.parts.get("l", [])
        if any(points <= 0 for _, points in lots) or len({day for day, _ in lots}) < len(lots):
            yield f"{row.account} {row.seq}: lots {lots}"


def _5_time(books: Books) -> Complaints:
    for account, rows in books.entries.items():
        for earlier, later in pairwise(rows):
            if later.at < earlier.at:
                yield f"{account} {later.seq}: {later.at} after {earlier.at}"


def _6_size(books: Books) -> Complaints:
    for row in books.all_entries():
        if len(row.state.encode()) > LARGEST_STATE_BYTES:
            yield f"{row.account} {row.seq}: {len(row.state.encode())} bytes"


# --- entries and their causes ----------------------------------------------------------------


def _caused(books: Books) -> Iterator[tuple[EntryRow, Cause]]:
    for row in books.all_entries():
        cause = books.causes.get(row.cause)
        if row.seq > 1 and cause is not None:
            yield row, cause


def _7_causes(books: Books) -> Complaints:
    named = Counter(row.cause for row in books.all_entries() if row.seq > 1)
    for key, times in named.items():
        if key not in books.causes:
            yield f"there is no {key}"
        if times > 1:
            yield f"{key} made {times} entries"
    for key, cause in books.causes.items():
        if cause.kind and key not in named:
            yield f"{key} made no entry"
    for row, cause in _caused(books):
        if cause.account not in (row.account, None):
            yield f"{row.cause} belongs to {cause.account} and made an entry of {row.account}"


def _8_kinds(books: Books) -> Complaints:
    for row, cause in _caused(books):
        if row.kind != cause.kind:
            yield f"{row.cause}: an entry of kind {row.kind} for {cause.kind or 'nothing'}"


def _9_figures(books: Books) -> Complaints:
    for row, cause in _caused(books):
        if row.points != cause.points:
            yield f"{row.cause} says {cause.points} points, its entry {row.points}"
        said = zip(cause.after, row.after, strict=True)
        if any(one is not None and one != other for one, other in said):
            yield f"{row.cause} says {cause.after} afterwards, its entry {row.after}"


def _10_events(books: Books) -> Complaints:
    entry_of = {row.cause: row for row in books.all_entries() if row.seq > 1}
    for key, cause in books.causes.items():
        marked = cause.is_event + (key in entry_of and entry_of[key].is_event)
        if marked != 1 or (cause.is_event and key in entry_of):
            yield f"{key} is marked {marked} times"
    for rows in books.entries.values():
        if not rows[0].is_event:
            yield f"{rows[0].account} was opened without an event"
    beside = [*books.vouchers, *(o for (k, _), o in books.operations.items() if k == "claim_code")]
    if any(row["ev"] for row in beside):
        yield "a voucher or a claim code is marked beside what it belongs to"


def _11_reasons(books: Books) -> Complaints:
    for row in books.all_entries():
        if row.kind in ("earn", "return", "redeem", "cancel"):
            total = sum(reason[1] for reason in row.reasons)
            if total != row.points:
                yield f"{row.account} {row.seq}: reasons for {total} points, not {row.points}"
    for row, cause in _caused(books):
        if cause.why is not None and cause.why != row.why:
            yield f"{row.cause} keeps other reasons than its entry"


def _12_commitments(books: Books) -> Complaints:
    for row, cause in _caused(books):
        if cause.commitment is not None and cause.commitment != row.commitment:
            yield f"{row.cause}: the entry is committed to other details"


# --- sums ------------------------------------------------------------------------------------


def _13_points(books: Books) -> Complaints:
    sums: Counter[str] = Counter()
    for cause in books.causes.values():
        if cause.account and cause.kind:
            sums[cause.account] += cause.points
    for account, rows in books.entries.items():
        available, pending, debt = rows[-1].after
        if sums[account] != available + pending - debt:
            yield f"{account} has {rows[-1].after}, its records say {sums[account]}"


def _14_lifetime(books: Books) -> Complaints:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for bought in books.purchases.values():
        if bought.owner:
            for place, figure in zip((2, 3, 0), _counted(bought), strict=True):
                sums[bought.owner][place] += figure
    for redemption_id, record in books.redemptions.items():
        back = books.ends.get(redemption_id, {}).get("returned", 0)
        sums[record["account_id"]][1] += record["points"] - back
    for account, rows in books.entries.items():
        if rows[-1].lifetime != sums[account]:
            yield f"{account} remembers {rows[-1].lifetime}, its records say {sums[account]}"


def _counted(bought: PurchaseRows) -> tuple[int, int, int]:
    """purchases, spend_minor and points that a purchase stands for today."""
    quantity, minor = bought.returned()
    gone = minor == bought.minor if bought.minor else quantity == sum(q for q, _ in bought.lines)
    taken = sum(points for _, _, points in bought.returns)
    return (0 if gone else 1), bought.minor - minor, bought.earned - taken


def _15_months(books: Books) -> Complaints:
    sums: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for bought in books.purchases.values():
        if bought.owner:
            month = _month(bought.occurred_at, books.zone)
            for place, figure in enumerate(_counted(bought)):
                sums[bought.owner][month][place] += figure
    for account, rows in books.entries.items():
        base, months = rows[-1].parts.get("b", 0), rows[-1].parts.get("m", [])
        held = {base - back: list(row) for back, row in enumerate(months) if any(row)}
        newest = max(sums[account], default=0)
        expected = {
            month: row
            for month, row in sums[account].items()
            if month > newest - MONTHS_KEPT and any(row)
        }
        if held != expected:
            yield f"{account} has the months {held}, its purchases say {expected}"


def _month(occurred_at: str, zone: str) -> int:
    day = datetime.fromisoformat(occurred_at).astimezone(ZoneInfo(zone))
    return day.year * 12 + day.month - 1


def _16_uses(books: Books) -> Complaints:
    open_uses: Counter[tuple[str, str, str]] = Counter()
    for redemption_id, record in books.redemptions.items():
        if record["use"] and not books.ends.get(redemption_id, {}).get("returned"):
            open_uses[record["account_id"], record["use"][0], record["use"][1]] += 1
    for account, rows in books.entries.items():
        for reward, period, count in rows[-1].parts.get("u", ()):
            if open_uses[account, reward, period] != count:
                counted = open_uses[account, reward, period]
                yield f"{account} counts {count} uses of {reward} in {period}, there are {counted}"


# --- purchases -------------------------------------------------------------------------------


def _17_events_of_purchases(books: Books) -> Complaints:
    for name, bought in books.purchases.items():
        if bought.numbers != list(range(1, len(bought.numbers) + 1)):
            yield f"{name} has the events {bought.numbers}"
        if not bought.lines:
            yield f"{name} has events and no purchase"
        if len(bought.claims) + bool(bought.account) > 1:
            yield f"{name} belongs to {bought.account} and to {bought.claims}"


def _18_returns(books: Books) -> Complaints:
    for name, bought in books.purchases.items():
        left = [list(line) for line in bought.lines]
        for _, rows, _ in bought.returns:
            for index, quantity, minor in rows:
                left[index][0] -= quantity
                left[index][1] -= minor
        if any(figure < 0 for line in left for figure in line):
            yield f"{name}: more came back than was bought: {left}"
        ids = [return_id for return_id, _, _ in bought.returns]
        if len(set(ids)) < len(ids):
            yield f"{name}: a return stands twice: {ids}"


def _19_taken(books: Books) -> Complaints:
    for name, bought in books.purchases.items():
        taken = sum(points for _, _, points in bought.returns)
        all_back = bought.minor > 0 and bought.returned()[1] == bought.minor
        if taken > bought.earned or (all_back and taken != bought.earned):
            yield f"{name} gave {bought.earned} points, its returns took {taken}"


def _20_claim_codes(books: Books) -> Complaints:
    leads = Counter(
        answer["purchase"] for (kind, _), answer in books.operations.items() if kind == "claim_code"
    )
    guests = {name for name, bought in books.purchases.items() if bought.account is None}
    for name in guests | leads.keys():
        if leads[name] != (name in guests):
            yield f"{name} has {leads[name]} claim codes"


# --- redemptions, stock, approvals -----------------------------------------------------------


def _21_ends(books: Books) -> Complaints:
    for redemption_id in books.ends.keys() - books.redemptions.keys():
        yield f"{redemption_id} ended and was never issued"


def _22_vouchers(books: Books) -> Complaints:
    vouchers = Counter(voucher["redemption_id"] for voucher in books.vouchers)
    for redemption_id in vouchers.keys() | books.redemptions.keys():
        if vouchers[redemption_id] != (redemption_id in books.redemptions):
            yield f"{redemption_id} has {vouchers[redemption_id]} vouchers"


def _23_given_back(books: Books) -> Complaints:
    for redemption_id, record in books.redemptions.items():
        if sum(lot["points"] for lot in record["lots"]) != record["points"]:
            yield f"{redemption_id}: its lots are not its points"
    for redemption_id, end in books.ends.items():
        points = books.redemptions.get(redemption_id, {}).get("points", 0)
        if end["returned"] != (0 if end["ended_as"] == "used" else points):
            yield f"{redemption_id} ended as {end['ended_as']} and gave back {end['returned']}"


def _24_stock(books: Books) -> Complaints:
    out: Counter[str] = Counter()
    for redemption_id, record in books.redemptions.items():
        if record["stock_shard"] is not None and not books.ends.get(redemption_id, {}).get(
            "returned"
        ):
            out[record["reward"]["reward_id"]] += 1
    for reward, stock in books.stocks.items():
        if min(stock.left) < 0 or sum(stock.left) + out[reward] != stock.units:
            yield f"{reward}: {stock.left} left and {out[reward]} out of {stock.units}"


def _25_approvals(books: Books) -> Complaints:
    for (kind, name), answer in books.operations.items():
        if kind == "adjustment_end":
            asked = books.operations.get(("adjustment", name), {})
            if asked.get("status") != "awaiting_approval" or asked.get("by") == answer["by"]:
                yield f"{name} was {answer['status']} by {answer['by']}, asked for: {asked}"


CHECKS: dict[int, Callable[[Books], Complaints]] = {
    1: _1_numbers,
    2: _2_chain,
    3: _3_changes,
    4: _4_no_negative,
    5: _5_time,
    6: _6_size,
    7: _7_causes,
    8: _8_kinds,
    9: _9_figures,
    10: _10_events,
    11: _11_reasons,
    12: _12_commitments,
    13: _13_points,
    14: _14_lifetime,
    15: _15_months,
    16: _16_uses,
    17: _17_events_of_purchases,
    18: _18_returns,
    19: _19_taken,
    20: _20_claim_codes,
    21: _21_ends,
    22: _22_vouchers,
    23: _23_given_back,
    24: _24_stock,
    25: _25_approvals,
}
