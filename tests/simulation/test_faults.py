"""Two thousand operations by many at once over a network that fails, while months pass: nothing is
lost, nothing is counted twice, and everything that was once answered is answered alike again."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import boto3
import pytest

from chalicelib.domain.refusals import Refusal
from chalicelib.settings import Settings
from chalicelib.storage import tables
from chalicelib.storage.offers import DynamoOffers
from chalicelib.wiring import outside
from infrastructure.local.resources import Stack
from tests import second_opinion
from tests.ledger_world import dynamo_world, new_name
from tests.simulation.bad_network import BadNetwork, bad_network
from tests.simulation.books import Snapshot
from tests.simulation.crowd import Person, Request, Town, send, tally, town
from tests.simulation.invariants import broken, scanned

SEEDS = [int(seed) for seed in os.environ.get("SEEDS", "1 2 3 4 5").split()]
OPERATIONS = 2_000
CROWD = 16
_PROGRESS_SECONDS = 5.0


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def network(
    stack: Stack, settings: Settings, seed: int, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BadNetwork]:
    """The models, bound to their tables over a network that can fail."""
    assert stack
    endpoint = second_opinion.dynamodb_endpoint()
    with bad_network(endpoint, seed) as proxy:
        monkeypatch.setenv(second_opinion.OF_DYNAMODB, proxy.endpoint)
        tables.bind(settings)
        yield proxy
        monkeypatch.setenv(second_opinion.OF_DYNAMODB, endpoint)
        tables.bind(settings)


@pytest.fixture
def place(network: BadNetwork) -> Town:
    assert network
    patience = replace(outside.patience(), first_ms=5, most_ms=40, limit_ms=250)
    return town(dynamo_world(new_name("sim"), patience=patience, offers=DynamoOffers()))


@pytest.mark.timeout(600)
def test_two_thousand_operations_over_a_failing_network(
    stack: Stack, network: BadNetwork, place: Town, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    network.fail()
    with capsys.disabled():
        _let_them_act(place, seed, network)
    failures = network.failures()
    network.recover()
    with capsys.disabled():
        print(f"\n  seed {seed}: {tally(place.requests)}\n  seed {seed}: {failures}")
    assert all(failures.values()), f"seed {seed}: a fault that never happened proves nothing"
    assert _forgotten(place.requests) == [], f"seed {seed}"
    snapshot = scanned(boto3.client("dynamodb"), stack.names)
    assert broken(snapshot) == [], f"seed {seed}"
    brought = _brought_by_the_calendar(snapshot, place.world.name)
    with capsys.disabled():
        print(f"  seed {seed}: {dict(brought)}")
    assert all(brought.values()), f"seed {seed}: what never happened proves nothing"


def _brought_by_the_calendar(snapshot: Snapshot, world: str) -> dict[str, int]:
    """How often time did something to somebody's points, as the entries of a world tell."""
    told = {"expire": 0, "gift:": 0, "tier:": 0, '["expired"': 0, "offer:off_once": 0}
    for item in snapshot.ledger:
        if item["pk"]["S"].startswith(f"A#mem_{world}_") and "k" in item:
            said = item["k"]["S"] + item.get("w", {"S": ""})["S"]
            for sign in told:
                told[sign] += sign in said
    return told


def _let_them_act(place: Town, seed: int, network: BadNetwork) -> None:
    left, lock = [OPERATIONS], threading.Lock()

    def live(name: str) -> None:
        person = Person(place, name)
        while True:
            with lock:
                if not left[0]:
                    return
                left[0] -= 1
            person.act()

    with ThreadPoolExecutor(CROWD) as pool:
        lives = [pool.submit(live, f"{seed}/{number}") for number in range(CROWD)]
        while wait(lives, _PROGRESS_SECONDS).not_done:
            done = OPERATIONS - left[0]
            count = sum(network.failures().values())
            print(f"  seed {seed}: {done} of {OPERATIONS} operations, {count} faults", flush=True)
        for life in lives:
            life.result()


def _forgotten(requests: list[Request]) -> list[str]:
    """What was answered and is not answered alike again, now that nothing fails."""
    wrong: list[str] = []
    for request in requests:
        # Whoever suspects an account again, when somebody has looked since, opens another review.
        if request.told and request.kind != "look":
            wrong += [f"{request.kind}: {text}" for text in _differs(request)]
        else:
            send(request)  # given up or refused: it may have landed, and may land now
    return wrong


def _differs(request: Request) -> Iterator[str]:
    answers = list(request.told)
    try:
        again = request.send()
    except Refusal as refusal:
        yield f"was told {answers[0]}, and is refused now: {refusal}"
        return
    # A status that the account has already is no operation at all; the same line of the same file
    # is told to have been applied, and a gift to be there, however often it is tried.
    if not again.replayed and request.kind not in ("verify", "import", "gift"):
        yield f"was told {answers[0]}, and that is not there"
    if any(answer != again.answer for answer in answers):
        yield f"was told {answers}, and is told {again.answer}"
