"""Something that nobody waits for an answer to was refused for good: whoever runs the program is
told, by a queue, with the problem as the API would have answered it.

Must not pass on what was sent: ids and the problem are enough to find it where it came from.
"""

import re
from dataclasses import asdict, dataclass
from datetime import datetime

from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import FieldError, Refusal
from chalicelib.usecases.ports import Ports

_OURS = re.compile(r"[a-z_]{0,40}|[0-9]{1,4}")
"""A step of a JSON pointer that says a field of the API's, or a place in a list."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in. came_by: the connection's id. name: of the event or message, by whoever brought
    it. purchase_id, return_id: None where they could not be read."""

    source: str
    came_by: str
    name: str | None
    purchase_id: str | None = None
    return_id: str | None = None


def tell_refused(ports: Ports, intake: Intake, refusal: Refusal, now: datetime) -> None:
    """Tell that this was refused, and why. Raises StoreUnavailable: then it is tried again."""
    ports.refused.tell({**asdict(intake), "at": printed(now), "problem": _problem(refusal)})


def _problem(refusal: Refusal) -> dict[str, object]:
    members = {
        name: [_error(row) if isinstance(row, FieldError) else row for row in value]
        if isinstance(value, list)
        else value
        for name, value in refusal.extras().items()
    }
    return {
        "type": f"urn:stampbook:problem:{refusal.code}",
        "title": refusal.code.replace("_", " ").capitalize(),
        "code": refusal.code,
        "detail": refusal.detail,
        **members,
    }


def _error(error: FieldError) -> dict[str, str]:
    """What is wrong with a field. One that nobody knows may be called by a person's name, or by a
    card's number: what cannot be a name of ours is left out."""
    steps = (step if _OURS.fullmatch(step) else "*" for step in error.pointer.split("/"))
    return {**asdict(error), "pointer": "/".join(steps)}
