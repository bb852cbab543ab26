"""Reads the raw items of the tables into plain figures, for whoever checks the books.

Shares no code with what wrote them but the names of attributes: a mistake of the writer's must
not be made a second time here.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

RawItem = Mapping[str, Mapping[str, Any]]
"""An item as DynamoDB's own API gives it."""


@dataclass(frozen=True, slots=True)
class Stock:
    """A limited reward's units: those there ever were, and those left in each counter."""

    units: int
    left: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a version of an offer says of what it counts. unit: of its budget, None without one.
    counts_uses: whether purchases, redemptions or gifts use a limit a member. award: the points of
    each, where it gives them for reaching a goal."""

    unit: str | None
    counts_uses: bool
    award: int | None


def terms_of(document: Mapping[str, Any]) -> Terms:
    """The terms that a version's document says."""
    challenge, effect, budget = document["challenge"], document["effect"], document["budget"]
    award = effect["points"] if challenge and effect["kind"] == "bonus_points" else None
    return Terms(
        budget["unit"] if budget else None, bool(document["member_limit"]) and not challenge, award
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What an offer may cost and give. budget: put into its counters, with what is left in each;
    None without one. number: what accounts call it. member_limit: uses a member in a period.
    versions: the terms of each."""

    number: int
    budget: Stock | None
    member_limit: int | None
    versions: Mapping[int, Terms]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything there is. zone: of the program, for months and days. offers: by id."""

    ledger: Sequence[RawItem]
    stocks: dict[str, Stock]
    zone: str = "Europe/Berlin"
    offers: dict[str, Limits] = field(default_factory=dict)


@dataclass(slots=True)
class EntryRow:
    """An entry. changes: of available, pending, debt. after: the same three, from the state."""

    account: str
    seq: int
    kind: str
    at: str
    cause: str
    changes: list[int]
    version: int
    why: str
    state: str
    previous: bytes
    commitment: bytes
    hash: bytes
    is_event: bool
    parts: dict[str, Any] = field(default_factory=dict)

    @property
    def expires(self) -> bool:
        """Whether it tells what has expired: the one kind that no record makes."""
        return self.kind == "expire"

    @property
    def points(self) -> int:
        return self.changes[0] + self.changes[1] - self.changes[2]

    @property
    def after(self) -> list[int]:
        available = sum(points for _, points in self.lots)
        pending = sum(points for _, _, points in (*self.waiting, *self.held))
        return [available, pending, self.parts.get("d", 0)]

    @property
    def lots(self) -> list[tuple[int | None, int]]:
        """(last day, points)"""
        flat = self.parts.get("l", [])
        return list(zip(flat[::2], flat[1::2], strict=True))

    @property
    def waiting(self) -> list[tuple[int, int | None, int]]:
        """(first day, last day, points)"""
        flat = self.parts.get("p", [])
        return list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))

    @property
    def held(self) -> list[tuple[int, int | None, int]]:
        """(first day, last day, points) of what waits for a review"""
        flat = self.parts.get("q", [])
        return list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))

    @property
    def months(self) -> list[tuple[int, int, int]]:
        """(purchases, spend_minor, qualifying points) of each month, newest first"""
        flat = self.parts.get("m", [])
        return list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))

    @property
    def lifetime(self) -> list[int]:
        """earned, redeemed, purchases, spend_minor, qualifying points"""
        return list(self.parts.get("t", (0, 0, 0, 0, 0)))

    @property
    def reasons(self) -> list[list[Any]]:
        return json.loads(self.why) if self.why else []

    def true_hash(self) -> bytes:
        """The hash that follows from everything else in the entry."""
        changes = ",".join(str(change) for change in self.changes)
        state = hashlib.sha256(self.state.encode()).digest()
        before = [self.account.encode(), self.previous]
        texts = [str(self.seq), self.kind, self.at, self.cause, changes, str(self.version)]
        middle = [text.encode() for text in (*texts, self.why)]
        return _hash(*before, *middle, state, self.commitment)


