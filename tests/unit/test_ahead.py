"""Methods of dataclasses that were compiled ahead do what those compiled at their turn do."""

import subprocess
import sys
from pathlib import Path

import pytest

DECLARED = """
import dataclasses
from chalicelib import ahead

written = []
def note(source, names, into):
    written.append(source)
    exec(source, names, into)

def declared():
    @dataclasses.dataclass(frozen=True, slots=True, order=True)
    class Lot:
        __qualname__ = "Lot"
        points: int
        notes: tuple[str, ...] = ()
        seen: list[int] = dataclasses.field(default_factory=list, compare=False)
    return Lot

dataclasses.exec = note
declared()
"""

USED = """
Lot = declared()
few, many = Lot(3), Lot(5, ("a",))
print(few, many < few, {few: 1}[Lot(3)], dataclasses.replace(many, points=9), few.seen is many.seen)
try:
    few.points = 4
except dataclasses.FrozenInstanceError as error:
    print(error)
"""

SAID = (
    "Lot(points=3, notes=(), seen=[]) False 1 Lot(points=9, notes=('a',), seen=[]) False\n"
    "cannot assign to field 'points'\n"
)


def _said(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_dataclass_of_compiled_methods_is_the_same_and_compiles_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "dataclasses.bin"
    code = DECLARED + f"open({str(kept)!r}, 'wb').write(ahead.packed(written))\n"
    code += f"del dataclasses.exec\nahead._BESIDE = {str(kept)!r}\nahead.use()\n"
    code += "import sys\nsys.addaudithook(lambda name, _: name != 'compile' or print('compiled'))\n"
    assert _said(code + USED) == SAID


@pytest.mark.parametrize("kept", [b"", b"\x00\x00\x00\x00 of another Python"])
def test_what_is_not_of_this_python_is_not_looked_at(kept: bytes, tmp_path: Path) -> None:
    (tmp_path / "dataclasses.bin").write_bytes(kept)
    code = (
        DECLARED + f"del dataclasses.exec\nahead._BESIDE = {str(tmp_path)!r} + '/dataclasses.bin'\n"
    )
    assert _said(code + "ahead.use()\n" + USED) == SAID


def test_a_source_that_is_not_kept_is_compiled_as_ever() -> None:
    assert _said(DECLARED + "ahead.run_from({})\n" + USED) == SAID
