"""Writes the OpenAPI document that the service answers: `python -m chalicelib.api.openapi`.

With `--check` it writes nothing and fails when the checked-in document is not the current one.
"""

import json
import sys
from pathlib import Path

from chalicelib.api.blueprints import BLUEPRINTS
from chalicelib.api.shell.openapi import document

PATH = Path(__file__).with_name("static") / "openapi.json"


def current() -> str:
    """The document as the declarations have it now, as text."""
    routes = [route for blueprint in BLUEPRINTS for route in blueprint.declared]
    return json.dumps(document(routes), indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """The process's exit code."""
    if arguments == ["--check"]:
        if PATH.exists() and PATH.read_text(encoding="utf-8") == current():
            return 0
        sys.stderr.write("openapi.json is not current: run `python -m chalicelib.api.openapi`\n")
        return 1
    PATH.write_text(current(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
