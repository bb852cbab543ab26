"""What the `Ledger` port promises, of the real one on a local AWS and of the fake alike."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.purchases import (
    NOTHING_EARNED,
    ClaimRecord,
    PurchaseFile,
)
from chalicelib.domain.redemptions import EndedAs, RedemptionRecord, SpentOn
from chalicelib.domain.returned import AwaitedPurchase, RefusedReturn, ReturnedLine, WaitingReturn
from chalicelib.domain.rewards import OnExpiry
from chalicelib.domain.traits import Traits
from chalicelib.usecases.ports import (
    Cause,
    StockChange,
    StoreUnavailable,
    Verdict,
    VoucherRecord,
    Write,
)
from tests.contract.ledger_place import (
    EARNED,
    Place,
    bought,
    ended,
    following,
    in_dynamodb,
    in_memory,
    opened,
    operation,
    redeemed,
    returned,
    stocked,
)
from tests.ledger_world import NOW


@pytest.fixture(params=["dynamodb", "memory"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "memory":
        return in_memory()
    request.getfixturevalue("connection")
    return in_dynamodb()


# --- accounts --------------------------------------------------------------------------------


def test_an_account_that_was_never_opened_has_no_head(place: Place) -> None:
    assert place.ledger.head(f"mem_{place.tag}_nobody") is None


def test_traits_alone_make_no_account(place: Place) -> None:
    place.keep_traits(f"mem_{place.tag}", Traits(country="DE"))
    assert place.ledger.head(f"mem_{place.tag}") is None


def test_the_head_is_the_newest_entry_with_the_traits_beside_it(place: Place) -> None:
    first = opened(place)
    place.keep_traits(first.account_id, Traits(country="DE", interests=("tea",)))
    second = following(first)
    assert place.ledger.commit(Write((operation(place, "1"),), (second,))) is Verdict.COMMITTED
    head = place.ledger.head(first.account_id)
    assert head is not None
    assert head.entry == second
    assert head.traits == Traits(country="DE", interests=("tea",))


def test_an_account_without_traits_has_the_empty_ones(place: Place) -> None:
    head = place.ledger.head(opened(place).account_id)
    assert head is not None
    assert head.traits == Traits()


def test_entries_are_listed_newest_first_without_traits_and_page_on(place: Place) -> None:
    entries = [opened(place)]
    place.keep_traits(entries[0].account_id, Traits(country="DE"))
    for number in range(2, 13):
        entries.append(following(entries[-1]))
        write = Write((operation(place, str(number)),), (entries[-1],))
        assert place.ledger.commit(write) is Verdict.COMMITTED
    account_id = entries[0].account_id
    assert place.ledger.entries(account_id, None, 100) == entries[::-1]
    assert place.ledger.entries(account_id, None, 5) == entries[:-6:-1]
    assert place.ledger.entries(account_id, 8, 3) == [entries[6], entries[5], entries[4]]
    assert place.ledger.entries(account_id, 1, 3) == []
    assert place.ledger.entry(account_id, 7) == entries[6]
    assert place.ledger.entry(account_id, 99) is None


def test_an_entry_lands_only_while_the_accounts_that_led_to_it_are_as_they_were(
    place: Place,
) -> None:
    source, target = opened(place, "source"), opened(place, "target")
    via = ((source.account_id, source.seq),)
    first = replace(following(target), via=via)
    assert place.ledger.commit(Write((operation(place, "1"),), (first,))) is Verdict.COMMITTED
    moved = following(source)
    assert place.ledger.commit(Write((operation(place, "2"),), (moved,))) is Verdict.COMMITTED

    late = replace(following(first), via=via)

    assert place.ledger.commit(Write((operation(place, "3"),), (late,))) is Verdict.ENTRY_TAKEN
    again = Write((operation(place, "1"),), (late,))
    assert place.ledger.commit(again) is Verdict.CAUSE_TAKEN
    now = replace(late, via=((source.account_id, moved.seq),))
    assert place.ledger.commit(Write((operation(place, "3"),), (now,))) is Verdict.COMMITTED
    assert place.ledger.entry(target.account_id, 3) == now


def test_entries_of_two_accounts_land_together_or_not_at_all(place: Place) -> None:
    one, other = opened(place, "one"), opened(place, "other")
    second = following(other)
    assert place.ledger.commit(Write((operation(place, "1"),), (second,))) is Verdict.COMMITTED
    both = Write((operation(place, "2"),), (following(one), following(other)))
    assert place.ledger.commit(both) is Verdict.ENTRY_TAKEN
    assert place.ledger.entry(one.account_id, 2) is None
    both = Write((operation(place, "2"),), (following(one), following(second)))
    assert place.ledger.commit(both) is Verdict.COMMITTED
    assert place.ledger.entry(one.account_id, 2) is not None


# --- records ---------------------------------------------------------------------------------


def test_records_come_back_exactly_as_they_were_written(place: Place) -> None:
    purchase, redemption = bought(place, "mem_1"), redeemed(place)
    voucher, adjusted = VoucherRecord(f"v-{place.tag}", "red_1", NOW), operation(place, "1")
    causes: list[Cause] = [purchase, redemption, voucher, adjusted]
    for cause in causes:
        assert place.ledger.commit(Write((cause,))) is Verdict.COMMITTED
    end = ended(place, EndedAs.USED)
    assert place.ledger.commit(Write((end,))) is Verdict.COMMITTED
    kept = place.ledger.purchase(place.tag)
    assert isinstance(kept, PurchaseFile)
    assert (kept.record, kept.events) == (purchase, ())
    file = place.ledger.redemption(redemption.redemption_id)
    assert file is not None
    assert (file.record, file.end) == (redemption, end)
    assert place.ledger.voucher(voucher.name) == voucher
    assert place.ledger.operation("test", adjusted.name) == adjusted


def test_what_was_never_written_is_none(place: Place) -> None:
    assert place.ledger.purchase(place.tag) is None
    assert place.ledger.redemption(f"red_{place.tag}_one") is None
    assert place.ledger.voucher(place.tag) is None
    assert place.ledger.operation("test", place.tag) is None


def test_a_purchase_is_read_with_all_that_happened_to_it_in_order(place: Place) -> None:
    events = [returned(place, 1), returned(place, 2)]
    claim = ClaimRecord(place.tag, 3, "mem_1", NOW, EARNED)
    guest = replace(bought(place, None), earned=NOTHING_EARNED)
    more = [returned(place, number) for number in range(4, 13)]
    causes: list[Cause] = [guest, *events, claim, *more]
    for cause in causes:
        assert place.ledger.commit(Write((cause,))) is Verdict.COMMITTED
    file = place.ledger.purchase(place.tag)
    assert isinstance(file, PurchaseFile)
    assert file.record == guest
    assert [event.number for event in file.events] == list(range(1, 13))
    assert file.events[:3] == (*events, claim)
    assert file.account_id == "mem_1"


def _waiting(place: Place, number: int) -> WaitingReturn:
    returned = 250 if number % 2 else (ReturnedLine("1", 1, 250), ReturnedLine("2", 0, 0))
    return WaitingReturn(place.tag, number, f"r-{number}", NOW, returned, {"lines": "abc"})


def test_returns_wait_for_a_purchase_that_has_not_come_in_their_order(place: Place) -> None:
    waiting = [_waiting(place, number) for number in range(10)]
    for record in waiting:
        assert place.ledger.commit(Write((record,))) is Verdict.COMMITTED
    assert place.ledger.purchase(place.tag) == AwaitedPurchase(place.tag, tuple(waiting))


def test_a_purchase_stands_behind_the_returns_that_waited_and_before_what_became_of_them(
    place: Place,
) -> None:
    waiting = [_waiting(place, 0), _waiting(place, 1)]
    for record in waiting:
        assert place.ledger.commit(Write((record,))) is Verdict.COMMITTED
    purchase = replace(bought(place, None), number=2)
    applied = replace(returned(place, 3), return_id="r-0")
    refused = RefusedReturn(place.tag, 4, "r-1", NOW, "unknown_line")
    write = Write((purchase, applied, refused))
    assert place.ledger.commit(write) is Verdict.COMMITTED
    assert place.ledger.purchase(place.tag) == PurchaseFile(purchase, (*waiting, applied, refused))


def test_a_purchase_that_is_seen_before_what_became_of_its_returns_is_not_seen_yet(
    place: Place,
) -> None:
    for record in (_waiting(place, 0), replace(bought(place, None), number=1)):
        assert place.ledger.commit(Write((record,))) is Verdict.COMMITTED
    with pytest.raises(StoreUnavailable):
        place.ledger.purchase(place.tag)


def test_a_redemption_is_read_with_the_purchase_that_it_paid_for(place: Place) -> None:
    redemption = redeemed(place)
    spent_on = SpentOn(redemption.redemption_id, place.tag, NOW)
    for record in (redemption, spent_on):
        assert place.ledger.commit(Write((record,))) is Verdict.COMMITTED
    file = place.ledger.redemption(redemption.redemption_id)
    assert file is not None
    assert (file.record, file.end, file.spent_on) == (redemption, None, spent_on)


def _due(place: Place, label: str, on_expiry: OnExpiry, hours: int) -> RedemptionRecord:
    """A redemption that expires so many hours into a day that only this place knows."""
    record = redeemed(place, label)
    return replace(
        record,
        reward=replace(record.reward, on_expiry=on_expiry),
        expires_at=_day_of(place) + timedelta(hours=hours),
    )


def _day_of(place: Place) -> datetime:
    number = int(place.tag.removeprefix("contract"))
    return datetime(2040, 1, 1, tzinfo=UTC) + timedelta(days=number)


def test_redemptions_that_return_points_are_due_on_their_day_up_to_an_instant(
    place: Place,
) -> None:
    rows = [("c", 9), ("a", 1), ("b", 5), ("d", 25)]
    due = [_due(place, label, OnExpiry.RETURN, hours) for label, hours in rows]
    for record in (*due, _due(place, "forfeited", OnExpiry.FORFEIT, 2)):
        assert place.ledger.commit(Write((record,))) is Verdict.COMMITTED
    day = _day_of(place)
    found = list(place.ledger.due_redemptions(day.date(), day + timedelta(hours=5)))
    assert found == [f"red_{place.tag}_a", f"red_{place.tag}_b"]


# --- verdicts --------------------------------------------------------------------------------


def _same_place(place: Place) -> list[tuple[Cause, Cause]]:
    """Pairs of records of which only the first can be written."""
    claim = ClaimRecord(place.tag, 1, "mem_1", NOW, EARNED)
    other = replace(place, tag=f"{place.tag}b")
    return [
        (bought(place, "mem_1"), bought(place, None)),
        (returned(place, 1), claim),
        (redeemed(place), replace(redeemed(place), points=1)),
        (ended(place, EndedAs.USED), ended(place, EndedAs.CANCELLED)),
        (SpentOn("red_1", place.tag, NOW), SpentOn("red_1", "another", NOW)),
        (_waiting(other, 0), replace(_waiting(other, 0), return_id="another")),
        (VoucherRecord(place.tag, "red_1", NOW), VoucherRecord(place.tag, "red_2", NOW)),
        (operation(place, "1"), replace(operation(place, "1"), answer={"a": 2})),
    ]


def test_every_record_is_written_only_where_nothing_stands(place: Place) -> None:
    for first, second in _same_place(place):
        assert place.ledger.commit(Write((first,))) is Verdict.COMMITTED, first
        assert place.ledger.commit(Write((second,))) is Verdict.CAUSE_TAKEN, second
        assert place.ledger.commit(Write((first,))) is Verdict.CAUSE_TAKEN, first


def test_an_entry_number_is_taken_once_and_nothing_of_the_second_write_stays(place: Place) -> None:
    first = opened(place)
    won, lost = following(first, 10), following(first, 20)
    assert place.ledger.commit(Write((operation(place, "1"),), (won,))) is Verdict.COMMITTED
    assert place.ledger.commit(Write((operation(place, "2"),), (lost,))) is Verdict.ENTRY_TAKEN
    assert place.ledger.operation("test", f"{place.tag}-2") is None
    assert place.ledger.entry(first.account_id, 2) == won


def test_a_write_leaves_two_entries_or_none(place: Place) -> None:
    first = opened(place)
    second = following(first)
    both = Write((operation(place, "1"),), (second, following(second)))
    assert place.ledger.commit(both) is Verdict.COMMITTED
    again = Write((operation(place, "2"),), (following(following(second)), second))
    assert place.ledger.commit(again) is Verdict.ENTRY_TAKEN
    assert place.ledger.entry(first.account_id, 4) is None


def test_a_taken_cause_is_told_before_a_taken_entry_and_before_an_empty_shard(place: Place) -> None:
    first, reward = opened(place), stocked(place, stock=0)
    taken = Write((operation(place, "1"),), (following(first),))
    assert place.ledger.commit(taken) is Verdict.COMMITTED
    stock = StockChange(reward.reward_id, 0, -1)
    everything = Write((operation(place, "1"),), (following(first),), stock)
    assert place.ledger.commit(everything) is Verdict.CAUSE_TAKEN
    entry_and_stock = Write((operation(place, "2"),), (following(first),), stock)
    assert place.ledger.commit(entry_and_stock) is Verdict.ENTRY_TAKEN
    only_stock = Write((operation(place, "2"),), (following(following(first)),), stock)
    assert place.ledger.commit(only_stock) is Verdict.STOCK_EMPTY


def test_a_second_cause_that_exists_is_a_taken_cause(place: Place) -> None:
    voucher = VoucherRecord(place.tag, "red_1", NOW)
    assert place.ledger.commit(Write((voucher,))) is Verdict.COMMITTED
    assert place.ledger.commit(Write((redeemed(place), voucher))) is Verdict.CAUSE_TAKEN
    assert place.ledger.redemption(redeemed(place).redemption_id) is None


def test_stock_moves_with_the_write_or_not_at_all(place: Place) -> None:
    first, reward = opened(place), stocked(place, stock=1)
    take = StockChange(reward.reward_id, 0, -1)
    won = Write((operation(place, "1"),), (following(first),), take)
    assert place.ledger.commit(won) is Verdict.COMMITTED
    assert place.rewards.remaining(reward) == 0
    late = Write((operation(place, "2"),), (following(following(first)),), take)
    assert place.ledger.commit(late) is Verdict.STOCK_EMPTY
    assert place.ledger.operation("test", f"{place.tag}-2") is None
    back = Write((operation(place, "3"),), (), StockChange(reward.reward_id, 0, 1))
    assert place.ledger.commit(back) is Verdict.COMMITTED
    assert place.ledger.commit(back) is Verdict.CAUSE_TAKEN
    assert place.rewards.remaining(reward) == 1


def test_each_shard_of_a_stock_is_counted_by_itself(place: Place) -> None:
    reward = stocked(place, stock=3, shards=2)
    verdicts = [
        place.ledger.commit(
            Write((operation(place, str(n)),), (), StockChange(reward.reward_id, n % 2, -1))
        )
        for n in range(4)
    ]
    assert verdicts.count(Verdict.COMMITTED) == 3
    assert verdicts.count(Verdict.STOCK_EMPTY) == 1
    assert place.rewards.remaining(reward) == 0
