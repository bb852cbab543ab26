"""A member answers a survey or enters a competition: once, and what it gives is given once.

The answer, the sums of the survey, the record of the operation and its entry are one write. Two
members whose accounts support has merged are one person, and answer once between them.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.bonuses import give
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import Entry, EntryKind, Why
from chalicelib.domain.instants import printed
from chalicelib.domain.interactions import Answers, Interaction
from chalicelib.domain.names import Namer
from chalicelib.domain.refusals import Conflict, FieldError, InvalidContent, NotFound
from chalicelib.domain.surveys import Survey, answer_errors
from chalicelib.usecases.add_interaction import (
    AddInteraction,
    admit,
    earlier_of,
    new_interaction,
)
from chalicelib.usecases.current import Current, current
from chalicelib.usecases.one_person import same_person
from chalicelib.usecases.ports import OperationRecord, Outcome, Ports, Verdict, Write
from chalicelib.usecases.settle import Attempts, Plan, settle

SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of an answer. survey: as it was answered."""

    interaction: Interaction
    survey: Survey


def survey_name(namer: Namer, survey_id: str, member_id: str) -> str:
    """What stands for a member's answer to a survey, in a key: there is one, for ever."""
    return namer.name("survey answer", survey_id, member_id)


def answer_survey(
    ports: Ports, caller: Caller, command: AddInteraction, now: datetime
) -> Outcome[Interaction]:
    """Keep answers and give the survey's points, if nobody of this person has answered before.

    Raises MemberNotFound, MemberErased, NotFound, Conflict (`survey_not_open`, `already_answered`),
    InvalidContent, ConflictingReplay, TooManyRequests, TryAgain.
    """
    interaction = new_interaction(ports, caller, command, now)
    earlier = earlier_of(ports, interaction)
    if earlier is not None:
        return Outcome(earlier, replayed=True)
    answering = _Answering(ports, interaction, now)
    answering.check(answering.survey())
    admit(ports, caller, interaction)
    outcome = settle(ports, answering.decide, answering.replay, answering.commit)
    return Outcome(outcome.answer.interaction, outcome.replayed)


class _Answering:
    """One answer on its way."""

    def __init__(self, ports: Ports, interaction: Interaction, now: datetime) -> None:
        assert isinstance(interaction.content, Answers)  # noqa: S101  # nothing else answers one
        self._ports = ports
        self._interaction = interaction
        self._said = interaction.content
        self._now = now

    def survey(self) -> Survey:
        """What is answered. Raises NotFound."""
        survey = self._ports.surveys.get(self._said.survey_id)
        if survey is None:
            raise NotFound(what="survey")
        return survey

    def check(self, survey: Survey) -> None:
        """Refuse what does not answer it. Raises InvalidContent, Conflict."""
        if str(survey.kind) != str(self._interaction.kind):
            detail = f"This is a {survey.kind}."
            raise InvalidContent(errors=[FieldError("/kind", "not_allowed", detail)])
        if not survey.is_open(self._now):
            raise Conflict(reason="survey_not_open")
        if errors := answer_errors(survey, self._said.answers):
            raise InvalidContent(errors=errors)

    def decide(self, _: Attempts) -> Plan[_Kept]:
        survey, member_id = self.survey(), self._interaction.member_id
        self.check(survey)
        self._refuse_another([member_id])
        cause = causes.of_operation(SURVEY, self._name(member_id))
        at = current(self._ports, member_id, cause, self._now)
        # Who is the same person is asked after the account was read: what any of them answers
        # later is an entry in that account, and this write fails.
        self._refuse_another(same_person(self._ports, member_id))
        entries = _entries(at, survey, cause)
        kept = replace(self._interaction, content=replace(self._said, points=survey.points))
        answer = _answer(kept, survey, entries)
        record = OperationRecord(SURVEY, self._name(member_id), {}, answer)
        return Plan(Write((record,), entries), _Kept(kept, survey))

    def replay(self) -> _Kept | None:
        earlier = earlier_of(self._ports, self._interaction)
        return _Kept(earlier, self.survey()) if earlier is not None else None

    def commit(self, plan: Plan[_Kept]) -> Verdict:
        kept = plan.answer
        return self._ports.interactions.answer(kept.interaction, kept.survey, plan.write)

    def _name(self, member_id: str) -> str:
        return survey_name(self._ports.namer, self._said.survey_id, member_id)

    def _refuse_another(self, people: list[str]) -> None:
        for member_id in people:
            if self._ports.ledger.operation(SURVEY, self._name(member_id)) is not None:
                raise Conflict(reason="already_answered")


def _entries(at: Current, survey: Survey, cause: str) -> tuple[Entry, ...]:
    """The entry that gives the points; none for a survey that gives none."""
    if not survey.points:
        return ()
    after = give(at.account, survey.points, at.program, at.today)
    why = (Why(causes.of_operation(SURVEY, survey.survey_id), survey.points, 0),)
    return at.entries(after, kind=EntryKind.BONUS, cause=cause, why=why)


def _answer(
    kept: Interaction, survey: Survey, entries: tuple[Entry, ...]
) -> dict[str, int | str | None]:
    """What the ledger keeps: what moved, and of the answer nothing but where it is."""
    after = entries[-1].account() if entries else None
    return {
        "member_id": entries[-1].account_id if entries else kept.member_id,
        "survey_id": survey.survey_id,
        "interaction_id": kept.interaction_id,
        "points": survey.points,
        "by": kept.by,
        "at": printed(entries[-1].at if entries else kept.at),
        "available_after": after.available if after else None,
        "pending_after": after.pending_points if after else None,
        "debt_after": after.debt if after else None,
    }
