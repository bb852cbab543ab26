"""What members told us: kept, sealed, listed and due, over the fake and over the real tables."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.instants import printed
from chalicelib.domain.interactions import (
    Complaint,
    ComplaintState,
    Enquiry,
    Interaction,
    InteractionKind,
    StateChange,
    Warranty,
    moved,
)
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.surveys import Given
from chalicelib.storage import keys
from chalicelib.storage.gone import GoneItem
from chalicelib.storage.tables import PeopleItem
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import Reminder
from tests.fakes.interactions import FakeInteractions
from tests.fakes.surveys import FakeSurveys
from tests.told_world import QUESTIONS, Told, told_in_memory, told_on_tables


@pytest.fixture(params=["memory", "dynamodb"])
def told(request: pytest.FixtureRequest) -> Iterator[Told]:
    """Members who tell us things, in memory and on MiniStack."""
    if request.param == "memory":
        yield told_in_memory()[0]
        return
    request.getfixturevalue("connection")
    yield told_on_tables()


def _due(told: Told, until: date) -> list[Reminder]:
    """Of this world's members alone: others have theirs in the same tables."""
    ours = f"mem_{told.near.world.name}_"
    return [hint for hint in told.ports.interactions.due(until) if hint.member_id.startswith(ours)]


def _goes(told: Told, member_id: str) -> None:
    """Somebody begins to erase the member."""
    if isinstance(told.ports.interactions, FakeInteractions):
        told.ports.interactions.gone.add(member_id)
        return
    transact([Put(GoneItem(keys.member(member_id), keys.GONE, at=printed(told.now)))])


def test_what_was_told_is_read_again_as_it_was(told: Told) -> None:
    mia = told.member("mia")
    kept = [
        told.tell(mia, InteractionKind.ENQUIRY, Enquiry("When do you open?"), "1").answer,
        told.complain(mia, "2"),
        told.register(mia, bought=date(2026, 1, 31), months=24, every=6, label="3"),
        told.answer(mia, told.survey(), "4").answer,
    ]
    for one in kept:
        assert told.ports.interactions.get(mia, one.interaction_id) == one
    assert told.ports.interactions.get(mia, "int_nothing") is None


def test_a_list_goes_on_behind_the_last_one_newest_first(told: Told) -> None:
    mia, tom = told.member("mia"), told.member("tom")
    told.complain(tom)
    kept = []
    for number in range(5):
        told.near.now += timedelta(minutes=1)
        kept.append(told.complain(mia, f"c{number}"))
    kept.append(told.complain(mia, "of the same instant"))
    page = told.ports.interactions.page
    everything = page(mia, None, 10)
    assert {one.interaction_id for one in everything} == {one.interaction_id for one in kept}
    assert [one.at for one in everything] == sorted((one.at for one in kept), reverse=True)
    found: list[Interaction] = []
    while some := page(mia, (found[-1].at, found[-1].interaction_id) if found else None, 2):
        found += some
    assert found == everything
    assert page(told.member("nobody"), None, 10) == []


def test_an_id_is_taken_once_and_a_change_follows_its_predecessor(told: Told) -> None:
    mia = told.member("mia")
    first = told.complain(mia)
    assert not told.ports.interactions.add(first)
    assert isinstance(first.content, Complaint)
    change = StateChange(ComplaintState.RESOLVED, told.now, "staff:anna", "A new cup.")
    second = first.changed(moved(first.content, change))
    assert told.ports.interactions.change(first, second)
    assert not told.ports.interactions.change(first, second)
    assert told.ports.interactions.get(mia, first.interaction_id) == second


