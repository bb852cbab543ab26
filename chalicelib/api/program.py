"""The program over HTTP: one document, versioned, one version of it active."""

from typing import Annotated, Any

import msgspec

from chalicelib.api.etags import version_in
from chalicelib.api.program_models import (
    MOST_VERSIONS,
    ProgramActivatedAnswer,
    ProgramAnswer,
    ProgramBody,
)
from chalicelib.api.program_rules import program_rules
from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import InvalidContent, NotFound, VersionStale
from chalicelib.usecases.activate_program import activate_program
from chalicelib.usecases.change_program import change_program
from chalicelib.usecases.read_program import ProgramView, latest_version, read_program

routes = Routes(__name__)

Version = Annotated[int, msgspec.Meta(ge=1, le=MOST_VERSIONS)]


class ProgramQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """version: of which version; the active one when left out."""

    version: Version | None = None


class ActivationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Version


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
    rules=program_rules,
    answers={200: ProgramAnswer},
    refuses=(InvalidContent, VersionStale),
    if_match=True,
    exists=program_exists,
)
def put_program(call: Call[ProgramBody, None]) -> Answer:
    """If-Match names the newest version stored, `"0"` before the first. The new version is a draft
    until it is activated; only the very first one is active at once. The currency of the first one
    stays: points, limits and prices were meant in it."""
    number = version_in(call.if_match) + 1
    program = msgspec.convert({**msgspec.to_builtins(call.body), "version": number}, Program)
    view = change_program(call.ports, call.caller, program, call.now)
    return Answer(200, _answer(view), etag=str(number))


@routes.post(
    "/v1/program/activate",
    opens=(Scope.PROGRAM_WRITE,),
    summary="Make a stored version of the program the active one",
    body=ActivationBody,
    answers={200: ProgramActivatedAnswer},
    refuses=(NotFound,),
)
def post_program_activation(call: Call[ActivationBody, None]) -> Answer:
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
