"""What the `Ledger` port promises, of the real one on a local AWS and of the fake alike."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from pynamodb.connection import Connection

from chalicelib.domain.account import Account, AccountStatus, Lot
from chalicelib.domain.entries import Entry, EntryKind, Why, next_entry, opening_entry
from chalicelib.domain.purchases import (
    NOTHING_EARNED,
    ClaimRecord,
    Earned,
    PurchaseRecord,
    ReturnRecord,
    Taken,
)
from chalicelib.domain.redemptions import EndedAs, RedemptionEnd, RedemptionRecord
from chalicelib.domain.rewards import LimitPeriod, OnExpiry, Reward, RewardKind
from chalicelib.domain.traits import Traits
from chalicelib.storage.ledger import DynamoLedger
from chalicelib.storage.ledger_items import entry_item, traits_item
from chalicelib.storage.rewards import DynamoRewards
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import (
    Cause,
    Ledger,
    OperationRecord,
    Rewards,
    StockChange,
    StoreNewer,
    StoreUnavailable,
    Verdict,
    VoucherRecord,
    Write,
)
from tests.counted import calls_of
from tests.fakes.ledger import FakeLedger
from tests.fakes.rewards import FakeRewards
from tests.interposed import LostReply, interposed, refusal
from tests.ledger_world import NOW, line, purchase

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """A ledger with the rewards whose stock it moves; `tag` makes ids that nobody else has."""

    ledger: Ledger
    rewards: Rewards
    open: Callable[[Entry], None]
    keep_traits: Callable[[str, Traits], None]
    tag: str


def _open(entry: Entry) -> None:
    transact([Put(entry_item(entry))])


def _keep_traits(account_id: str, traits: Traits) -> None:
    transact([Put(traits_item(account_id, traits))])


@pytest.fixture(params=["dynamodb", "memory"])
def place(request: pytest.FixtureRequest) -> Place:
    tag = f"contract{next(_numbers)}"
    if request.param == "dynamodb":
        request.getfixturevalue("connection")
        return Place(DynamoLedger(), DynamoRewards(), _open, _keep_traits, tag)
    rewards = FakeRewards()
    fake = FakeLedger(rewards)
    return Place(fake, rewards, fake.open, fake.keep_traits, tag)


# --- what can be kept ------------------------------------------------------------------------

EARNED = Earned(12, 3, 2, 10, 3, 0, (Why("base", 12, 1250), Why("beäns", 0, 99)))
TAKEN = Taken(5, 1, 2, 2, 0, 8, 2, 2)
MUG = Reward("rwd_mug0000000", 1, "Mug", RewardKind.FREE_PRODUCT, 60, sku="mug")


def _opened(place: Place, label: str = "mia") -> Entry:
    entry = opening_entry(f"mem_{place.tag}_{label}", AccountStatus.ACTIVE, NOW)
    place.open(entry)
    return entry


def _next(head: Entry, points: int = 10, cause: str = "test") -> Entry:
    after = Account(lots=(Lot(None, head.account().available + points),))
    return next_entry(
        head, after, kind=EntryKind.ADJUST, cause=cause, now=NOW, why=(Why("base", points, 7),)
    )


def _operation(place: Place, name: str) -> OperationRecord:
    return OperationRecord("test", f"{place.tag}-{name}", {"points": "abc"}, {"a": 1, "b": None})


def _purchase(place: Place, account_id: str | None) -> PurchaseRecord:
    bought = purchase("p-1", line("1", 1_250, category="beans"), line("2", 0), at=NOW)
    return PurchaseRecord(
        place.tag, account_id, NOW, bought, 1, EARNED, {"lines": "abc"}, b"0" * 16
    )


def _return(place: Place, number: int) -> ReturnRecord:
    return ReturnRecord(
        place.tag,
        number,
        f"r-{number}",
        NOW,
        ((0, 1, 250),),
        TAKEN,
        (Why("base", -5, -500),),
        {"amount_minor": "x"},
        b"1" * 16,
    )


def _redemption(place: Place, label: str = "one") -> RedemptionRecord:
    reward = replace(
        MUG,
        member_limit=2,
        member_limit_period=LimitPeriod.MONTH,
        tiers=frozenset({"gold"}),
        starts_at=NOW,
    )
    return RedemptionRecord(
        f"red_{place.tag}_{label}",
        "mem_1",
        NOW,
        NOW + timedelta(days=30),
        reward,
        60,
        (Lot(None, 60),),
        ("mug0000000", "2026-03"),
        0,
        40,
        {"reward_id": "abc"},
    )


def _end(place: Place, ended_as: EndedAs) -> RedemptionEnd:
    return RedemptionEnd(f"red_{place.tag}_one", ended_as, NOW, f"by-{ended_as}", 60, 0, 100)


def _stocked(place: Place, *, stock: int, shards: int = 1) -> Reward:
    reward = replace(MUG, reward_id=f"rwd_{place.tag}", stock=stock, stock_shards=shards)
    assert place.rewards.put(reward, NOW) == "written"
    return reward


# --- accounts --------------------------------------------------------------------------------


def test_an_account_that_was_never_opened_has_no_head(place: Place) -> None:
    assert place.ledger.head(f"mem_{place.tag}_nobody") is None


def test_traits_alone_make_no_account(place: Place) -> None:
    place.keep_traits(f"mem_{place.tag}", Traits(country="DE"))
    assert place.ledger.head(f"mem_{place.tag}") is None


def test_the_head_is_the_newest_entry_with_the_traits_beside_it(place: Place) -> None:
    first = _opened(place)
    place.keep_traits(first.account_id, Traits(country="DE", interests=("tea",)))
    second = _next(first)
    assert place.ledger.commit(Write((_operation(place, "1"),), (second,))) is Verdict.COMMITTED
    head = place.ledger.head(first.account_id)
    assert head is not None
    assert head.entry == second
    assert head.traits == Traits(country="DE", interests=("tea",))


def test_an_account_without_traits_has_the_empty_ones(place: Place) -> None:
    head = place.ledger.head(_opened(place).account_id)
    assert head is not None
    assert head.traits == Traits()


def test_entries_are_listed_newest_first_without_traits_and_page_on(place: Place) -> None:
    entries = [_opened(place)]
    place.keep_traits(entries[0].account_id, Traits(country="DE"))
    for number in range(2, 13):
        entries.append(_next(entries[-1]))
        write = Write((_operation(place, str(number)),), (entries[-1],))
        assert place.ledger.commit(write) is Verdict.COMMITTED
    account_id = entries[0].account_id
    assert place.ledger.entries(account_id, None, 100) == entries[::-1]
    assert place.ledger.entries(account_id, None, 5) == entries[:-6:-1]
    assert place.ledger.entries(account_id, 8, 3) == [entries[6], entries[5], entries[4]]
    assert place.ledger.entries(account_id, 1, 3) == []
    assert place.ledger.entry(account_id, 7) == entries[6]
    assert place.ledger.entry(account_id, 99) is None


# --- records ---------------------------------------------------------------------------------


def test_records_come_back_exactly_as_they_were_written(place: Place) -> None:
    bought, redemption = _purchase(place, "mem_1"), _redemption(place)
    voucher, operation = VoucherRecord(f"v-{place.tag}", "red_1"), _operation(place, "1")
    causes: list[Cause] = [bought, redemption, voucher, operation]
    for cause in causes:
        assert place.ledger.commit(Write((cause,))) is Verdict.COMMITTED
    end = _end(place, EndedAs.USED)
    assert place.ledger.commit(Write((end,))) is Verdict.COMMITTED
    kept = place.ledger.purchase(place.tag)
    assert kept is not None
    assert (kept.record, kept.events) == (bought, ())
    file = place.ledger.redemption(redemption.redemption_id)
    assert file is not None
    assert (file.record, file.end) == (redemption, end)
    assert place.ledger.voucher(voucher.name) == voucher
    assert place.ledger.operation("test", operation.name) == operation


def test_what_was_never_written_is_none(place: Place) -> None:
    assert place.ledger.purchase(place.tag) is None
    assert place.ledger.redemption(f"red_{place.tag}_one") is None
    assert place.ledger.voucher(place.tag) is None
    assert place.ledger.operation("test", place.tag) is None


def test_a_purchase_is_read_with_all_that_happened_to_it_in_order(place: Place) -> None:
    events = [_return(place, 1), _return(place, 2)]
    claim = ClaimRecord(place.tag, 3, "mem_1", NOW, EARNED)
    guest = replace(_purchase(place, None), earned=NOTHING_EARNED)
    more = [_return(place, number) for number in range(4, 13)]
    causes: list[Cause] = [guest, *events, claim, *more]
    for cause in causes:
        assert place.ledger.commit(Write((cause,))) is Verdict.COMMITTED
    file = place.ledger.purchase(place.tag)
    assert file is not None
    assert file.record == guest
    assert [event.number for event in file.events] == list(range(1, 13))
    assert file.events[:3] == (*events, claim)
    assert file.account_id == "mem_1"


def _due(place: Place, label: str, on_expiry: OnExpiry, hours: int) -> RedemptionRecord:
    """A redemption that expires so many hours into a day that only this place knows."""
    record = _redemption(place, label)
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
    return [
        (_purchase(place, "mem_1"), _purchase(place, None)),
        (_return(place, 1), claim),
        (_redemption(place), replace(_redemption(place), points=1)),
        (_end(place, EndedAs.USED), _end(place, EndedAs.CANCELLED)),
        (VoucherRecord(place.tag, "red_1"), VoucherRecord(place.tag, "red_2")),
        (_operation(place, "1"), replace(_operation(place, "1"), answer={"a": 2})),
    ]


def test_every_record_is_written_only_where_nothing_stands(place: Place) -> None:
    for first, second in _same_place(place):
        assert place.ledger.commit(Write((first,))) is Verdict.COMMITTED, first
        assert place.ledger.commit(Write((second,))) is Verdict.CAUSE_TAKEN, second
        assert place.ledger.commit(Write((first,))) is Verdict.CAUSE_TAKEN, first


def test_an_entry_number_is_taken_once_and_nothing_of_the_second_write_stays(place: Place) -> None:
    first = _opened(place)
    won, lost = _next(first, 10), _next(first, 20)
    assert place.ledger.commit(Write((_operation(place, "1"),), (won,))) is Verdict.COMMITTED
    assert place.ledger.commit(Write((_operation(place, "2"),), (lost,))) is Verdict.ENTRY_TAKEN
    assert place.ledger.operation("test", f"{place.tag}-2") is None
    assert place.ledger.entry(first.account_id, 2) == won


def test_a_write_leaves_two_entries_or_none(place: Place) -> None:
    first = _opened(place)
    second = _next(first)
    both = Write((_operation(place, "1"),), (second, _next(second)))
    assert place.ledger.commit(both) is Verdict.COMMITTED
    again = Write((_operation(place, "2"),), (_next(_next(second)), second))
    assert place.ledger.commit(again) is Verdict.ENTRY_TAKEN
    assert place.ledger.entry(first.account_id, 4) is None


def test_a_taken_cause_is_told_before_a_taken_entry_and_before_an_empty_shard(place: Place) -> None:
    first, reward = _opened(place), _stocked(place, stock=0)
    taken = Write((_operation(place, "1"),), (_next(first),))
    assert place.ledger.commit(taken) is Verdict.COMMITTED
    stock = StockChange(reward.reward_id, 0, -1)
    everything = Write((_operation(place, "1"),), (_next(first),), stock)
    assert place.ledger.commit(everything) is Verdict.CAUSE_TAKEN
    entry_and_stock = Write((_operation(place, "2"),), (_next(first),), stock)
    assert place.ledger.commit(entry_and_stock) is Verdict.ENTRY_TAKEN
    only_stock = Write((_operation(place, "2"),), (_next(_next(first)),), stock)
    assert place.ledger.commit(only_stock) is Verdict.STOCK_EMPTY


def test_a_second_cause_that_exists_is_a_taken_cause(place: Place) -> None:
    voucher = VoucherRecord(place.tag, "red_1")
    assert place.ledger.commit(Write((voucher,))) is Verdict.COMMITTED
    assert place.ledger.commit(Write((_redemption(place), voucher))) is Verdict.CAUSE_TAKEN
    assert place.ledger.redemption(_redemption(place).redemption_id) is None


def test_stock_moves_with_the_write_or_not_at_all(place: Place) -> None:
    first, reward = _opened(place), _stocked(place, stock=1)
    take = StockChange(reward.reward_id, 0, -1)
    won = Write((_operation(place, "1"),), (_next(first),), take)
    assert place.ledger.commit(won) is Verdict.COMMITTED
    assert place.rewards.remaining(reward) == 0
    late = Write((_operation(place, "2"),), (_next(_next(first)),), take)
    assert place.ledger.commit(late) is Verdict.STOCK_EMPTY
    assert place.ledger.operation("test", f"{place.tag}-2") is None
    back = Write((_operation(place, "3"),), (), StockChange(reward.reward_id, 0, 1))
    assert place.ledger.commit(back) is Verdict.COMMITTED
    assert place.ledger.commit(back) is Verdict.CAUSE_TAKEN
    assert place.rewards.remaining(reward) == 1


def test_each_shard_of_a_stock_is_counted_by_itself(place: Place) -> None:
    reward = _stocked(place, stock=3, shards=2)
    verdicts = [
        place.ledger.commit(
            Write((_operation(place, str(n)),), (), StockChange(reward.reward_id, n % 2, -1))
        )
        for n in range(4)
    ]
    assert verdicts.count(Verdict.COMMITTED) == 3
    assert verdicts.count(Verdict.STOCK_EMPTY) == 1
    assert place.rewards.remaining(reward) == 0


# --- the real one alone ----------------------------------------------------------------------


@pytest.fixture
def real(connection: Connection) -> Place:
    assert connection
    tag = f"real{next(_numbers)}"
    return Place(DynamoLedger(), DynamoRewards(), _open, _keep_traits, tag)


@pytest.fixture
def table(stack: Any) -> Any:
    return boto3.resource("dynamodb").Table(stack.names["LedgerTable"])


def test_a_head_is_one_call_and_a_write_another(real: Place, connection: Connection) -> None:
    first = _opened(real)
    with calls_of(connection) as calls:
        real.ledger.head(first.account_id)
        real.ledger.commit(Write((_operation(real, "1"),), (_next(first),)))
    assert calls == ["Query", "TransactWriteItems"]


def test_exactly_one_item_of_a_write_is_its_event(real: Place, table: Any) -> None:
    first = _opened(real)
    second = _next(first)
    real.ledger.commit(Write((_operation(real, "1"),), (second, _next(second))))
    real.ledger.commit(Write((_redemption(real), VoucherRecord(real.tag, "red_1"))))
    marked = [item["sk"] for item in _of(table, f"A#{first.account_id}") if "ev" in item]
    assert marked == ["E#000000000001", "E#000000000003"]
    assert "ev" not in _of(table, f"C#test#{real.tag}-1")[0]
    assert "ev" in _of(table, f"X#{_redemption(real).redemption_id}")[0]
    assert "ev" not in _of(table, f"V#{real.tag}")[0]


def _of(table: Any, pk: str) -> list[dict[str, Any]]:
    answer = table.query(
        KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": pk}, ConsistentRead=True
    )
    return list(answer["Items"])


def test_an_account_of_a_newer_release_is_not_touched(real: Place, table: Any) -> None:
    first = _opened(real)
    newer = entry_item(replace(_next(first), state='{"v":2,"s":"a"}'))
    transact([Put(newer)])
    with pytest.raises(StoreNewer):
        real.ledger.head(first.account_id)
    assert table


def test_a_record_of_a_kind_that_a_newer_release_brought_is_not_passed_over(
    real: Place, table: Any
) -> None:
    real.ledger.commit(Write((_purchase(real, "mem_1"),)))
    table.put_item(Item={"pk": f"P#{real.tag}", "sk": "0001", "t": "future"})
    with pytest.raises(StoreNewer):
        real.ledger.purchase(real.tag)


@pytest.mark.parametrize(
    "codes",
    [
        ("TransactionConflict", "None", "None"),
        ("None", "ThrottlingError", "None"),
        ("TransactionConflict", "None", "ConditionalCheckFailed"),
        ("None", "TransactionConflict", "ConditionalCheckFailed"),
    ],
)
def test_a_conflict_makes_the_outcome_unknown_even_beside_a_failed_condition(
    real: Place, connection: Connection, codes: tuple[str, ...]
) -> None:
    first, reward = _opened(real), _stocked(real, stock=0)
    reasons = [{"Code": code} for code in codes]

    def cancel(_: str, request: AWSPreparedRequest) -> AWSResponse:
        return refusal(request.url, "TransactionCanceledException", CancellationReasons=reasons)

    stock = StockChange(reward.reward_id, 0, -1)
    with interposed(connection, cancel), pytest.raises(StoreUnavailable):
        real.ledger.commit(Write((_operation(real, "1"),), (_next(first),), stock))


def test_a_broken_connection_makes_every_outcome_unknown(
    real: Place, connection: Connection
) -> None:
    head = _opened(real)
    acts: list[Callable[[], object]] = [
        lambda: real.ledger.head(head.account_id),
        lambda: real.ledger.entry(head.account_id, 1),
        lambda: real.ledger.purchase(real.tag),
        lambda: real.ledger.operation("test", real.tag),
        lambda: real.ledger.commit(Write((_operation(real, "1"),), (_next(head),))),
    ]

    def break_off(_: str, request: AWSPreparedRequest) -> AWSResponse:
        raise LostReply(endpoint_url=request.url)

    for act in acts:
        with interposed(connection, break_off), pytest.raises(StoreUnavailable):
            act()
