"""Writes what `chalicelib/ahead.py` reads: `python -m infrastructure.dataclass_sources FOLDER`.

FOLDER holds app.py and chalicelib/ as they are packaged. Loads all of it, notes the source of every
method that a dataclass writes, and compiles them. Knows no class.
"""

import dataclasses
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any


def main(folder: Path) -> None:
    """Write the file into FOLDER/chalicelib."""
    sys.path.insert(0, str(folder))
    from chalicelib import ahead

    noted: list[str] = []

    def note(source: str, names: dict[str, Any], into: dict[str, Any]) -> None:
        noted.append(source)
        exec(source, names, into)  # noqa: S102  # what dataclasses does

    dataclasses.exec = note  # type: ignore[attr-defined]  # in place of the built-in that it calls
    for module in ("app", *_modules(folder)):
        import_module(module)
    (folder / "chalicelib" / ahead.FILE).write_bytes(ahead.packed(noted))


def _modules(folder: Path) -> list[str]:
    own = folder / "chalicelib"
    return sorted(module.name for module in walk_packages([str(own)], "chalicelib."))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
