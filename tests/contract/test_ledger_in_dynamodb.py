"""What the real ledger promises beside its port: calls, marks, newer releases, faults."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from pynamodb.connection import Connection

from chalicelib.domain import causes
from chalicelib.domain.entries import EntryKind
from chalicelib.domain.redemptions import EndedAs, SpentOn
from chalicelib.domain.returned import RefusedReturn
from chalicelib.storage.ledger_items import entry_item
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import (
    StockChange,
    StoreNewer,
    StoreUnavailable,
    Verdict,
    VoucherRecord,
    Write,
)
from tests.contract.ledger_place import (
    Place,
    bought,
    ended,
    following,
    in_dynamodb,
    opened,
    operation,
    redeemed,
    returned,
    stocked,
)
from tests.counted import calls_of
from tests.interposed import LostReply, interposed, refusal
from tests.ledger_world import NOW


@pytest.fixture
def real(connection: Connection) -> Place:
    assert connection
    return in_dynamodb()


@pytest.fixture
def table(stack: Any) -> Any:
    return boto3.resource("dynamodb").Table(stack.names["LedgerTable"])


def test_a_head_is_one_call_and_a_write_another(real: Place, connection: Connection) -> None:
    first = opened(real)
    with calls_of(connection) as calls:
        real.ledger.head(first.account_id)
        real.ledger.commit(Write((operation(real, "1"),), (following(first),)))
    assert calls == ["Query", "TransactWriteItems"]


def test_exactly_one_item_of_a_write_is_its_event(real: Place, table: Any) -> None:
    first = opened(real)
    second = following(first)
    real.ledger.commit(Write((operation(real, "1"),), (second, following(second))))
    real.ledger.commit(Write((redeemed(real), VoucherRecord(real.tag, "red_1", NOW))))
    marked = [item["sk"] for item in _of(table, f"A#{first.account_id}") if "ev" in item]
    assert marked == ["E#000000000001", "E#000000000003"]
    assert "ev" not in _of(table, f"C#test#{real.tag}-1")[0]
    assert "ev" in _of(table, f"X#{redeemed(real).redemption_id}")[0]
    assert "ev" not in _of(table, f"V#{real.tag}")[0]


def test_of_two_accounts_the_last_entry_of_each_is_marked_as_an_event(
    real: Place, table: Any
) -> None:
    one, other = opened(real, "one"), opened(real, "other")
    second = following(other)
    write = Write((operation(real, "1"),), (following(one), second, following(second)))
    assert real.ledger.commit(write) is Verdict.COMMITTED

    def marked(account_id: str) -> list[str]:
        items = _of(table, f"A#{account_id}")
        return [item["sk"] for item in items if "ev" in item]

    assert marked(one.account_id) == ["E#000000000001", "E#000000000002"]
    assert marked(other.account_id) == ["E#000000000001", "E#000000000003"]
    assert "ev" not in _of(table, f"C#test#{real.tag}-1")[0]


def test_of_several_operations_in_one_write_each_is_an_event(real: Place, table: Any) -> None:
    """What expired, a purchase with a return that had waited, the use of what paid for it: four."""
    first, redemption = opened(real), redeemed(real)
    names = [causes.of_purchase(real.tag, number) for number in range(2)]
    expired = replace(following(first, cause="expiry"), kind=EntryKind.EXPIRE)
    earned = following(expired, cause=names[0])
    back = following(earned, cause=names[1])
    use, link = ended(real, EndedAs.USED), SpentOn(redemption.redemption_id, real.tag, NOW)
    records = (bought(real, first.account_id), returned(real, 1), link, use)
    write = Write(records, (expired, earned, back))
    assert real.ledger.commit(write) is Verdict.COMMITTED
    marked = [item["sk"] for item in _of(table, f"A#{first.account_id}") if "ev" in item]
    assert marked == [f"E#{number:012d}" for number in range(1, 5)]
    assert not any("ev" in item for item in _of(table, f"P#{real.tag}"))
    ends = [item["sk"] for item in _of(table, f"X#{redemption.redemption_id}") if "ev" in item]
    assert ends == ["1"]


def test_a_guests_purchase_and_its_returns_are_events_of_their_own(real: Place, table: Any) -> None:
    lead = replace(operation(real, "1"), kind="claim_code")
    refused = RefusedReturn(real.tag, 2, "r-2", NOW, "unknown_line")
    write = Write((bought(real, None), lead, returned(real, 1), refused))
    assert real.ledger.commit(write) is Verdict.COMMITTED
    marked = [item["sk"] for item in _of(table, f"P#{real.tag}") if "ev" in item]
    assert marked == ["0000", "0001"]


def _of(table: Any, pk: str) -> list[dict[str, Any]]:
    answer = table.query(
        KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": pk}, ConsistentRead=True
    )
    return list(answer["Items"])


def test_an_account_of_a_newer_release_is_not_touched(real: Place, table: Any) -> None:
    first = opened(real)
    newer = entry_item(replace(following(first), state='{"v":3,"s":"a"}'))
    transact([Put(newer)])
    with pytest.raises(StoreNewer):
        real.ledger.head(first.account_id)
    assert table


def test_a_record_of_a_kind_that_a_newer_release_brought_is_not_passed_over(
    real: Place, table: Any
) -> None:
    real.ledger.commit(Write((bought(real, "mem_1"),)))
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
    first, reward = opened(real), stocked(real, stock=0)
    reasons = [{"Code": code} for code in codes]

    def cancel(_: str, request: AWSPreparedRequest) -> AWSResponse:
        return refusal(request.url, "TransactionCanceledException", CancellationReasons=reasons)

    stock = StockChange(reward.reward_id, 0, -1)
    with interposed(connection, cancel), pytest.raises(StoreUnavailable):
        real.ledger.commit(Write((operation(real, "1"),), (following(first),), stock))


def test_a_broken_connection_makes_every_outcome_unknown(
    real: Place, connection: Connection
) -> None:
    head = opened(real)
    acts: list[Callable[[], object]] = [
        lambda: real.ledger.head(head.account_id),
        lambda: real.ledger.entry(head.account_id, 1),
        lambda: real.ledger.purchase(real.tag),
        lambda: real.ledger.operation("test", real.tag),
        lambda: real.ledger.commit(Write((operation(real, "1"),), (following(head),))),
    ]

    def break_off(_: str, request: AWSPreparedRequest) -> AWSResponse:
        raise LostReply(endpoint_url=request.url)

    for act in acts:
        with interposed(connection, break_off), pytest.raises(StoreUnavailable):
            act()
