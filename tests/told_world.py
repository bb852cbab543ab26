"""What tests of surveys, complaints and warranties need: neighbours who tell us things.

Over the fakes or over the real tables, like the world that it is made of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from chalicelib.domain.callers import GROUP_SCOPES, Caller, CallerKind
from chalicelib.domain.interactions import (
    Answers,
    Complaint,
    Content,
    Interaction,
    InteractionKind,
    Warranty,
)
from chalicelib.domain.surveys import Given, Question, QuestionKind, Survey, SurveyKind
from chalicelib.storage.interactions import DynamoInteractions
from chalicelib.storage.ledger import DynamoLedger
from chalicelib.storage.people_items import key_item
from chalicelib.storage.surveys import DynamoSurveys
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.add_interaction import AddInteraction, add_interaction
from chalicelib.usecases.answer_survey import answer_survey
from chalicelib.usecases.ports import Outcome, Ports
from chalicelib.usecases.save_survey import create_survey
from tests.fakes.interactions import FakeInteractions
from tests.fakes.ledger import FakeLedger
from tests.fakes.outside import FakeVault
from tests.fakes.surveys import FakeSurveys
from tests.ledger_world import dynamo_world, fake_world, new_name
from tests.neighbours import SHARING, Neighbours, himself

MARKETER = Caller(CallerKind.STAFF, "staff:mona", GROUP_SCOPES["marketer"], "mona")
QUESTIONS = (
    Question("drink", "What do you drink?", QuestionKind.CHOICE, ("Coffee", "Tea", "Water")),
    Question("taste", "How does it taste?", QuestionKind.RATING),
    Question("wish", "What do you wish for?", QuestionKind.TEXT),
)
LIKES: Mapping[str, Given] = {"drink": "Tea", "taste": 4, "wish": "More biscuits"}


def telling(ports: Ports, vault: FakeVault) -> Ports:
    """Ports with surveys and what is told, in memory or on the tables, as their ledger is."""
    if isinstance(ports.ledger, FakeLedger):
        surveys = FakeSurveys()
        fake = FakeInteractions(ports.ledger, surveys)
        return replace(ports, surveys=surveys, interactions=fake)
    real = DynamoInteractions(vault, DynamoLedger())
    return replace(ports, surveys=DynamoSurveys(), interactions=real)


def give_key(ports: Ports, vault: FakeVault, member_id: str) -> None:
    """Give a member the key that its words are sealed with, where they are."""
    if not isinstance(ports.ledger, FakeLedger):
        transact([Put(key_item(member_id, vault.create_key(member_id)))])


@dataclass(slots=True)
class Told:
    """Neighbours whose members tell us things. ports: of the neighbours, and what is told beside.
    Keys are made of labels, so that the same label again is the same request again."""

    near: Neighbours
    ports: Ports = field(init=False)
    vault: FakeVault = field(default_factory=FakeVault)

    def __post_init__(self) -> None:
        self.ports = telling(self.near.ports, self.vault)

    @property
    def now(self) -> datetime:
        """The neighbours' clock."""
        return self.near.now

    def member(self, label: str, points: int = 0) -> str:
        """A new member with a key of its own."""
        member_id = self.near.member(label, points)
        give_key(self.ports, self.vault, member_id)
        return member_id

    def survey(self, label: str = "drinks", points: int = 50, **terms: Any) -> Survey:
        """A survey that can be answered; other terms of `Survey` by name."""
        draft = Survey("", 0, label, SurveyKind.SURVEY, QUESTIONS, points)
        draft = replace(draft, **terms)
        key = f"{self.near.world.name}-{label}"
        return create_survey(self.ports, MARKETER, draft, key, self.now).answer

    def answer(
        self,
        member_id: str,
        survey: Survey,
        label: str = "a",
        answers: Mapping[str, Given] = LIKES,
        ports: Ports | None = None,
    ) -> Outcome[Interaction]:
        """The member answers."""
        kind = InteractionKind(survey.kind)
        command = self._command(member_id, kind, Answers(survey.survey_id, answers), label)
        return answer_survey(ports or self.ports, himself(member_id), command, self.now)

    def tell(
        self, member_id: str, kind: InteractionKind, content: Content, label: str = "t"
    ) -> Outcome[Interaction]:
        """The member tells us something else."""
        command = self._command(member_id, kind, content, label)
        return add_interaction(self.ports, himself(member_id), command, self.now)

    def complain(self, member_id: str, label: str = "t") -> Interaction:
        """The member complains."""
        said = Complaint("The cup was cold.")
        return self.tell(member_id, InteractionKind.COMPLAINT, said, label).answer

    def register(
        self, member_id: str, *, bought: date, months: int, every: int | None, label: str = "w"
    ) -> Interaction:
        """The member registers a machine."""
        machine = Warranty("Kronos 3", bought, months, service_every_months=every)
        return self.tell(member_id, InteractionKind.WARRANTY, machine, label).answer

    def _command(
        self, member_id: str, kind: InteractionKind, content: Content, label: str
    ) -> AddInteraction:
        return AddInteraction(member_id, kind, content, f"{self.near.world.name}-{label}")


def told_in_memory() -> tuple[Told, FakeLedger]:
    """A world of its own over the fakes, and its ledger."""
    world, ledger = fake_world(new_name("told"))
    return Told(Neighbours(world, SHARING)), ledger


def told_on_tables(**how: Any) -> Told:
    """One over the bound tables; how: patience."""
    return Told(Neighbours(dynamo_world(new_name("told"), **how), SHARING))
