"""Which modules declare the routes of a path, without loading any of them.

Written by `python -m chalicelib.api.openapi` with the document. Knows no route.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from chalicelib.api.shell import Routes

PATH = Path(__file__).with_name("static") / "homes.json"


def homes() -> Mapping[str, Sequence[str]]:
    """The modules by path. Nothing where they were never written: then all are loaded."""
    if not PATH.exists():
        return {}
    return msgspec.json.decode(PATH.read_bytes(), type=dict[str, list[str]])


def current(blueprints: Iterable[Routes]) -> str:
    """What the file should hold by now, as text."""
    found: dict[str, list[str]] = {}
    for blueprint in blueprints:
        for route in blueprint.declared:
            modules = found.setdefault(route.path, [])
            if blueprint.module not in modules:
                modules.append(blueprint.module)
    lines = [f"{json.dumps(path)}: {json.dumps(modules)}" for path, modules in found.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"
