"""A survey gives its points once: to whom, how they are told, and when they are refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from chalicelib.domain.checks.postings import posting_of_entry
from chalicelib.domain.entries import EntryKind
from chalicelib.domain.interactions import Answers, Interaction, InteractionKind
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    InvalidContent,
    MemberNotFound,
    NotFound,
    TryAgain,
)
from chalicelib.domain.surveys import Question, QuestionKind, SurveyKind
from chalicelib.usecases.add_interaction import AddInteraction
from chalicelib.usecases.answer_survey import SURVEY, answer_survey, survey_name
from chalicelib.usecases.one_person import same_person
from chalicelib.usecases.open_review import OpenReview, open_review
from chalicelib.usecases.ports import Outcome
from chalicelib.usecases.publish_events import event_of
from chalicelib.usecases.read_statement import read_statement
from chalicelib.usecases.reconcile_operations import operation_postings
from chalicelib.usecases.save_survey import close_survey
from tests.at_once import at_once
from tests.fakes.stored import snapshot_of
from tests.ledger_world import ANNA, unhurried
from tests.neighbours import himself
from tests.simulation.invariants import broken
from tests.told_world import LIKES, MARKETER, Told, told_in_memory


@pytest.fixture
def told() -> Told:
    """Members who tell us things, in memory."""
    return told_in_memory()[0]


def _refused(act: Callable[[], object]) -> str:
    with pytest.raises(Conflict) as refusal:
        act()
    return refusal.value.reason


def test_an_answer_gives_the_points_of_the_survey_and_says_so() -> None:
    told, ledger = told_in_memory()
    mia, survey = told.member("mia", 10), told.survey(points=50)
    outcome = told.answer(mia, survey)
    assert isinstance(outcome.answer.content, Answers)
    assert (outcome.replayed, outcome.answer.content.points) == (False, 50)
    assert told.near.account(mia).available == 60
    newest = read_statement(told.ports, mia, None, 1, told.now)[0]
    assert (newest.entry.kind, newest.entry.points) == (EntryKind.BONUS, 50)
    assert [row.text for row in newest.explanation] == ["Thank you for answering: drinks"]
    event = event_of(newest.entry, "key")
    assert event is not None
    assert event.type == "stampbook.points.bonus_given"
    assert broken(snapshot_of(ledger, told.ports.rewards)) == []


def test_the_same_request_again_is_a_replay_and_another_content_is_told(told: Told) -> None:
    mia, survey = told.member("mia"), told.survey()
    first, again = told.answer(mia, survey), told.answer(mia, survey)
    assert (again.replayed, again.answer) == (True, first.answer)
    assert told.near.account(mia).available == 50
    with pytest.raises(ConflictingReplay) as refusal:
        told.answer(mia, survey, answers={**LIKES, "drink": "Water"})
    assert refusal.value.differing == ["answers"]


def test_a_replay_answers_after_the_survey_was_closed(told: Told) -> None:
    mia, survey = told.member("mia"), told.survey()
    first = told.answer(mia, survey)
    close_survey(told.ports, MARKETER, survey.survey_id, told.now)
    assert told.answer(mia, survey).answer == first.answer
    tom = told.member("tom")
    assert _refused(lambda: told.answer(tom, survey)) == "survey_not_open"


def test_a_member_answers_a_survey_once_under_whatever_key(told: Told) -> None:
    mia, survey = told.member("mia"), told.survey()
    told.answer(mia, survey, "a")
    assert _refused(lambda: told.answer(mia, survey, "b")) == "already_answered"
    assert told.near.account(mia).available == 50
    told.answer(mia, told.survey("cups"), "c")
    assert told.near.account(mia).available == 100


def test_an_answer_pays_debt_first(told: Told) -> None:
    mia = told.member("mia")
    told.near.adjust(mia, -70, "debt")
    told.answer(mia, told.survey(points=50))
    assert (told.near.account(mia).available, told.near.account(mia).debt) == (0, 20)


def test_a_survey_without_points_makes_no_entry_and_is_answered_once_all_the_same() -> None:
    told, ledger = told_in_memory()
    mia, survey = told.member("mia"), told.survey(points=0)
    told.answer(mia, survey)
    assert told.near.kinds(mia) == ["open"]
    assert _refused(lambda: told.answer(mia, survey, "b")) == "already_answered"
    assert broken(snapshot_of(ledger, told.ports.rewards)) == []


def test_who_was_merged_has_answered_for_the_one_who_stands_in_and_the_other_way(
    told: Told,
) -> None:
    old, new, older = told.member("old"), told.member("new"), told.member("older")
    drinks, cups = told.survey("drinks"), told.survey("cups")
    told.answer(older, drinks)
    told.near.merge(older, old, "m1")
    told.near.merge(old, new, "m2")
    assert sorted(same_person(told.ports, old)) == sorted([old, new, older])
    assert _refused(lambda: told.answer(new, drinks, "b")) == "already_answered"
    told.answer(new, cups, "c")
    for member in (old, older):
        assert _refused(partial(told.answer, member, cups, "d")) == "already_answered"
    assert told.near.account(older).available == 100


def test_who_was_merged_and_parted_answers_for_itself_again(told: Told) -> None:
    old, new, survey = told.member("old"), told.member("new"), told.survey()
    told.answer(old, survey)
    merge_id = told.near.merge(old, new, "m").answer.merge_id
    told.near.part(merge_id)
    assert same_person(told.ports, new) == [new]
    told.answer(new, survey, "b")
    assert told.near.account(new).available == 50


def test_each_who_shares_a_households_account_answers(told: Told) -> None:
    mia, tom, kim, survey = *(told.member(name) for name in ("mia", "tom", "kim")), told.survey()
    told.near.merge(kim, tom, "m")
    told.near.join(tom, told.near.invite(mia, "code"))
    assert same_person(told.ports, mia) == [mia]
    assert sorted(same_person(told.ports, kim)) == sorted([kim, tom])
    told.answer(mia, survey, "a")
    told.answer(tom, survey, "b")
    assert _refused(lambda: told.answer(kim, survey, "c")) == "already_answered"
    assert told.near.account(mia).available == told.near.account(tom).available == 100


def test_a_twin_is_found_however_much_has_happened_since_the_merge(told: Told) -> None:
    old, new, survey = told.member("old"), told.member("new"), told.survey()
    told.answer(old, survey)
    told.near.merge(old, new, "m")
    for number in range(120):
        told.near.adjust(new, 1, f"a{number}")
    assert _refused(lambda: told.answer(new, survey, "b")) == "already_answered"


@pytest.mark.parametrize("lost", ["lose_replies", "refuse_writes"])
def test_a_lost_reply_or_a_lost_write_gives_the_points_once(lost: str) -> None:
    told, ledger = told_in_memory()
    mia, survey = told.member("mia"), told.survey()
    setattr(ledger, lost, 1)
    outcome = told.answer(mia, survey)
    assert outcome.replayed == (lost == "lose_replies")
    assert told.near.account(mia).available == 50
    assert told.ports.surveys.sums(survey.survey_id).answers == 1


def test_a_store_that_stays_away_is_told_and_nothing_is_kept() -> None:
    told, ledger = told_in_memory()
    mia, survey = told.member("mia"), told.survey()
    ledger.refuse_writes = 10_000
    with pytest.raises(TryAgain):
        told.answer(mia, survey)
    ledger.refuse_writes = 0
    assert told.ports.interactions.page(mia, None, 10) == []
    assert told.answer(mia, survey).replayed is False


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        ({"drink": "Beer", "taste": 4}, {"/answers/drink": "not_allowed"}),
        (
            {"drink": 3, "taste": 6},
            {"/answers/drink": "not_allowed", "/answers/taste": "out_of_range"},
        ),
        ({"drink": "Tea"}, {"/answers/taste": "missing"}),
        ({**LIKES, "a/b": "?"}, {"/answers/a~1b": "unknown_question"}),
        ({**LIKES, "wish": 3}, {"/answers/wish": "wrong_type"}),
        ({**LIKES, "taste": "4"}, {"/answers/taste": "out_of_range"}),
    ],
)
def test_answers_that_answer_nothing_are_refused_all_at_once(
    told: Told, answers: dict[str, str | int], errors: dict[str, str]
) -> None:
    mia, survey = told.member("mia"), told.survey()
    with pytest.raises(InvalidContent) as refusal:
        told.answer(mia, survey, answers=answers)
    assert {error.pointer: error.code for error in refusal.value.errors} == errors
    assert told.near.account(mia).available == 0


def test_words_may_be_left_out(told: Told) -> None:
    mia = told.member("mia")
    told.answer(mia, told.survey(), answers={"drink": "Tea", "taste": 1})
    assert told.near.account(mia).available == 50


def test_a_survey_is_answered_from_when_it_opens_until_it_closes(told: Told) -> None:
    opens, closes = told.now + timedelta(hours=1), told.now + timedelta(hours=2)
    survey = told.survey(opens_at=opens, closes_at=closes)
    mia, tom = told.member("mia"), told.member("tom")
    assert _refused(lambda: told.answer(mia, survey)) == "survey_not_open"
    told.near.now = opens
    told.answer(mia, survey)
    told.near.now = closes
    assert _refused(lambda: told.answer(tom, survey)) == "survey_not_open"


def test_a_competition_is_entered_as_one(told: Told) -> None:
    question = Question("slogan", "Our slogan?", QuestionKind.TEXT)
    entry = told.survey("slogan", kind=SurveyKind.COMPETITION, questions=(question,), points=5)
    mia = told.member("mia")
    answers = Answers(entry.survey_id, {"slogan": "Beans and leaves"})
    command = AddInteraction(mia, InteractionKind.SURVEY, answers, "wrong kind")
    with pytest.raises(InvalidContent) as refusal:
        answer_survey(told.ports, himself(mia), command, told.now)
    assert refusal.value.errors[0].pointer == "/kind"
    told.answer(mia, entry, answers=answers.answers)
    assert told.near.account(mia).available == 5


def test_a_survey_or_a_member_that_is_not_there_is_told(told: Told) -> None:
    mia, survey = told.member("mia"), told.survey()
    with pytest.raises(NotFound):
        told.answer(mia, replace(survey, survey_id="srv_nothing"))
    with pytest.raises(MemberNotFound):
        told.answer("mem_nobody", survey)


def test_staff_who_write_an_answer_down_are_recorded(told: Told) -> None:
    mia, survey = told.member("mia"), told.survey()
    command = AddInteraction(
        mia, InteractionKind.SURVEY, Answers(survey.survey_id, LIKES), "by phone"
    )
    outcome = answer_survey(told.ports, ANNA, command, told.now)
    assert outcome.answer.by == ANNA.source
    assert ("interaction.added", mia, None) in told.near.audited()


def test_many_requests_at_once_give_the_points_once() -> None:
    told, _ = told_in_memory()
    mia, survey = told.member("mia"), told.survey()

    def again(number: int) -> Outcome[Interaction]:
        ports = replace(told.ports, patience=unhurried())  # each with a patience of its own
        return told.answer(mia, survey, f"k{number % 3}", ports=ports)

    done = at_once([partial(again, number) for number in range(12)])
    assert len({answer.interaction_id for answer in done.answers}) == len(done.first) == 1
    assert {refusal.code for refusal in done.refusals} == {"conflict"}
    assert told.near.account(mia).available == 50
    assert told.ports.surveys.sums(survey.survey_id).answers == 1


@pytest.mark.parametrize("points", [50, 0])
def test_the_record_says_to_the_reconciler_what_the_entry_says(told: Told, points: int) -> None:
    mia, survey = told.member("mia", 10), told.survey(points=points)
    told.answer(mia, survey)
    name = survey_name(told.ports.namer, survey.survey_id, mia)
    record = told.ports.ledger.operation(SURVEY, name)
    assert record is not None
    newest, before = told.ports.ledger.entries(mia, None, 2) if points else (None, None)
    entries = [posting_of_entry(before.account(), newest)] if before and newest else []
    assert list(operation_postings(record)) == entries


def test_points_of_an_account_under_review_are_held() -> None:
    told, ledger = told_in_memory()
    mia, survey = told.member("mia"), told.survey(points=50)
    open_review(told.ports, ANNA, OpenReview(mia, "looks odd", "k"), told.now)
    told.answer(mia, survey)
    account = told.near.account(mia)
    assert (account.available, account.pending_points) == (0, 50)
    assert broken(snapshot_of(ledger, told.ports.rewards)) == []
