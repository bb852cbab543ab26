"""What the log's lines measure: of a request, of a worker's run, of the business."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pynamodb.exceptions import CancellationReason, TransactWriteError, VerboseClientError

from chalicelib import observability
from chalicelib.observability import METRICS, noting
from chalicelib.storage.faults import store_errors
from chalicelib.usecases.business_figures import business_figures
from chalicelib.usecases.ports import Outcome, StoreUnavailable
from chalicelib.usecases.settle import Attempts, settle
from chalicelib.wiring.outside import patience
from chalicelib.workers.failures import WorkerFailed, told
from tests.ledger_world import fake_world

REQUEST: Any = {
    "route": "POST /v1/purchases",
    "status": 201,
    "milliseconds": 12.34,
    "caller": "checkout",
    "code": None,
    "request_id": "r-1",
}


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines since the last look."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def measured(line: dict[str, Any]) -> dict[str, Any]:
    """The metrics of a line as CloudWatch would keep them: each by all that it is kept by."""
    kept: dict[str, Any] = {}
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"] == "Stampbook"
        for metric in directive["Metrics"]:
            for names in directive["Dimensions"]:
                values = [line[name] for name in names]
                assert all(isinstance(value, str) and value for value in values)
                kept["/".join([metric["Name"], *values])] = line[metric["Name"]]
    return kept


def test_what_became_of_a_request_is_measured_by_what_an_operator_asks_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "prod")
    refused = REQUEST | {"status": 409, "code": "insufficient_points"}
    outage = REQUEST | {"status": 503, "code": "try_again"}
    observability.log_request(**REQUEST)
    observability.log_request(**REQUEST, replayed=True, noted={"retries": 2, "conflicts": 1})
    observability.log_request(**refused)
    observability.log_request(**outage)
    fine, again, no, broken = (measured(line) for line in written(capsys))
    assert fine == {"latency/prod": 12.3, "latency/prod/POST /v1/purchases": 12.3}
    assert again == fine | {"replayed/prod": 1, "retries/prod": 2, "conflicts/prod": 1}
    assert no == fine | {"refused/prod": 1, "refused/prod/insufficient_points": 1}
    assert broken == fine | {"failed/prod": 1, "failed/prod/try_again": 1}


def test_a_metric_that_nobody_declared_is_an_error() -> None:
    with pytest.raises(KeyError):
        observability.log_work("relay", {"sales": 1})


def test_further_attempts_are_counted_for_whoever_notes_them_and_for_nobody_else() -> None:
    world, _ = fake_world()
    answers = iter([StoreUnavailable("down"), StoreUnavailable("down"), None])

    def decide(_: Attempts) -> Outcome[str]:
        if error := next(answers):
            raise error
        return Outcome("done")

    observability.note("retries")  # nobody listens
    told = replace(world.ports.patience, repeated=patience().repeated)
    ports = replace(world.ports, patience=told)
    with noting() as outer, noting() as noted:
        settle(ports, decide, lambda: None)
    assert (dict(noted), dict(outer)) == ({"retries": 2}, {})


@pytest.mark.parametrize(
    ("code", "item", "counted"),
    [
        ("TransactionCanceledException", "TransactionConflict", {"conflicts": 1}),
        ("TransactionCanceledException", "ThrottlingError", {"throttled": 1}),
        ("ThrottlingException", None, {"throttled": 1}),
        ("InternalServerError", None, {}),
    ],
)
def test_why_dynamodb_did_not_write_is_counted(
    code: str, item: str | None, counted: dict[str, int]
) -> None:
    reasons = [None, CancellationReason(item)] if item else []
    answer = {"Error": {"Code": code, "Message": "no"}}
    cause = VerboseClientError(answer, "TransactWriteItems", {}, cancellation_reasons=reasons)
    error = TransactWriteError("no", cause)
    with noting() as noted, pytest.raises(StoreUnavailable), store_errors():
        raise error
    assert dict(noted) == counted


def test_a_workers_run_is_a_line_where_there_was_something_to_note_also_if_it_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @told("imports")
    def handle(times: int) -> int:
        for _ in range(times):
            observability.note("retries")
        return 1 // (2 - times)

    assert handle(0) == 0
    assert written(capsys) == []
    assert handle(1) == 1
    [line] = written(capsys)
    assert (line["event"], line["worker"], line["retries"]) == ("work", "imports", 1)
    with pytest.raises(WorkerFailed):
        handle(2)
    assert [line["event"] for line in written(capsys)] == ["failure", "work"]


def test_the_sums_of_the_business_are_those_of_what_was_written() -> None:
    world, ledger = fake_world()
    mia = world.member("mia")
    world.buy("a", mia, 10_000)
    world.buy("b", None, 700)
    mug = world.reward("mug", points=60)
    world.redeem(mia, mug, "k1")
    world.give_back("a", "r1", 3_000)
    world.adjust(mia, -5, "k2")
    entries = [entry for account in ledger.accounts.values() for entry in account.values()]
    sums = business_figures([*entries, *ledger.causes.values()])
    assert sums == {
        "members_joined": 1,
        "purchases": 2,
        "purchases_minor": 10_700,
        "points_earned": 100,
        "redemptions": 1,
        "points_redeemed": 60,
        "returns": 1,
        "points_taken_back": 30,
        "points_adjusted": -5,
    }
    assert set(sums) < set(METRICS)


def test_the_page_for_operators_names_every_metric_and_no_other() -> None:
    page = (Path(__file__).parents[2] / "docs" / "observability.md").read_text()
    table = page.split("## Metrics")[1].split("## The dashboard")[0]
    rows = [row.split("|") for row in table.splitlines() if row.startswith("| `")]
    named = {name: tuple(row[2].split()) for row in rows for name in re.findall(r"`(\w+)`", row[1])}
    assert named == {name: metric.by for name, metric in METRICS.items()}