def test_what_is_due_is_found_from_its_day_on_until_it_is_due_on_another(told: Told) -> None:
    mia = told.member("mia")
    kept = told.register(mia, bought=date(2026, 1, 31), months=12, every=1)
    day = date(2026, 3, 31)
    hint = Reminder(day, mia, kept.interaction_id)
    assert _due(told, day - timedelta(days=1)) == []
    assert _due(told, day) == _due(told, day + timedelta(days=400)) == [hint]
    assert isinstance(kept.content, Warranty)
    later = kept.changed(replace(kept.content, remind_on=date(2026, 4, 30), reminded=(day,)))
    assert told.ports.interactions.change(kept, later)
    assert _due(told, day) == []
    assert _due(told, date(2026, 4, 30)) == [Reminder(date(2026, 4, 30), mia, kept.interaction_id)]
    done = later.changed(replace(kept.content, remind_on=None))
    assert told.ports.interactions.change(later, done)
    assert _due(told, date(2027, 1, 1)) == []


def test_a_hint_that_leads_nowhere_is_forgotten(told: Told) -> None:
    mia = told.member("mia")
    kept = told.register(mia, bought=date(2026, 1, 31), months=12, every=1)
    hint = Reminder(date(2026, 3, 31), mia, kept.interaction_id)
    told.ports.interactions.forget(hint)
    told.ports.interactions.forget(hint)
    assert _due(told, date(2027, 1, 1)) == []


def test_nothing_is_kept_of_a_member_who_is_being_erased(told: Told) -> None:
    mia, survey = told.member("mia", 10), told.survey()
    complaint = told.complain(mia)
    _goes(told, mia)
    assert isinstance(complaint.content, Complaint)
    change = StateChange(ComplaintState.REJECTED, told.now, "staff:anna")
    with pytest.raises(MemberErased):
        told.ports.interactions.change(
            complaint, complaint.changed(moved(complaint.content, change))
        )
    with pytest.raises(MemberErased):
        told.complain(mia, "another")
    with pytest.raises(MemberErased):
        told.answer(mia, survey)
    assert told.near.account(mia).available == 10
    assert told.ports.surveys.sums(survey.survey_id).answers == 0


def test_nothing_that_was_told_is_stored_in_clear(connection: object) -> None:
    assert connection
    told = told_on_tables()
    told.vault.seal = lambda *_: b"sealed"  # type: ignore[method-assign]  # it hides nothing itself
    mia = told.member("mia")
    told.complain(mia)
    told.answer(mia, told.survey())
    rows = list(PeopleItem._get_connection().query(keys.member(mia))["Items"])
    text = str(rows)
    kinds = [row["sk"]["S"].partition("#")[0] for row in rows]
    assert sorted(kinds) == ["FRESH", "INT", "INT", "INTID", "INTID"]  # it was heard of by them
    assert not any(word in text for word in ("cold", "complaint", "survey", "Tea", "biscuits"))


def test_surveys_are_versions_and_the_first_one_stays_known(told: Told) -> None:
    first, other = told.survey("drinks"), told.survey("cups")
    second = replace(first, version=2, name="Hot drinks")
    assert told.ports.surveys.put(second, told.now)
    assert not told.ports.surveys.put(second, told.now)
    assert not told.ports.surveys.put(replace(first, version=5), told.now)
    assert told.ports.surveys.get(first.survey_id) == second
    assert told.ports.surveys.as_created(first.survey_id) == first
    assert told.ports.surveys.get("srv_nothing") is None
    ours = {first.survey_id, other.survey_id}
    assert {s.survey_id for s in told.ports.surveys.all() if s.survey_id in ours} == ours


def test_answers_are_counted_by_what_was_chosen_and_nothing_else(told: Told) -> None:
    survey = told.survey()
    for number, drink in enumerate(("Tea", "Tea", "Coffee")):
        answers: dict[str, Given] = {"drink": drink, "taste": number + 3}
        told.answer(told.member(f"m{number}"), survey, answers=answers)
    sums = told.ports.surveys.sums(survey.survey_id)
    assert sums.answers == 3
    assert dict(sums.tally) == {"0_0": 1, "0_1": 2, "1_2": 1, "1_3": 1, "1_4": 1}
    empty = told.ports.surveys.sums("srv_nothing")
    assert (empty.answers, dict(empty.tally)) == (0, {})
    assert len(QUESTIONS) == 3
    assert isinstance(told.ports.surveys, FakeSurveys) or told.near.world.name
