"""What can be set when Stampbook is deployed, as a page: `python -m infrastructure.parameters`
writes docs/parameters.md.

Made from the template's own parameters and the stages' files, so that nobody keeps it. With
`--check` it writes nothing and fails when the page is not the current one.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infrastructure.local.resources import template

ROOT = Path(__file__).parents[1]
PATH = ROOT / "docs" / "parameters.md"
STAGES = ("dev", "staging", "prod")

_HEAD = """\
# Parameters

Written by `python -m infrastructure.parameters` from
[the template](../infrastructure/resources.yaml) and [the stages](../infrastructure/stages/);
`make check` fails when it is not current. A stage's file gives the values that differ from the
defaults: put your own addresses there. What is left empty is not made.

Three choices go together. With `ApiKind=http` there is no firewall, preflights and throttled
requests are answered by the gateway in its own words, and an address with `%` in it is decoded once
more than by a REST API. With `OidcIssuer` empty, people sign in at a Cognito user pool of the
stack (outputs `UserPoolId`, `UserPoolClientId`); changing it later makes everybody sign up anew.
`DeletionProtection=off` lets tables be deleted by hand; the stack itself never deletes them.

| parameter | what for | allowed | default | dev | staging | prod |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    declared: Mapping[str, Mapping[str, Any]] = template()["Parameters"]
    given = {stage: _given(stage) for stage in STAGES}
    return _HEAD + "".join(_row(name, row, given) for name, row in declared.items())


def _given(stage: str) -> Mapping[str, str]:
    path = ROOT / "infrastructure" / "stages" / f"{stage}.json"
    values: Mapping[str, str] = json.loads(path.read_text())["Parameters"]
    return values


def _row(name: str, row: Mapping[str, Any], given: Mapping[str, Mapping[str, str]]) -> str:
    allowed = ", ".join(f"`{value}`" for value in row.get("AllowedValues", ()))
    default = f"`{row['Default']}`" if str(row.get("Default", "")) else ""
    if "Default" not in row:
        default = "must be given"
    cells = [f"`{name}`", row["Description"], allowed or row["Type"].lower(), default]
    values = [values.get(name, "") for values in given.values()]
    return f"| {' | '.join([*cells, *(f'`{value}`' if value else '' for value in values)])} |\n"


def main(arguments: list[str]) -> int:
    """The process's exit code."""
    current = page()
    if arguments == ["--check"]:
        if PATH.exists() and PATH.read_text(encoding="utf-8") == current:
            return 0
        sys.stderr.write(
            "docs/parameters.md is not current: run `python -m infrastructure.parameters`\n"
        )
        return 1
    PATH.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
