"""The locked requirements are what pyproject.toml asks for: nothing is missing, stale or unhashed.

Needs no network: what each locked library asks for in turn is read from its installed metadata.
"""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGED = ROOT / "requirements.txt"
DEVELOPMENT = ROOT / "requirements-dev.txt"
MINISTACK = ROOT / "infrastructure" / "local" / "ministack-requirements.txt"
MUTANTS = ROOT / "tests" / "mutation" / "requirements.txt"
INSTALLED = [PACKAGED, DEVELOPMENT, MINISTACK]  # here, with what they need in turn


def _name(lock: Path) -> str:
    return str(lock.relative_to(ROOT))


LOCKS = pytest.mark.parametrize("lock", [*INSTALLED, MUTANTS], ids=_name)


def pins(lock: Path) -> dict[str, str]:
    """Name -> version of everything a lock file pins."""
    rows = re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in rows}


def asked_for(lock: Path) -> list[Requirement]:
    """What pyproject.toml says directly about a lock file."""
    project = PROJECT["project"]
    texts = {
        PACKAGED: project["dependencies"],
        DEVELOPMENT: project["dependencies"] + project["optional-dependencies"]["dev"],
        MINISTACK: PROJECT["dependency-groups"]["ministack"],
        MUTANTS: PROJECT["dependency-groups"]["mutants"],
    }[lock]
    return [Requirement(text) for text in texts]


def closure(wanted: list[Requirement]) -> set[str]:
    """The names of these libraries and of everything that they need, as they are installed."""
    seen: set[tuple[str, str]] = set()
    waiting = [(r.name, extra) for r in wanted for extra in ("", *r.extras)]
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting.extend(needs(*key))
    return {canonicalize_name(name) for name, _ in seen}


def needs(name: str, extra: str) -> Iterator[tuple[str, str]]:
    for text in distribution(name).requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield from ((requirement.name, e) for e in ("", *requirement.extras))


@LOCKS
def test_a_lock_satisfies_what_the_project_asks_for(lock: Path) -> None:
    locked = pins(lock)
    wrong = [
        str(requirement)
        for requirement in asked_for(lock)
        if not requirement.specifier.contains(locked.get(canonicalize_name(requirement.name), "0"))
        or canonicalize_name(requirement.name) not in locked
    ]
    assert not wrong, f"{lock.name} is behind pyproject.toml; run `make lock`"


@pytest.mark.parametrize("lock", INSTALLED, ids=_name)
def test_a_lock_holds_what_is_needed_and_nothing_else(lock: Path) -> None:
    assert set(pins(lock)) == closure(asked_for(lock)), "run `make lock`"


@LOCKS
def test_every_pin_carries_its_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text
    assert " @ " not in text


def test_what_is_tested_is_what_is_packaged() -> None:
    development = pins(DEVELOPMENT)
    for lock in (PACKAGED, MINISTACK):
        differing = {n: v for n, v in pins(lock).items() if development.get(n) != v}
        assert differing == {}, lock.name


def test_mutants_meet_the_libraries_that_the_tests_meet() -> None:
    development, both = pins(DEVELOPMENT), pins(DEVELOPMENT) | pins(MUTANTS)
    assert {name: both[name] for name in development} == development


def test_the_environment_holds_what_is_locked() -> None:
    installed = {name: distribution(name).version for name in pins(PACKAGED)}
    assert installed == pins(PACKAGED), "remove .venv and run make again"
