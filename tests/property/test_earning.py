"""Earning is exact: what a purchase gave, its returns take back, however it is cut up; and what was
spent on it, they give back."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.account import Account, Gift, Lot, merged
from chalicelib.domain.earning import Line, Remaining, Tender, price, spread
from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import fold
from chalicelib.domain.program import Program
from chalicelib.domain.purchase_points import Terms, earn, earn_what_remains
from chalicelib.domain.purchases import (
    NOTHING_EARNED,
    ClaimRecord,
    Earned,
    Purchase,
    PurchaseFile,
    PurchaseRecord,
    ReturnRecord,
)
from chalicelib.domain.redemptions import RedemptionRecord
from chalicelib.domain.returned import Returned, ReturnedLine
from chalicelib.domain.returns import NOTHING_TAKEN, Rows, returned_rows, take
from chalicelib.domain.rewards import Reward, RewardKind
from chalicelib.domain.spent_points import give_back_spent
from tests.ledger_world import NOW, PROGRAM
from tests.property.accounts import accounts, lots
from tests.property.programs import lines, programs, tenders

purchases = st.builds(
    lambda lines, tenders: Purchase("p-1", NOW, "EUR", lines, tenders), lines(), tenders
)


def _terms(program: Program) -> Terms:
    return Terms(program, program, local_date(NOW, program.zone))


@st.composite
def _terms_and_accounts(draw: st.DrawFn) -> tuple[Terms, Account]:
    """A program, and an account as of now under it. Of what a review has written off, a return
    takes less: tests/property/test_quarantine.py."""
    terms = _terms(draw(programs()))
    return terms, replace(fold(draw(accounts()), terms.today).account, written_off=None)


@st.composite
def _redemptions(draw: st.DrawFn) -> tuple[RedemptionRecord, ...]:
    """Up to two redemptions, of points of any days."""
    spent = draw(st.lists(lots(most=4).filter(bool), max_size=2))
    return tuple(_redemption(number, lots) for number, lots in enumerate(spent))


def _redemption(number: int, lots: tuple[Lot, ...]) -> RedemptionRecord:
    points = sum(lot.points for lot in lots)
    reward = Reward(f"rwd_{number}", 1, "Mug", RewardKind.FREE_PRODUCT, points, sku="mug")
    until = NOW + timedelta(days=1)
    return RedemptionRecord(
        f"red_{number}", "mem_1", NOW, until, reward, points, lots, None, None, 0, {}
    )


def _file(
    purchase: Purchase, account_id: str | None = "mem_1", earned: Earned = NOTHING_EARNED
) -> PurchaseFile:
    return PurchaseFile(PurchaseRecord("name", account_id, NOW, purchase, 1, earned, {}, b""))


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


def _kept_gifts(before: Account, after: Account) -> int:
    """Points of gifts that stay: of tiers that were reached without the purchase, too."""
    new: tuple[Gift, ...] = tuple(gift for gift in after.gifts if gift not in before.gifts)
    return sum(gift.points for gift in new)


def _net(account: Account) -> int:
    return account.available + account.pending_points - account.debt


@given(_terms_and_accounts(), purchases, _redemptions(), st.integers(0, 5), st.data())
def test_any_split_of_a_full_return_takes_what_was_given_and_gives_back_what_was_spent(
    world: tuple[Terms, Account],
    purchase: Purchase,
    paid_with: tuple[RedemptionRecord, ...],
    parts: int,
    data: st.DataObject,
) -> None:
    terms, before = world
    spent, came_back, taken = sum(record.points for record in paid_with), 0, 0
    redeemed = before.lifetime.redeemed + spent
    before = replace(before, lifetime=replace(before.lifetime, redeemed=redeemed))
    account, earned = earn(before, terms, purchase)
    file = _file(purchase, earned=earned)
    for number in range(parts + 1):
        part = data.draw(_part(file)) if number < parts else _all_that_remains(file)
        rows = returned_rows(file, part)
        account, back, why = take(account, terms, file, rows, paid_with)
        assert back.taken == back.from_pending + back.from_available + back.new_debt
        assert min(back.taken, back.returned_to_member) >= 0
        assert sum(row.points for row in why) == back.returned_to_member - back.taken
        file, taken = _with_return(file, rows), taken + back.taken
        came_back += back.returned_to_member
    kept = _kept_gifts(before, account)
    assert came_back == spent
    assert taken == earned.earned - kept
    assert _net(account) == _net(before) + spent + kept
    was = before.lifetime
    assert account.lifetime == replace(was, earned=was.earned + kept, redeemed=redeemed - spent)


@given(_terms_and_accounts(), purchases, st.integers(0, 3), st.data())
def test_a_claim_between_two_returns_gives_what_remains_and_no_more(
    world: tuple[Terms, Account], purchase: Purchase, parts: int, data: st.DataObject
) -> None:
    terms, before = world
    file = _file(purchase, None)
    for _ in range(parts):
        file = _with_return(file, returned_rows(file, data.draw(_part(file))))
    account, earned = earn_what_remains(before, terms, file)
    claim = ClaimRecord("name", file.next_number, "mem_1", NOW, earned)
    file = replace(file, events=(*file.events, claim))
    account, back, _ = take(account, terms, file, returned_rows(file, _all_that_remains(file)))
    kept = _kept_gifts(before, account)
    assert back.taken == earned.earned - kept
    assert account.lifetime == replace(before.lifetime, earned=before.lifetime.earned + kept)
    assert _net(account) == _net(before) + kept


@given(purchases, lots(most=5).filter(bool), st.data())
def test_points_come_back_to_their_own_days_those_spent_last_first(
    purchase: Purchase, spent: tuple[Lot, ...], data: st.DataObject
) -> None:
    record, file = _redemption(1, spent), _file(purchase)
    first = min((lot.expires_on for lot in spent if lot.expires_on), default=NOW.date())
    terms = replace(_terms(PROGRAM), today=first)
    rows = returned_rows(file, data.draw(_part(file)))
    some = _with_return(file, rows).remaining()
    nothing = tuple(Remaining(0, 0) for _ in some)

    half, _ = give_back_spent(Account(), terms, file, some, (record,))
    whole, _ = give_back_spent(half, terms, _with_return(file, rows), nothing, (record,))

    assert whole.lots == merged(spent)
    assert half.lots == merged(_last_points(spent, half.available))


def _last_points(lots: tuple[Lot, ...], points: int) -> tuple[Lot, ...]:
    taken = []
    for lot in reversed(lots):
        part = min(lot.points, points)
        points -= part
        taken += [Lot(lot.expires_on, part)] if part else []
    return tuple(taken)


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
