"""Earning is exact: what a purchase gave, its returns take back, however it is cut up."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.account import Account
from chalicelib.domain.earning import Line, Remaining, Tender, price, spread
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import (
    NOTHING_EARNED,
    ClaimRecord,
    Purchase,
    PurchaseFile,
    PurchaseRecord,
    ReturnRecord,
    earn,
    earn_what_remains,
)
from chalicelib.domain.returns import (
    NOTHING_TAKEN,
    Returned,
    ReturnedLine,
    Rows,
    returned_rows,
    take,
)
from tests.ledger_world import NOW
from tests.property.accounts import accounts
from tests.property.programs import lines, programs, tenders

purchases = st.builds(
    lambda lines, tenders: Purchase("p-1", NOW, "EUR", lines, tenders), lines(), tenders
)


def _file(purchase: Purchase, account_id: str | None = "mem_1") -> PurchaseFile:
    return PurchaseFile(
        PurchaseRecord("name", account_id, NOW, purchase, 1, NOTHING_EARNED, {}, b"")
    )


def _with_return(file: PurchaseFile, rows: Rows) -> PurchaseFile:
    number = file.next_number
    record = ReturnRecord(
        "name", number, f"r-{number}", NOW, rows, NOTHING_TAKEN, (), fingerprint={}, salt=b""
    )
    return replace(file, events=(*file.events, record))


@st.composite
def _part(draw: st.DrawFn, file: PurchaseFile) -> Returned:
    """Some part of what remains: by amount, or some lines each in part."""
    remaining = file.remaining()
    if draw(st.booleans()):
        return draw(st.integers(0, sum(part.amount_minor for part in remaining)))
    indexes = draw(st.sets(st.integers(0, len(remaining) - 1), min_size=1))
    return tuple(
        ReturnedLine(
            file.record.purchase.lines[index].line_id,
            draw(st.integers(0, remaining[index].quantity)),
            draw(st.integers(0, remaining[index].amount_minor)),
        )
        for index in sorted(indexes)
    )


def _all_that_remains(file: PurchaseFile) -> Returned:
    return tuple(
        ReturnedLine(line.line_id, left.quantity, left.amount_minor)
        for line, left in zip(file.record.purchase.lines, file.remaining(), strict=True)
    )


@given(accounts(), programs(), purchases, st.integers(0, 5), st.data())
def test_any_split_of_a_full_return_takes_back_exactly_what_was_given(
    before: Account, program: Program, purchase: Purchase, parts: int, data: st.DataObject
) -> None:
    account, earned = earn(before, program, purchase)
    file, taken = _file(purchase), 0
    for number in range(parts + 1):
        part = data.draw(_part(file)) if number < parts else _all_that_remains(file)
        rows = returned_rows(file, part)
        account, back, why = take(account, program, file, rows)
        assert back.taken == back.from_available + back.new_debt >= 0
        assert sum(row.points for row in why) == -back.taken
        file, taken = _with_return(file, rows), taken + back.taken
    assert taken == earned.earned
    assert account.available - account.debt == before.available - before.debt
    assert account.lifetime == before.lifetime


@given(accounts(), programs(), purchases, st.integers(0, 3), st.data())
def test_a_claim_between_two_returns_gives_what_remains_and_no_more(
    before: Account, program: Program, purchase: Purchase, parts: int, data: st.DataObject
) -> None:
    file = _file(purchase, None)
    for _ in range(parts):
        file = _with_return(file, returned_rows(file, data.draw(_part(file))))
    account, earned = earn_what_remains(before, program, file)
    claim = ClaimRecord("name", file.next_number, "mem_1", NOW, earned)
    file = replace(file, events=(*file.events, claim))
    account, back, _ = take(account, program, file, returned_rows(file, _all_that_remains(file)))
    assert back.taken == earned.earned
    assert account.lifetime == before.lifetime
    assert account.available - account.debt == before.available - before.debt


@given(programs(), lines(), tenders, st.data())
def test_less_money_never_earns_more(
    program: Program, bought: tuple[Line, ...], paid: tuple[Tender, ...], data: st.DataObject
) -> None:
    more = [Remaining(1, data.draw(st.integers(0, line.amount_minor))) for line in bought]
    less = [Remaining(1, data.draw(st.integers(0, part.amount_minor))) for part in more]
    assert price(program, bought, paid, less).points <= price(program, bought, paid, more).points


@given(programs(), lines(), tenders)
def test_every_point_has_its_reason(
    program: Program, bought: tuple[Line, ...], paid: tuple[Tender, ...]
) -> None:
    priced = price(program, bought, paid)
    assert sum(row.points for row in priced.why) == priced.points
    assert len({row.rule for row in priced.why}) == len(priced.why)
    assert all(row.minor > 0 for row in priced.why)


@given(programs(), lines(), tenders)
def test_nothing_that_remains_earns_nothing_and_all_of_it_earns_all(
    program: Program, bought: tuple[Line, ...], paid: tuple[Tender, ...]
) -> None:
    nothing = [Remaining(0, 0) for _ in bought]
    everything = [Remaining(line.quantity, line.amount_minor) for line in bought]
    assert price(program, bought, paid, nothing).points == 0
    assert price(program, bought, paid, everything) == price(program, bought, paid)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=20), st.data())
def test_a_spread_sums_exactly_and_gives_nobody_more_than_its_weight(
    weights: list[int], data: st.DataObject
) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    parts = spread(total, weights)
    assert sum(parts) == total
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < max(1, sum(weights))
