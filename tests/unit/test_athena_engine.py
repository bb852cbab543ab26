"""What becomes of a question to Athena that is slow or fails; what it answers is in the contract
suite, on the local Athena."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from chalicelib.providers.athena_engine import ANSWER_SECONDS, AthenaEngine, AthenaPlace
from chalicelib.providers.snapshot_files import SnapshotFiles
from chalicelib.providers.snapshot_objects import FolderObjects
from chalicelib.usecases.ports import SnapshotQuery, StoreUnavailable, Where
from tests.ledger_world import unhurried


@dataclass(slots=True)
class Athena:
    """Amazon's client, as far as it is called: every query is in a state for ever."""

    state: str
    asked: list[dict[str, Any]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def start_query_execution(self, **request: Any) -> dict[str, str]:
        self.asked.append(request)
        return {"QueryExecutionId": "q-1"}

    def get_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803  # theirs
        assert QueryExecutionId == "q-1"
        return {"QueryExecution": {"Status": {"State": self.state}}}

    def stop_query_execution(self, QueryExecutionId: str) -> None:  # noqa: N803  # theirs
        self.stopped.append(QueryExecutionId)


def engine(athena: Athena, folder: Path) -> AthenaEngine:
    files = SnapshotFiles(FolderObjects(folder))
    place = AthenaPlace("bucket", "snapshot_db", "group")
    return AthenaEngine(cast(Callable[[], Any], lambda: athena), files, place, tuple, unhurried())


def test_a_question_that_takes_too_long_is_stopped_and_is_an_outage(tmp_path: Path) -> None:
    athena = Athena("RUNNING")
    with pytest.raises(StoreUnavailable, match=f"within {ANSWER_SECONDS:.0f} s"):
        engine(athena, tmp_path).count(Where())
    assert athena.stopped == ["q-1"]


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_question_that_fails_is_an_outage(state: str, tmp_path: Path) -> None:
    athena = Athena(state)
    with pytest.raises(StoreUnavailable, match=state.lower()):
        engine(athena, tmp_path).count(Where())
    assert athena.stopped == []


def test_values_are_never_part_of_a_question_and_parts_are_named_in_it(tmp_path: Path) -> None:
    athena = Athena("FAILED")
    where = Where(
        '"country" = ? AND "available_points" > ? AND "first_purchase" = ?', ("O'N", 5, True)
    )
    with pytest.raises(StoreUnavailable):
        engine(athena, tmp_path).count(where)
    [asked] = athena.asked
    assert asked["ExecutionParameters"] == ["'O''N'", "5", "true"]
    assert "O'" not in asked["QueryString"]
    assert (
        '"snapshot_db"."members_base" AS rows_of_it WHERE part = \'none\'' in asked["QueryString"]
    )
    assert (asked["WorkGroup"], asked["QueryExecutionContext"]) == (
        "group",
        {"Database": "snapshot_db"},
    )


def test_without_values_none_are_sent_as_an_empty_list_is_refused(tmp_path: Path) -> None:
    athena = Athena("FAILED")
    with pytest.raises(StoreUnavailable):
        engine(athena, tmp_path).rows(SnapshotQuery("SELECT 1"))
    assert "ExecutionParameters" not in athena.asked[0]
