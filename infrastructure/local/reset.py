"""`make reset`: forget the local state. Refuses while a service runs on it."""

import argparse
import sys
from pathlib import Path

from infrastructure.local.state import CannotUse, StateFolder


def main() -> int:
    """Remove the state folder; 0 when it is gone, 1 when it is in use."""
    parser = argparse.ArgumentParser(prog="make reset", description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    path: Path = parser.parse_args().state
    if not path.exists():
        print(f"There is no state in {path}.")
        return 0
    if not (path / "version").exists():
        print(f"{path} is no state folder of Stampbook; nothing was removed.", file=sys.stderr)
        return 1
    try:
        StateFolder(path, any_version=True).forget()
    except CannotUse as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Forgot the state in {path}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
