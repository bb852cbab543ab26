"""Writes what follows from all the routes: `python -m chalicelib.api.openapi`.

The OpenAPI document that the service answers, and which module declares which path. With `--check`
it writes nothing and fails when a checked-in file is not the current one.
"""

import json
import sys
from pathlib import Path

from chalicelib.api import homes
from chalicelib.api.blueprints import BLUEPRINTS
from chalicelib.api.shell.openapi import document

PATH = Path(__file__).with_name("static") / "openapi.json"


def current() -> str:
    """The document as the declarations have it now, as text."""
    routes = [route for blueprint in BLUEPRINTS for route in blueprint.declared]
    return json.dumps(document(routes), indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """The process's exit code."""
    files = {PATH: current(), homes.PATH: homes.current(BLUEPRINTS)}
    if arguments != ["--check"]:
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
        return 0
    old = [p.name for p, text in files.items() if not p.exists() or p.read_text("utf-8") != text]
    if old:
        sys.stderr.write(f"{', '.join(old)}: run `python -m chalicelib.api.openapi`\n")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
