"""The package as `make package` makes it, for the tests that look at it or deploy it."""

import fcntl
import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]

NEEDS_LAMBDAS_PYTHON = pytest.mark.skipif(
    (platform.system(), sys.version_info[:2]) != ("Linux", (3, 11)),
    reason="the package is made, and runs, with Python 3.11 on Linux",
)


def the_package() -> Path:
    """The folder with template.json and deployment.zip, made anew where a source is newer.

    Several test processes may ask at once: the first makes it, the others wait.
    """
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    with (out / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(["make", "package"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def the_template() -> dict[str, Any]:
    """The packaged template, as CloudFormation reads it."""
    template: dict[str, Any] = json.loads((the_package() / "template.json").read_text())
    return template