@dataclass(slots=True)
class Cause:
    """A record that may have made an entry. key: as entries name it. account: None for nobody.

    kind: of the entry that it makes, "" for one that makes none. points: the change it stands for.
    after: available, pending, debt as it says they were, None where it says nothing.
    """

    key: str
    kind: str
    account: str | None
    points: int
    after: list[int | None]
    is_event: bool
    why: str | None = None
    commitment: bytes | None = None


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """lines: (index, quantity, minor). taken: points, as it says; reasons: (rule, points, minor).
    budgets: (offer, shard, amount) that flowed back."""

    return_id: str
    lines: list[tuple[int, int, int]]
    taken: int
    reasons: list[list[Any]]
    budgets: list[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class OfferRow:
    """What an offer gave to a purchase, for a reward or as a gift. cost: as it says; paid: of its
    budget, in all shards."""

    offer_id: str
    number: int
    version: int
    points: int
    cost: int
    period: str | None
    paid: int


@dataclass(slots=True)
class PurchaseRows:
    """A purchase: what was bought by line (quantity, minor units), and what happened to it.

    number: its own, among all that stands under its name, whose numbers are `numbers`. waiting: ids
    of returns that came before it; refused: of those that did not fit it. paid_with: redemptions
    that it names.
    """

    name: str
    account: str | None = None
    occurred_at: str = ""
    lines: list[tuple[int, int]] = field(default_factory=list)
    earned: int = 0
    reasons: list[list[Any]] = field(default_factory=list)
    number: int = 0
    numbers: list[int] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    returns: list[ReturnRow] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    paid_with: list[str] = field(default_factory=list)
    offers: list[OfferRow] = field(default_factory=list)

    @property
    def is_posted(self) -> bool:
        """Whether it has come: returns may wait for one that has not."""
        return bool(self.lines)

    @property
    def owner(self) -> str | None:
        return self.account or next(iter(self.claims), None)

    @property
    def minor(self) -> int:
        return sum(minor for _, minor in self.lines)

    def returned(self) -> tuple[int, int]:
        """Quantity and minor units that came back."""
        rows = [row for back in self.returns for row in back.lines]
        return sum(row[1] for row in rows), sum(row[2] for row in rows)


@dataclass(slots=True)
class Books:
    """The snapshot, sorted."""

    entries: dict[str, list[EntryRow]] = field(default_factory=lambda: defaultdict(list))
    strangers: list[str] = field(default_factory=list)
    traits: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    causes: dict[str, Cause] = field(default_factory=dict)
    purchases: dict[str, PurchaseRows] = field(default_factory=dict)
    redemptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    ends: dict[str, dict[str, Any]] = field(default_factory=dict)
    spent: dict[str, str] = field(default_factory=dict)  # redemption -> purchase
    vouchers: list[dict[str, Any]] = field(default_factory=list)
    beside: list[dict[str, Any]] = field(default_factory=list)  # records that are no operation
    operations: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    stocks: dict[str, Stock] = field(default_factory=dict)
    offers: dict[str, Limits] = field(default_factory=dict)
    zone: str = ""
    groups: dict[str, set[str]] = field(default_factory=dict)

    def all_entries(self) -> Iterable[EntryRow]:
        for rows in self.entries.values():
            yield from rows

    def group(self, account: str) -> str:
        """Stands for an account and all those that have ever stood in for each other with it."""
        return min(self.groups.get(account, {account}))

    def is_alone(self, account: str) -> bool:
        """Whether no other account has ever stood in for it, nor it for another one."""
        return account not in self.groups


def read(snapshot: Snapshot) -> Books:
    """Sort a snapshot's items into books."""
    books = Books(stocks=snapshot.stocks, offers=snapshot.offers, zone=snapshot.zone)
    for item in sorted(snapshot.ledger, key=lambda item: (item["pk"]["S"], item["sk"]["S"])):
        row = {name: _value(typed) for name, typed in item.items()}
        _READERS.get(row["pk"].partition("#")[0], _read_stranger)(books, row)
    _find_groups(books)
    return books


def _find_groups(books: Books) -> None:
    """Which accounts stood in for each other. What happens to a purchase or redemption of one of
    them goes to the one that stands in for it."""
    for row in books.all_entries():
        if "o" in row.parts:
            pair = {row.account, row.parts["o"]}
            together = pair.union(*(books.groups.get(one, set()) for one in pair))
            books.groups.update(dict.fromkeys(together, together))
    for row in books.all_entries():
        cause = books.causes.get(row.cause)
        if cause is not None and cause.account in books.groups.get(row.account, ()):
            cause.account = row.account


def _value(typed: Mapping[str, Any]) -> Any:
    kind, value = next(iter(typed.items()))
    return int(value) if kind == "N" else value


def _read_stranger(books: Books, row: dict[str, Any]) -> None:
    books.strangers.append(f"{row['pk']} / {row['sk']}")


def _read_account(books: Books, row: dict[str, Any]) -> None:
    account = row["pk"].removeprefix("A#")
    if row["sk"] == "T":
        books.traits[account] += 1
        return
    if not row["sk"].startswith("E#"):
        _read_stranger(books, row)
        return
    entry = EntryRow(
        account=account,
        seq=int(row["sk"].removeprefix("E#")),
        kind=row["k"],
        at=row["at"],
        cause=row["c"],
        changes=[int(part) for part in row["x"].split(",")],
        version=row["v"],
        why=row.get("w", ""),
        state=row["s"],
        previous=row["p"],
        commitment=row.get("m", b""),
        hash=row["h"],
        is_event=row.get("ev") == 1,
        parts=json.loads(row["s"]),
    )
    books.entries[account].append(entry)


def _read_purchase(books: Books, row: dict[str, Any]) -> None:
    name = row["pk"].removeprefix("P#")
    rows = books.purchases.setdefault(name, PurchaseRows(name))
    rows.numbers.append(int(row["sk"]))
    key = f"purchase:{name}:{int(row['sk'])}"
    if row["t"] in ("W", "F"):
        _read_waiting(books, rows, key, row)
        return
    figures, reasons = json.loads(row["g"]), json.loads(row.get("w") or "[]")
    if row["t"] in ("P", "K"):
        figures, rows.reasons = figures[0], reasons or rows.reasons
    if row["t"] == "P":
        details = json.loads(row["d"])
        rows.account, rows.occurred_at = row.get("a"), details[1]
        rows.lines, rows.earned = [(line[2], line[3]) for line in details[3]], figures[0]
        tenders = details[4] if len(details) > 4 and details[4] else []
        rows.paid_with = [tender[2] for tender in tenders if len(tender) > 2]
        rows.number = int(row["sk"])
        rows.offers = [_offer(*offer) for offer in json.loads(row.get("o", "[[]]"))[0]]
        account, kind, points, after = rows.account, "earn", figures[0], figures[3:6]
    elif row["t"] == "K":
        rows.claims.append(row["a"])
        rows.earned = figures[0]
        account, kind, points, after = row["a"], "earn", figures[0], figures[3:6]
    else:
        return_id, lines = json.loads(row["d"])
        budgets = [
            (offer, shard, amount) for offer, shard, amount in json.loads(row.get("o", "[]"))
        ]
        rows_back = [(i, q, m) for i, q, m in lines]
        back = ReturnRow(return_id, rows_back, figures[0], reasons, budgets)
        rows.returns.append(back)
        account, kind, after = rows.owner, "return", figures[5:8]
        points = figures[4] - figures[0]
    why = row.get("w", "")
    committed = _hash(row["z"], row["d"].encode()) if "z" in row else b""
    kind, is_event = kind if account else "", row.get("ev") == 1
    books.causes[key] = Cause(key, kind, account, points, after, is_event, why, committed)


def _offer(  # the places of a packed row
    offer_id: str,
    number: int,
    version: int,
    points: int,
    _minor: int,
    cost: int = 0,
    period: str | None = None,
    shards: Sequence[Sequence[int]] = (),
) -> OfferRow:
    paid = sum(part for _, part in shards)
    return OfferRow(offer_id, number, version, points, cost, period, paid)


def _read_waiting(books: Books, rows: PurchaseRows, key: str, row: dict[str, Any]) -> None:
    """A return that waits, or one that had waited and was refused beside the purchase."""
    return_id = json.loads(row["d"])[0]
    if row["t"] == "F":
        rows.refused.append(return_id)
        books.beside.append(row)
        return
    rows.waiting.append(return_id)
    books.causes[key] = Cause(key, "", None, 0, [None] * 3, row.get("ev") == 1)


def _read_redemption(books: Books, row: dict[str, Any]) -> None:
    record = json.loads(row["d"])
    redemption_id, is_event = row["pk"].removeprefix("X#"), row.get("ev") == 1
    key = f"redemption:{redemption_id}"
    if row["sk"] == "0":
        books.redemptions[redemption_id] = record
        after = [record["available_after"], None, None]
        books.causes[key] = Cause(
            key, "redeem", record["account_id"], -record["points"], after, is_event
        )
        return
    if row["sk"] == "2":
        books.spent[redemption_id] = record["purchase"]
        books.beside.append(row)
        return
    books.ends[redemption_id] = record
    kind = "" if record["ended_as"] == "used" else "cancel"
    account = books.redemptions.get(redemption_id, {}).get("account_id")
    after = [record["available_after"], None, None]
    end = f"{key}:end"
    books.causes[end] = Cause(end, kind, account, record["returned"], after, is_event)


def _read_voucher(books: Books, row: dict[str, Any]) -> None:
    books.vouchers.append(json.loads(row["d"]) | {"ev": row.get("ev")})


def _read_operation(books: Books, row: dict[str, Any]) -> None:
    record = json.loads(row["d"])
    kind, name, answer = record["kind"], record["name"], record["answer"]
    books.operations[kind, name] = answer | {"ev": row.get("ev")}
    key, is_event = f"{kind}:{name}", row.get("ev") == 1
    if kind in ("adjustment", "adjustment_end"):
        moves = answer["status"] in ("done", "approved")
        after = [answer["available_after"], answer["pending_after"], answer["debt_after"]]
        books.causes[key] = Cause(
            key,
            "adjust" if moves else "",
            answer["account_id"],
            answer["points"] if moves else 0,
            after,
            is_event,
        )
    elif kind == "import":
        books.causes[key] = _imported(key, answer, is_event)
    elif kind == "survey":
        after = [answer[f"{figure}_after"] for figure in ("available", "pending", "debt")]
        moved = "bonus" if answer["points"] else ""
        points, account = answer["points"], answer["member_id"]
        books.causes[key] = Cause(key, moved, account, points, after, is_event)
    elif kind == "gift":
        after = [answer[f"{figure}_after"] for figure in ("available", "pending", "debt")]
        points, account = answer["points"], answer["member_id"]
        books.causes[key] = Cause(key, "bonus", account, points, after, is_event)
    elif kind == "status":
        books.causes[key] = Cause(key, "status", None, 0, [None] * 3, is_event)
    elif kind == "referral":
        _read_referral(books, key, answer, is_event)
    elif kind == "review":
        books.causes[key] = Cause(key, "status", answer["member_id"], 0, [None] * 3, is_event)
    elif kind == "review_end":
        books.causes[key] = _reviewed(key, answer, is_event)
    elif kind in _BETWEEN:
        _read_move(books, key, *_BETWEEN[kind], answer, is_event)


def _read_referral(books: Books, key: str, answer: dict[str, Any], is_event: bool) -> None:
    for side, name in (("joined", key), ("brought", f"{key}:other")):
        points = answer[f"{side}_points"]
        if points:
            after = [answer[f"{side}_{f}_after"] for f in ("available", "pending", "debt")]
            books.causes[name] = Cause(name, "bonus", answer[side], points, after, is_event)


def _reviewed(key: str, answer: dict[str, Any], is_event: bool) -> Cause:
    """What is released was there before; what is forfeited is taken, if there was anything."""
    after = [answer[f"{figure}_after"] for figure in ("available", "pending", "debt")]
    taken = answer["points"] if answer["outcome"] == "forfeit" else 0
    kind = "adjust" if taken else "status"
    if answer["decided"] != "done":
        kind, taken = "", 0
    return Cause(key, kind, answer["member_id"], -taken, after, is_event)


def _imported(key: str, answer: dict[str, Any], is_event: bool) -> Cause:
    """A balance moves points, unless it is zero; a purchase of before makes an entry of none."""
    balance = answer["of"] == "balances"
    kind = ("adjust" if answer["points"] else "") if balance else "earn"
    after = [answer[f"{figure}_after"] for figure in ("available", "pending", "debt")]
    points = answer["points"] if balance else 0
    return Cause(key, kind, answer["member_id"], points, after, is_event)


_BETWEEN = {
    "transfer": ("transfer_out", "transfer_in"),
    "transfer_end": ("transfer_out", "transfer_in"),
    "merge": ("merge", "merge"),
    "merge_end": ("merge", "merge"),
    "household_join": ("merge", "merge"),
    "household_leave": ("merge", "merge"),
}
"""What is between two accounts: the kind of the entry of the one that points come from, and of the
other one."""


def _read_move(
    books: Books, key: str, out: str, into: str, answer: dict[str, Any], is_event: bool
) -> None:
    nothing: list[int | None] = [None] * 3
    points, other = answer["points"], f"{key}:other"
    books.causes[key] = Cause(key, out, answer["from"], -points, nothing, is_event)
    books.causes[other] = Cause(other, into, answer["to"], points, nothing, is_event)


_READERS = {
    "A": _read_account,
    "P": _read_purchase,
    "X": _read_redemption,
    "V": _read_voucher,
    "C": _read_operation,
}


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(len(p).to_bytes(4, "big") + p for p in parts)).digest()
