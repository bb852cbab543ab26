"""The sentences of `docs/invariants.md` about accounts, entries and their causes (1 to 12)."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from tests.simulation.books import Books, Cause, EntryRow

LARGEST_STATE_BYTES = 7_500

Complaints = Iterator[str]


# --- accounts --------------------------------------------------------------------------------


def check_1_numbers(books: Books) -> Complaints:
    for account, rows in books.entries.items():
        if [row.seq for row in rows] != list(range(1, len(rows) + 1)):
            yield f"{account} has a gap: {[row.seq for row in rows]}"
        if [row.seq for row in rows if row.kind == "open"] != [1]:
            yield f"{account} is not opened by its first entry alone"
    yield from (f"{stranger} does not belong here" for stranger in books.strangers)


def check_2_chain(books: Books) -> Complaints:
    for account, rows in books.entries.items():
        seed = b"".join(
            len(part).to_bytes(4, "big") + part for part in (b"stampbook/account", account.encode())
        )
        expected = hashlib.sha256(seed).digest()
        for row in rows:
            if row.previous != expected or row.hash != row.true_hash():
                yield f"{account} {row.seq}: the hash does not follow"
            expected = row.hash


def check_3_changes(books: Books) -> Complaints:
    for account, rows in books.entries.items():
        before = [0, 0, 0]
        for row in rows:
            if [b + c for b, c in zip(before, row.changes, strict=True)] != row.after:
                yield f"{account} {row.seq}: {before} and {row.changes} do not make {row.after}"
            before = row.after


def check_4_no_negative(books: Books) -> Complaints:
    for row in books.all_entries():
        months = [figure for month in row.months for figure in month]
        uses = [use[2] for use in row.parts.get("u", ())]
        # What a purchase had counted can have moved to another account since.
        counted = [*row.lifetime, *months] if books.is_alone(row.account) else []
        if min([*row.after, *counted, *uses, 0]) < 0:
            yield f"{row.account} {row.seq}: something is negative in {row.state}"
        if row.after[0] and row.after[2]:
            yield f"{row.account} {row.seq}: available points beside debt"
        lots = row.lots
        if any(points <= 0 for _, points in lots) or len({day for day, _ in lots}) < len(lots):
            yield f"{row.account} {row.seq}: lots {lots}"
        days = [(first, last) for first, last, _ in row.waiting]
        if any(points <= 0 for _, _, points in row.waiting) or len(set(days)) < len(days):
            yield f"{row.account} {row.seq}: pending lots {row.waiting}"
        days = [(first, last) for first, last, _ in row.held]
        if any(points <= 0 for _, _, points in row.held) or len(set(days)) < len(days):
            yield f"{row.account} {row.seq}: held lots {row.held}"
        if row.held and "w" not in row.parts:
            yield f"{row.account} {row.seq}: {row.held} are held, and nobody looks"


def check_5_time(books: Books) -> Complaints:
    for account, rows in books.entries.items():
        for earlier, later in pairwise(rows):
            if later.at < earlier.at:
                yield f"{account} {later.seq}: {later.at} after {earlier.at}"


def check_6_size(books: Books) -> Complaints:
    for row in books.all_entries():
        if len(row.state.encode()) > LARGEST_STATE_BYTES:
            yield f"{row.account} {row.seq}: {len(row.state.encode())} bytes"


# --- entries and their causes ----------------------------------------------------------------


def _caused(books: Books) -> Iterator[tuple[EntryRow, Cause]]:
    for row in books.all_entries():
        cause = books.causes.get(row.cause)
        if row.seq > 1 and cause is not None:
            yield row, cause


def check_7_causes(books: Books) -> Complaints:
    named = Counter(row.cause for row in books.all_entries() if row.seq > 1 and not row.expires)
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


def check_8_kinds(books: Books) -> Complaints:
    for row, cause in _caused(books):
        if row.kind != cause.kind:
            yield f"{row.cause}: an entry of kind {row.kind} for {cause.kind or 'nothing'}"


def check_9_figures(books: Books) -> Complaints:
    for row, cause in _caused(books):
        if row.points != cause.points:
            yield f"{row.cause} says {cause.points} points, its entry {row.points}"
        said = zip(cause.after, row.after, strict=True)
        if any(one is not None and one != other for one, other in said):
            yield f"{row.cause} says {cause.after} afterwards, its entry {row.after}"


def check_10_events(books: Books) -> Complaints:
    entry_of = {row.cause: row for row in books.all_entries() if row.seq > 1}
    for key, cause in books.causes.items():
        marked = cause.is_event + (key in entry_of and entry_of[key].is_event)
        if marked != 1 or (cause.is_event and key in entry_of):
            yield f"{key} is marked {marked} times"
    for rows in books.entries.values():
        if not rows[0].is_event:
            yield f"{rows[0].account} was opened without an event"
        for row in rows:
            if row.expires and not row.is_event:
                yield f"{row.account} {row.seq}: points expired and nobody was told"
    leads = [o for (kind, _), o in books.operations.items() if kind == "claim_code"]
    if any(row.get("ev") for row in (*books.vouchers, *books.beside, *leads)):
        yield "what only stands beside an operation is marked as one"


def check_11_reasons(books: Books) -> Complaints:
    for row in books.all_entries():
        if row.kind not in ("open", "adjust", "status"):
            total = sum(reason[1] for reason in row.reasons)
            if total != row.points:
                yield f"{row.account} {row.seq}: reasons for {total} points, not {row.points}"
    for row, cause in _caused(books):
        if cause.why is not None and cause.why != row.why:
            yield f"{row.cause} keeps other reasons than its entry"


def check_12_commitments(books: Books) -> Complaints:
    for row, cause in _caused(books):
        if cause.commitment is not None and cause.commitment != row.commitment:
            yield f"{row.cause}: the entry is committed to other details"
