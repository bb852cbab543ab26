"""What the operator's pages tell to type can be typed: commands, options, names of the template and
routes are those that there are. Read, not run: docs/deploy.md says which of it a local AWS runs.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from tests.packaged import NEEDS_LAMBDAS_PYTHON, ROOT

pytestmark = NEEDS_LAMBDAS_PYTHON

Template = dict[str, Any]
PAGES = ("deploy", "integrations", "observability", "runbook", "scale", "secrets", "upgrade")
OF_EVERY_COMMAND = {"--output", "--query"}
OF_THE_TAIL = {"--filter-pattern", "--format", "--since"}  # `aws logs tail` is the CLI's own
SHOWN = {"failures", "log"}  # the runbook's functions, by what they are given
QUEUES = {"back", "queue"}
FEEDS = {"feed"}


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of code of a page. whole: a block for a shell; else words within a sentence."""

    page: str
    text: str
    whole: bool


@cache
def pieces() -> tuple[Code, ...]:
    found = []
    for page in PAGES:
        text = (ROOT / "docs" / f"{page}.md").read_text()
        for language, block in re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL):
            if language == "sh":
                found.append(Code(page, block, True))
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        found += [
            Code(page, words.replace("\n", " "), False) for words in re.findall(r"`([^`]+)`", prose)
        ]
    return tuple(found)


def given(names: set[str]) -> Iterator[tuple[str, str]]:
    """What the runbook's shell functions of these names are given, anywhere."""
    pattern = re.compile(rf"\b({'|'.join(sorted(names))}) ([A-Z]\w+)")
    for piece in pieces():
        yield from pattern.findall(re.sub(r"\s+", " ", piece.text))


def of_type(template: Template, kind: str) -> dict[str, Any]:
    return {n: r["Properties"] for n, r in template["Resources"].items() if r["Type"] == kind}


def test_what_is_to_be_pasted_is_a_shells() -> None:
    blocks = [piece.text for piece in pieces() if piece.whole]
    assert len(blocks) >= 5
    shell = shutil.which("bash")
    assert shell is not None
    told = subprocess.run([shell, "-n"], input="\n".join(blocks), capture_output=True, text=True)
    assert told.stderr == ""


def test_the_runbooks_functions_are_given_what_the_template_has(template: Template) -> None:
    (first,) = (p.text for p in pieces() if p.page == "runbook" and p.whole)
    assert set(re.findall(r"^(\w+)\(\)", first, re.MULTILINE)) == SHOWN | QUEUES | FEEDS | {"of"}
    queues = of_type(template, "AWS::SQS::Queue")
    functions = of_type(template, "AWS::Serverless::Function")
    assert {name for _, name in given({"of"})} <= set(template["Resources"])
    logs = {f"{name}Logs" for _, name in given(SHOWN)}
    assert logs <= set(of_type(template, "AWS::Logs::LogGroup"))
    assert {name for _, name in given(QUEUES)} <= set(queues)
    fed = {name for name, function in functions.items() if "Events" in function}
    assert {name for _, name in given(FEEDS)} <= fed


def test_only_what_sqs_itself_set_aside_is_moved_back_to_where_it_came_from(
    template: Template,
) -> None:
    letters = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for queue in of_type(template, "AWS::SQS::Queue").values()
        if "RedrivePolicy" in queue
    }
    moved = {name for _, name in given({"back"})}
    assert len(moved) >= 3
    assert moved <= letters


# --- commands of AWS ------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, str, set[str], bool]]:
    """Service, command and options of each that is told, and whether it is told in full: within a
    sentence, one may be named alone."""
    for piece in pieces():
        text = piece.text.replace("\\\n", " ")
        found = list(re.finditer(r"\baws ([a-z0-9]+) ([a-z-]+)", text))
        ends = [*(one.start() for one in found), len(text)][1:]
        for one, end in zip(found, ends, strict=True):
            rest = re.split(r"[;|}\n]", text[one.end() : end])[0]
            options = set(re.findall(r"(--[a-z][a-z-]*)", rest)) - OF_EVERY_COMMAND
            yield one[1], one[2], options, bool(piece.whole or options) and "..." not in rest


@cache
def _service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def test_every_command_of_aws_is_one_and_takes_the_options_that_it_is_given() -> None:
    asked = list(commands())
    assert len({(service, command) for service, command, _, _ in asked}) >= 10
    for service, command, options, whole in asked:
        if (service, command) == ("logs", "tail"):
            assert options <= OF_THE_TAIL
            continue
        model = _service(service)
        known = {xform_name(name, "-"): name for name in model.operation_names}
        assert command in known, f"aws {service} {command}"
        shape = model.operation_model(known[command]).input_shape
        members = {f"--{xform_name(name, '-')}": name for name in shape.members} if shape else {}
        assert options <= set(members), (service, command)
        needed = set(shape.required_members if shape else ())
        assert not whole or needed <= {members[one] for one in options}, (service, command)


# --- routes and makes -----------------------------------------------------------------------------


def test_every_route_that_is_told_is_one() -> None:
    routes = json.loads((ROOT / "chalicelib/api/static/openapi.json").read_text())["paths"]
    shapes = [
        (method.upper(), re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))))
        for path, methods in routes.items()
        for method in methods
    ]
    told = {
        (method, path.rstrip("."))
        for piece in pieces()
        for method, path in re.findall(r"\b(GET|POST|PUT|PATCH) (/v1/[\w/{}.-]+)", piece.text)
        if not path.endswith("...")  # several of them
    }
    assert len(told) >= 10
    unknown = [
        (method, path)
        for method, path in told
        if not any(method == its and shape.fullmatch(path) for its, shape in shapes)
    ]
    assert unknown == []


def test_every_make_and_every_program_of_ours_that_is_told_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = " ".join(piece.text for piece in pieces())
    assert set(re.findall(r"\bmake ([a-z-]+)", told)) <= targets
    programs = set(re.findall(r"-m\s+(infrastructure[\w.]+)", told))
    assert programs
    assert all((ROOT / f"{name.replace('.', '/')}.py").is_file() for name in programs)
