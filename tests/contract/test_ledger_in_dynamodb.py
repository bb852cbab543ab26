"""What the real ledger promises beside its port: calls, marks, newer releases, faults."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from pynamodb.connection import Connection

from chalicelib.storage.ledger_items import entry_item
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import (
    StockChange,
    StoreNewer,
    StoreUnavailable,
    VoucherRecord,
    Write,
)
from tests.contract.ledger_place import (
    Place,
    bought,
    following,
    in_dynamodb,
    opened,
    operation,
    redeemed,
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
