"""How long a new Lambda loads: the packaged functions, with their bytecode and without it.

Each figure is the median of fresh processes that see the unpacked archive and nothing else.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from bench.tables import show

PACKAGE = Path(__file__).parents[1] / "out" / "deployment.zip"
RUNS = 7
FUNCTIONS = ("app", "chalicelib.workers.relay", "chalicelib.workers.expire_redemptions")


def run() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="stampbook-bench-") as folder:
        packaged, bare = Path(folder) / "packaged", Path(folder) / "bare"
        with zipfile.ZipFile(PACKAGE) as archive:
            archive.extractall(packaged)
        shutil.copytree(packaged, bare)
        _forget_our_bytecode(bare)
        rows = [
            [name, _milliseconds(packaged, name), _milliseconds(bare, name)] for name in FUNCTIONS
        ]
    size = PACKAGE.stat().st_size / 1_000_000
    title = f"Loading a function ({size:.1f} MB zipped), median of {RUNS}, milliseconds"
    show(title, ["function", "as packaged", "own code not compiled"], rows)


def _forget_our_bytecode(code: Path) -> None:
    """Remove the bytecode of app.py, chalicelib and chalice; the libraries have nothing else."""
    for folder in list(code.rglob("__pycache__")):
        shutil.rmtree(folder)


def _milliseconds(code: Path, module: str) -> str:
    load = f"import sys; sys.path.insert(0, {str(code)!r}); sys.dont_write_bytecode = True\n"
    load += "from time import perf_counter; start = perf_counter()\n"
    load += f"import {module}\nprint((perf_counter() - start) * 1000)"
    command = [sys.executable, "-I", "-S", "-c", load]
    times = [
        float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        for _ in range(RUNS)
    ]
    return f"{statistics.median(times):.0f}"


if __name__ == "__main__":
    run()
