"""`make run`: the whole service on this machine with demo data, until Ctrl-C.

Leaves no process behind, however it ends: children hold a pipe to this process, and when `make`
itself is gone this process ends, too.
"""

import argparse
import sys
from pathlib import Path

from infrastructure.local import demo_data, interruptions, stack, welcome
from infrastructure.local.ministack import StartFailed
from infrastructure.local.state import CannotUse, StateFolder
from infrastructure.local.terminal import Terminal


def main() -> int:
    """Run until interrupted. 0 after that; 1, with one line on stderr, when it cannot start."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    arguments = parser.parse_args()
    interruptions.end_at_once()
    try:
        _run(StateFolder(arguments.state.resolve()), arguments.port, Terminal())
    except (CannotUse, StartFailed) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nStopped. The state is kept in {arguments.state}; `make reset` forgets it.")
    return 0


def _run(folder: StateFolder, port: int, terminal: Terminal) -> None:
    (folder.path / welcome.LOCAL_JSON).unlink(missing_ok=True)  # of a run that ended badly
    with stack.running(folder, port, terminal) as running:
        ports, now = running.services.ports, running.clock()
        demo = demo_data.seeded(ports, folder, now, terminal.progress("Demo members"))
        # Written first: whoever sees that the service answers may read it.
        local_json = welcome.write_local_json(running, demo)
        try:
            running.open()
            terminal.say("\n".join(welcome.lines(running, demo, local_json)))
            interruptions.wait_for_the_end()
        finally:
            local_json.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
