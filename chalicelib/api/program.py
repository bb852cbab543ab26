"""The program over HTTP: one document, versioned, one version of it active.

The document's fields are those of `domain/program.py`, name by name.
"""

from typing import Annotated, Any

import msgspec

from chalicelib.api.etags import version_in
from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain import program_checks as bounds
from chalicelib.domain.callers import Scope
from chalicelib.domain.program import Program, Rounding
from chalicelib.domain.refusals import InvalidContent, NotFound, VersionStale
from chalicelib.usecases.activate_program import activate_program
from chalicelib.usecases.change_program import change_program
from chalicelib.usecases.read_program import ProgramView, latest_version, read_program

routes = Routes(__name__)

_MOST_VERSIONS = 999_999

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_NAME)]
Words = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_WORD)]],
    msgspec.Meta(max_length=bounds.MOST_WORDS),
]
Named = Annotated[
    list[Annotated[str, msgspec.Meta(pattern=bounds.NAMED_PATTERN)]],
    msgspec.Meta(max_length=bounds.MOST_NAMED),
]
Version = Annotated[int, msgspec.Meta(ge=1, le=_MOST_VERSIONS)]


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`points` for every `per_minor` of money, in minor units of the program's currency."""

    points: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_POINTS)]
    per_minor: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_PER_MINOR)]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Extra points, on top of the base rate, on the lines that every list of it names (an empty
    list names them all). rule_id: unique, and not `base`."""

    rule_id: Annotated[str, msgspec.Meta(pattern=bounds.RULE_ID_PATTERN)]
    name: Name
    rate: Rate
    categories: Words = []
    brands: Words = []
    skus: Words = []


class Excluded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What earns nothing. tenders: kinds of payment, such as `gift_card`."""

    categories: Words = []
    skus: Words = []
    tenders: Words = []


class ProgramLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """adjustment_without_approval: points. late_purchase_days: how late a purchase can come."""

    adjustment_without_approval: Annotated[int, msgspec.Meta(ge=0, le=bounds.MOST_POINTS)] = 500
    late_purchase_days: Annotated[int, msgspec.Meta(ge=1, le=bounds.MOST_DAYS)] = 30


class ProgramBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """zone: an IANA name, the zone of every date. currency: ISO 4217, the one that earns. base:
    what every eligible line earns. rounding: of each rule's points, once, on the purchase.
    purposes: what members may be asked to consent to, `loyalty_terms` always among it.
    attributes: names of the members' custom attributes."""

    name: Name
    zone: Annotated[str, msgspec.Meta(min_length=1, max_length=bounds.LONGEST_WORD)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    base: Rate
    rounding: Rounding = Rounding.FLOOR
    rules: Annotated[list[Rule], msgspec.Meta(max_length=bounds.MOST_RULES)] = []
    excluded: Excluded = Excluded()
    limits: ProgramLimits = ProgramLimits()
    purposes: Named = msgspec.field(default_factory=lambda: [bounds.REQUIRED_PURPOSE])
    attributes: Named = []


class ProgramQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """version: of which version; the active one when left out."""

    version: Version | None = None


class ProgramAnswer(ProgramBody, frozen=True, kw_only=True):
    """One version. active_version: the one in force. latest_version: the newest one stored, whose
    number is the ETag that a change is made to."""

    version: int
    active_version: int
    latest_version: int


class Activation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Version


class ProgramActivatedAnswer(ProgramAnswer, frozen=True, kw_only=True):
    """previous_version: the one that was active before; the same when nothing was switched."""

    previous_version: int


def program_exists(call: Call[Any, Any]) -> str:
    """The ETag that a change is made to, asked when a request is malformed."""
    return str(latest_version(call.ports))


@routes.get(
    "/v1/program",
    opens=(Scope.PROGRAM_READ,),
    summary="Read the program",
    query=ProgramQuery,
    answers={200: ProgramAnswer},
    refuses=(NotFound,),
)
def get_program(call: Call[None, ProgramQuery]) -> Answer:
    """The ETag is the version shown. While a draft is newer than the active version, read the
    draft (`?version=`) before changing it: its ETag is the one that a change is made to."""
    view = read_program(call.ports, call.query.version)
    return Answer(200, _answer(view), etag=str(view.program.version))


@routes.put(
    "/v1/program",
    opens=(Scope.PROGRAM_WRITE,),
    summary="Store a new version of the program",
    body=ProgramBody,
    answers={200: ProgramAnswer},
    refuses=(InvalidContent, VersionStale),
    if_match=True,
    exists=program_exists,
)
def put_program(call: Call[ProgramBody, None]) -> Answer:
    """If-Match names the newest version stored, `"0"` before the first. The new version is a draft
    until it is activated; only the very first one is active at once."""
    number = version_in(call.if_match) + 1
    program = msgspec.convert({**msgspec.to_builtins(call.body), "version": number}, Program)
    view = change_program(call.ports, call.caller, program, call.now)
    return Answer(200, _answer(view), etag=str(number))


@routes.post(
    "/v1/program/activate",
    opens=(Scope.PROGRAM_WRITE,),
    summary="Make a stored version of the program the active one",
    body=Activation,
    answers={200: ProgramActivatedAnswer},
    refuses=(NotFound,),
)
def post_program_activation(call: Call[Activation, None]) -> Answer:
    """Forward or back, in force everywhere within 30 seconds. Purchases keep the version that they
    were priced with."""
    activated = activate_program(call.ports, call.caller, call.body.version, call.now)
    shown = _fields(activated.view) | {"previous_version": activated.previous_version}
    return Answer(200, msgspec.convert(shown, ProgramActivatedAnswer), etag=str(call.body.version))


def _answer(view: ProgramView) -> ProgramAnswer:
    return msgspec.convert(_fields(view), ProgramAnswer)


def _fields(view: ProgramView) -> dict[str, object]:
    document: dict[str, object] = msgspec.to_builtins(view.program, order="deterministic")
    return document | {
        "active_version": view.active_version,
        "latest_version": view.latest_version,
    }
