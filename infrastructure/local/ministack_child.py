"""MiniStack's own process: MiniStack, and what it lacks.

It ends when whoever started it ends, however that happens: its standard input is a pipe that the
parent holds open and never writes to. And a Query on nothing but the partition key compares that
key instead of parsing the condition again for every item, which makes long histories bearable.
What its Athena lacks stands beside it, in `ministack_athena.py`; what its Lambdas lack, in
`ministack_lambdas.py`.

Runs as a script (`python -P`), so that no folder of ours is on the path of MiniStack's Lambdas.
It must not import anything of this project.
"""

import os
import re
import signal
import sys
import threading
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from ministack import app
from ministack.services import dynamodb

_PLAIN_EQUALITY = re.compile(r"\s*(#?\w+)\s*=\s*(:\w+)\s*")
_LAST_RESORT_SECONDS = 15.0

_evaluate = dynamodb._evaluate_condition
_accepted: dict[str, tuple[str, str]] = {}  # expression -> its name and value placeholder


def _evaluate_quickly(
    expr: str, item: Any, values: Any, names: Any, slot: str = "ConditionExpression"
) -> Any:
    """MiniStack's own verdict; for `pk = :p` that it has accepted before, a comparison."""
    if slot != "KeyConditionExpression":
        return _evaluate(expr, item, values, names, slot=slot)
    if expr in _accepted:
        name, value = _accepted[expr]
        wanted = values.get(value)
        if isinstance(wanted, dict) and "S" in wanted:
            return item.get(names.get(name, name)) == wanted
    verdict = _evaluate(expr, item, values, names, slot=slot)
    if match := _PLAIN_EQUALITY.fullmatch(expr):
        _accepted[expr] = (match[1], match[2])
    return verdict


def _end_with_the_parent() -> None:
    """Wait until nobody holds the pipe any more, then ask ourselves to stop, and make sure."""
    os.read(0, 1)
    threading.Timer(_LAST_RESORT_SECONDS, os.killpg, (os.getpgrp(), signal.SIGKILL)).start()
    os.kill(os.getpid(), signal.SIGTERM)


def _beside(name: str) -> Any:
    """A module of the folder of this one, which is on nobody's path."""
    found = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    if found is None or found.loader is None:
        raise ImportError(name)
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


def main() -> None:
    """Serve until SIGTERM or the end of the parent, then end whatever runs in our group."""
    dynamodb._evaluate_condition = _evaluate_quickly
    _beside("ministack_athena").install()
    _beside("ministack_lambdas").install()
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        app.main()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.getpgrp() == os.getpid():
            os.killpg(os.getpgrp(), signal.SIGTERM)
        sys.stdout.flush()
        os._exit(0)  # idle worker threads of MiniStack's would hold the exit up


if __name__ == "__main__":
    main()
