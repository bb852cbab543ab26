"""What the demo's members tell the coffee shop: a survey, complaints, feedback, machines under
warranty. Always the same for the same member.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.domain.callers import MEMBER_SCOPES, Caller, CallerKind
from chalicelib.domain.interactions import (
    Answers,
    Complaint,
    ComplaintState,
    Content,
    Feedback,
    InteractionKind,
    Warranty,
)
from chalicelib.domain.refusals import VersionStale
from chalicelib.domain.surveys import Question, QuestionKind, Survey, SurveyKind
from chalicelib.usecases.add_interaction import AddInteraction, add_interaction
from chalicelib.usecases.answer_survey import answer_survey
from chalicelib.usecases.change_complaint import change_complaint
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_survey import create_survey

_DRINKS = ("Espresso", "Cappuccino", "Flat white", "Filter coffee")

SURVEY = Survey(
    survey_id="",
    version=0,
    name="How do you like it here?",
    kind=SurveyKind.SURVEY,
    questions=(
        Question("drink", "What do you drink most?", QuestionKind.CHOICE, _DRINKS),
        Question("service", "How do you like our service?", QuestionKind.RATING),
        Question("wish", "What do you miss?", QuestionKind.TEXT),
    ),
    points=10,
)


def survey(ports: Ports, marketer: Caller, opened: datetime) -> str:
    """The id of the survey, which is made where it is not there."""
    return create_survey(ports, marketer, SURVEY, "how-do-you-like-it", opened).answer.survey_id


def tell(
    ports: Ports, number: int, member_id: str, survey_id: str, support: Caller, at: datetime
) -> None:
    """What the member of this number tells, if it is one of those who tell anything."""
    himself = Caller(
        CallerKind.MEMBER, f"member:{member_id}", MEMBER_SCOPES, member_id, member_id=member_id
    )

    def said(kind: InteractionKind, content: Content) -> AddInteraction:
        return AddInteraction(member_id, kind, content, f"demo-{kind}")

    match number % 10:
        case 7:
            answers = Answers(
                survey_id, {"drink": _DRINKS[number % 4], "service": 3 + number % 3, "wish": "Oats"}
            )
            answer_survey(ports, himself, said(InteractionKind.SURVEY, answers), at)
        case 8 if number % 20 == 8:
            complaint = Complaint("The queue was too long this morning.")
            kept = add_interaction(ports, himself, said(InteractionKind.COMPLAINT, complaint), at)
            if number % 40 == 8:
                place = (member_id, kept.answer.interaction_id)
                done = (ComplaintState.RESOLVED, "We have opened a second till.")
                with suppress(VersionStale):  # done by a run that was interrupted
                    change_complaint(ports, support, place, 1, done, at + timedelta(minutes=20))
        case 9 if number % 20 == 9:
            machine = Warranty("Karte espresso machine", at.date(), 24, service_every_months=6)
            add_interaction(ports, himself, said(InteractionKind.WARRANTY, machine), at)
        case 3 if number % 20 == 3:
            praise = Feedback(5, "The nicest flat white in town.")
            add_interaction(ports, himself, said(InteractionKind.FEEDBACK, praise), at)
