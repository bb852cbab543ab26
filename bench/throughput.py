"""Purchases through the handler beside the same two DynamoDB calls made by bare boto3.

Both run in turns in one process against one MiniStack, so that the ratio holds where the
milliseconds do not. And with 10 and with 20,000 entries of history: calls and units are the same.
"""

import os
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from secrets import token_bytes, token_hex
from typing import Any

import boto3

from bench.installation import Installation, installation
from bench.tables import show
from chalicelib.domain.api_keys import ApiKey, new_secret, secret_hash
from chalicelib.domain.callers import CHECKOUT_SCOPES
from chalicelib.domain.names import new_id
from chalicelib.wiring import Services
from infrastructure.local.demo_shop import PROGRAM
from tests.api.client import Client
from tests.api.shop import Shop, line
from tests.long_history import put_history
from tests.metered import metered

ROUNDS, TURNS = 50, 6
TARGET = 0.7
HISTORIES = (10, 20_000)


def run() -> None:
    """Measure and print."""
    with installation() as bench:
        shop = a_shop(bench.services)
        ours, bare = _by_the_handler(shop, shop.member()), _by_boto3(bench.services)
        timed: dict[str, list[tuple[float, float]]] = {"handler": [], "boto3": []}
        for _ in range(TURNS):
            timed["handler"].append(_timed(ours))
            timed["boto3"].append(_timed(bare))
        _show_throughput(timed)
        _show_history(bench, shop)


def _show_throughput(timed: dict[str, list[tuple[float, float]]]) -> None:
    # The best turn of each: what else the machine does only ever makes a turn slower.
    best = {name: min(wall for wall, _ in turns) for name, turns in timed.items()}
    processor = {name: min(cpu for _, cpu in turns) for name, turns in timed.items()}
    rows = [
        [name, f"{1 / best[name]:.0f}", f"{best[name] * 1000:.2f}", f"{processor[name] * 1000:.2f}"]
        for name in timed
    ]
    ratio = best["boto3"] / best["handler"]
    rows.append(["ratio", f"{ratio:.2f}", "", f"{processor['boto3'] / processor['handler']:.2f}"])
    title = f"A purchase of 5 lines, one caller ({TARGET} of bare boto3's throughput is the target)"
    show(title, ["by", "a second", "ms", "our processor's ms"], rows)


def _show_history(bench: Installation, shop: Shop) -> None:
    rows = []
    for entries in HISTORIES:
        member_id = new_id("mem", token_bytes(16))
        put_history(member_id, entries, datetime.now(UTC) - timedelta(days=900))
        buy = _by_the_handler(shop, member_id)
        with metered(bench.connection) as meter:
            buy(0)
        seconds, _ = _timed(buy)
        cells = [len(meter.calls), meter.write_units, meter.read_units, seconds * 1000]
        rows.append([f"{entries:,}", *(f"{cell:.0f}" for cell in cells[:3]), f"{cells[3]:.1f}"])
    title = "The same with a history (MiniStack reads a whole partition, DynamoDB does not)"
    show(title, ["entries", "calls", "write units", "read units", "ms"], rows)


def _timed(act: Callable[[int], object]) -> tuple[float, float]:
    """Seconds and seconds of this process's processor, a round."""
    wall, processor = time.perf_counter(), time.process_time()
    for number in range(ROUNDS):
        act(number)
    return (
        (time.perf_counter() - wall) / ROUNDS,
        (time.process_time() - processor) / ROUNDS,
    )


def _by_the_handler(shop: Shop, member_id: str) -> Callable[[int], object]:
    lines = [line(str(number), 499) for number in range(5)]

    def buy(_: int) -> None:
        # The line that is logged for each request is a part of what it takes; it goes nowhere.
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
            reply = shop.post("/v1/purchases", shop.purchase(member_id, *lines))
        assert reply.status == 201, reply.body

    return buy


def _by_boto3(services: Services) -> Callable[[int], object]:
    """The Query and the transaction of a purchase, with items of the same sizes."""
    client: Any = boto3.client("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    table = services.settings.ledger_table
    account, numbers = f"A#bare-{token_hex(8)}", count(1)
    purchase, entry = {"S": "x" * 700}, {"S": "x" * 500}

    def put(item: dict[str, Any]) -> dict[str, Any]:
        condition = "attribute_not_exists(pk)"
        return {"Put": {"TableName": table, "Item": item, "ConditionExpression": condition}}

    def buy(_: int) -> None:
        client.query(
            TableName=table,
            KeyConditionExpression="pk = :p",
            ExpressionAttributeValues={":p": {"S": account}},
            Limit=2,
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        number = next(numbers)
        client.transact_write_items(
            TransactItems=[
                put({"pk": {"S": f"P#{account}-{number}"}, "sk": {"S": "0"}, "d": purchase}),
                put({"pk": {"S": account}, "sk": {"S": f"E#{number:012}"}, "s": entry}),
            ],
            ClientRequestToken=token_hex(16),
        )

    return buy


def a_shop(services: Services) -> Shop:
    """A shop with the demo's program and a key of its own, on the application of this process."""
    from app import app  # it reads the environment that the installation sets

    secret = new_secret(token_bytes(32))
    now = datetime.now(UTC)
    key = ApiKey(new_id("key", token_bytes(16)), "till-bench", CHECKOUT_SCOPES, False, now)
    assert services.ports.keys.add(key, secret_hash(secret)) == "added"
    programs = services.ports.programs
    assert programs.add(replace(PROGRAM, version=1), now)
    return Shop(Client(app), services, secret, lambda *_: "")


if __name__ == "__main__":
    run()
