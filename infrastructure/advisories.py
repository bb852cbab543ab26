"""Whether a known vulnerability is in what the locks name: `python -m infrastructure.advisories`.

pip-audit asks the advisories of OSV about every pin of every lock. Fails on a known vulnerability;
where OSV does not answer it says plainly that nothing was checked, and does not fail: whoever works
offline is not to be stopped, nor to believe that all is well.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
LOCKS = (
    ROOT / "requirements.txt",
    ROOT / "requirements-dev.txt",
    ROOT / "infrastructure" / "local" / "ministack-requirements.txt",
    ROOT / "tests" / "mutation" / "requirements.txt",
)
OSV = "https://api.osv.dev/v1/query"
_PATIENCE_SECONDS = 10
_ASKED_FIRST = {"package": {"name": "pip", "ecosystem": "PyPI"}, "version": "26.0"}


def main(locks: Sequence[Path] = LOCKS, service: str = OSV) -> int:
    """The process's exit code: 0 too when the service does not answer, which it says."""
    if why := _silent(service):
        sys.stderr.write(f"NOT CHECKED for known vulnerabilities: {service} {why}\n")
        return 0
    ran = subprocess.run(_command(locks, service), capture_output=True, text=True, check=False)
    try:
        audited: list[dict[str, Any]] = json.loads(ran.stdout)["dependencies"]
    except ValueError:
        sys.stderr.write(f"The locks could not be checked:\n{ran.stderr[-2000:]}\n")
        return 1
    told = [line for library in audited for line in _told(library)]
    sys.stderr.write("".join(f"{line}\n" for line in told))
    if not told:
        sys.stderr.write(f"No known vulnerability in {len(audited)} libraries, says {service}\n")
    return 1 if told or not audited else 0


def _silent(service: str) -> str:
    """Why the service is of no use now; "" when it answers as it should."""
    asked = Request(service, json.dumps(_ASKED_FIRST).encode())
    try:
        with urlopen(asked, timeout=_PATIENCE_SECONDS) as answer:
            json.loads(answer.read())
    except (OSError, ValueError) as error:  # refusals, time-outs and 5xx are OSErrors, too
        return f"does not answer ({type(error).__name__})"
    return ""


def _command(locks: Sequence[Path], service: str) -> list[str]:
    named = [part for lock in locks for part in ("--requirement", str(lock))]
    # The locks are whole and hashed: nothing is to be resolved or installed.
    how = ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    where = ["--vulnerability-service", "osv", "--osv-url", service, "--desc", "off"]
    return [sys.executable, "-m", "pip_audit", *how, *where, *named]


def _told(library: dict[str, Any]) -> list[str]:
    """A line for each thing that is wrong with a library."""
    if why := library.get("skip_reason"):
        return [f"{library['name']} could not be checked: {why}"]
    return [
        f"{library['name']} {library['version']}: {found['id']}, mended in "
        f"{', '.join(found['fix_versions']) or 'no version yet'}"
        for found in library["vulns"]
    ]


if __name__ == "__main__":
    sys.exit(main())
