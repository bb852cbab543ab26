"""Two operations side by side of which one answers a survey: its points are given once, whoever
answers, and whatever happens to the member meanwhile.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from chalicelib.domain.instants import printed
from chalicelib.domain.interactions import Answers, Interaction
from chalicelib.domain.refusals import Refusal
from chalicelib.domain.surveys import Survey
from chalicelib.storage import keys
from chalicelib.storage.gone import GoneItem
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import Outcome, StoreUnavailable
from tests.ledger_world import unhurried
from tests.simulation.neighbour_pairs import IMMUTABLE_READS
from tests.simulation.pairs import account_rows, text_of
from tests.told_world import Told, told_on_tables


@dataclass(slots=True)
class Panel:
    """Mia has 100 points, Tom 50, and both can answer a survey that gives 30. Where a pair asks for
    it, Tom's account was merged into Mia's."""

    told: Told
    mia: str
    tom: str
    survey: Survey
    merge_id: str = ""

    def seen_by(self) -> "Panel":
        """The same panel with ports of its own: two operations do not share their patience."""
        told = self.told
        world = replace(told.near.world, ports=replace(told.near.world.ports, patience=unhurried()))
        near = replace(told.near, world=world)
        return replace(self, told=Told(near, vault=told.vault))


def set_panel(names: set[str]) -> Panel:
    """A new panel for operations of these names."""
    told = told_on_tables(patience=unhurried())
    panel = Panel(told, told.member("mia", 100), told.member("tom", 50), told.survey(points=30))
    if "answer as the twin" in names or "part" in names:
        panel.merge_id = told.near.merge(panel.tom, panel.mia, "merged").answer.merge_id
    return panel


def _goes(panel: Panel, _: str) -> Outcome[str]:
    """An erasure of Mia begins."""
    gone = GoneItem(keys.member(panel.mia), keys.GONE, at=printed(panel.told.now))
    with suppress(StoreUnavailable):  # its reply is lost: it has landed all the same
        transact([Put(gone)])
    return Outcome("gone")


Operation = Callable[[Panel, str], Outcome[Any]]
"""(the panel, a label that makes its keys) -> its outcome."""

OPERATIONS: dict[str, Operation] = {
    "answer": lambda p, label: p.told.answer(p.mia, p.survey, label),
    "answer as the twin": lambda p, label: p.told.answer(p.tom, p.survey, label),
    "merge": lambda p, label: p.told.near.merge(p.mia, p.tom, f"m-{label}"),
    "part": lambda p, _: p.told.near.part(p.merge_id),
    "purchase": lambda p, label: p.told.near.buy(f"p-{label}", p.mia, 7),
    "erasure": _goes,
}


@dataclass(frozen=True, slots=True)
class SurveyPair:
    """Two operations; `same`: the second is the first again."""

    first: str
    second: str
    same: bool = False
    chosen_calls: int = 6
    free: frozenset[str] = IMMUTABLE_READS

    def __str__(self) -> str:
        return f"{self.first} + {'the same again' if self.same else self.second}"

    def set_scene(self) -> Panel:
        """A new panel, which shares nothing with any other."""
        return set_panel({self.first, self.second})

    def acts(self, scene: Panel) -> Sequence[Callable[[], object]]:
        """The two, ready to run."""
        labels = ("a", "a") if self.same else ("a", "b")
        return [
            partial(OPERATIONS[name], scene.seen_by(), label)
            for name, label in zip((self.first, self.second), labels, strict=True)
        ]

    def seen(self, scene: Panel, results: list[object], *, replays: bool) -> str:
        """Both accounts, the survey's sums, what was kept, and the answers."""
        told = scene.told
        everything: dict[str, Any] = {
            name: _rows(told, member) for name, member in (("mia", scene.mia), ("tom", scene.tom))
        }
        sums = told.ports.surveys.sums(scene.survey.survey_id)
        everything["sums"] = [sums.answers, dict(sums.tally)]
        everything["answers"] = [_answer(result, replays) for result in results]
        return text_of(everything, told.near.world)


def _rows(told: Told, member_id: str) -> list[Any]:
    """Entries without what names the survey, which is another one in each scene; and how much the
    member has told."""
    entries = account_rows(told.ports.ledger.entries(member_id, None, 50))
    points = [[entry.points for entry in row[6]] for row in entries]
    plain = [[*row[:6], total, row[7]] for row, total in zip(entries, points, strict=True)]
    return [plain, len(told.ports.interactions.page(member_id, None, 10))]


def _answer(result: object, replays: bool) -> Any:
    if isinstance(result, Refusal):
        return [result.code, result.extras()]
    assert isinstance(result, Outcome), result
    answer = result.answer
    if isinstance(answer, Interaction):
        assert isinstance(answer.content, Answers)
        return ["answered", answer.content.points, replays and result.replayed]
    return [type(answer).__name__, replays and result.replayed]


SURVEY_PAIRS = [
    SurveyPair("answer", "answer", same=True),
    SurveyPair("answer", "answer", chosen_calls=5),
    SurveyPair("answer", "answer as the twin"),
    SurveyPair("answer", "merge", chosen_calls=5),
    SurveyPair("answer as the twin", "part"),
    SurveyPair("answer", "purchase", chosen_calls=5),
    SurveyPair("answer", "erasure", chosen_calls=5),
]
