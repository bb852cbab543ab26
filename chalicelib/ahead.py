"""Takes the methods of dataclasses from where the package keeps them compiled. Knows no class.

A dataclass writes the source of its methods and compiles it whenever its module is loaded: that is
half of the time that our modules take to load. `infrastructure/package.py` notes those sources and
puts what they compile to into the package, as bytecode for modules. Where there is no such file, on
a developer's machine, they are compiled as ever; so is each source that is not in it.
"""

import dataclasses
import marshal
import os
from collections.abc import Mapping
from importlib.util import MAGIC_NUMBER
from types import CodeType
from typing import Any

FILE = "dataclasses.bin"
_BESIDE = os.path.join(os.path.dirname(__file__), FILE)  # pathlib would take 2 ms of every start


def use() -> None:
    """Compile no method that the package holds compiled."""
    try:
        with open(_BESIDE, "rb") as file:
            kept = file.read()
    except FileNotFoundError:
        return
    if kept.startswith(MAGIC_NUMBER):  # of this Python's bytecode, and no other's
        # As far to be trusted as the bytecode beside it, which is read in the same way.
        run_from(marshal.loads(kept[len(MAGIC_NUMBER) :]))  # noqa: S302


def run_from(compiled: Mapping[str, bytes]) -> None:
    """Let dataclasses run the code of a source where it is here. Same source, same code."""

    def run(source: str, names: dict[str, Any], into: dict[str, Any]) -> None:
        found = compiled.get(source)
        code = source if found is None else marshal.loads(found)  # noqa: S302  # as above
        exec(code, names, into)  # noqa: S102  # what dataclasses does

    dataclasses.exec = run  # type: ignore[attr-defined]  # in place of the built-in that it calls


def packed(sources: list[str]) -> bytes:
    """What `use` reads: these sources compiled, the same bytes for the same sources."""
    # Each apart: a function takes some of them. Version 2: later ones count references.
    compiled = {text: marshal.dumps(_compiled(text), 2) for text in sorted(set(sources))}
    return MAGIC_NUMBER + marshal.dumps(compiled, 2)


def _compiled(source: str) -> CodeType:
    return compile(source, "<dataclass>", "exec", dont_inherit=True)
