"""Every refusal there is has a status, a code of its own, and words for people."""

import importlib
import pkgutil
import re

import chalicelib
from chalicelib.api import problems
from chalicelib.domain.refusals import Refusal


def every_refusal() -> set[type[Refusal]]:
    """All subclasses, once every module of the service has been imported."""
    for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        importlib.import_module(module.name)
    found: set[type[Refusal]] = set()
    waiting = [Refusal]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        waiting += kinds
        found.update(kinds)
    return {kind for kind in found if kind.__module__.startswith("chalicelib")}


def test_every_refusal_is_mapped_to_a_status_and_nothing_else_is() -> None:
    assert every_refusal() == set(problems.STATUSES)


def test_every_code_is_stable_snake_case_and_used_once() -> None:
    codes = [kind.code for kind in problems.STATUSES]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", code) for code in codes)


def test_every_refusal_tells_people_something_of_its_own() -> None:
    details = [kind.detail for kind in problems.STATUSES]
    assert Refusal.detail not in details
    assert all(detail.endswith(".") for detail in details)


def test_no_refusal_is_an_error_of_ours_but_what_says_try_again_and_what_was_asked_for() -> None:
    ours = {kind.code for kind, status in problems.STATUSES.items() if status >= 500}
    assert ours == {"try_again", "not_healthy"}
