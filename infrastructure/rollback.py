"""Puts the release in place that a stage served well before the one it serves now.

Its template, zip and parameters are those it served with. Data is never taken back: a release reads
what the next one wrote, or says 503 (docs/upgrade.md). Must not know what the service does.
"""

import sys
from collections.abc import Sequence

from infrastructure.changes import CannotChange
from infrastructure.deploy import Target, arguments, back_to, say, target_of


def roll_back(target: Target) -> None:
    """Serve the former release. Raises CannotChange where there is none, or it does not serve."""
    current = target.serving()
    former = target.releases.former(current)
    if former is None:
        raise CannotChange(f"{target.stack.name} served nothing well before {current}")
    target.say(f"{target.stack.name} serves {current}, and served {former.release} before")
    if not target.agrees(f"Go back to {former.release}?"):
        target.say("left as it was")
        return
    back_to(target, former.release, former.parameters)
    if current is not None:
        target.releases.withdraw(current)


def main(given: Sequence[str] | None = None) -> int:
    """Roll a stage back; 0 when the former release serves, or nobody wanted it to."""
    asked = arguments("rollback", given)
    try:
        roll_back(target_of(asked.stage, yes=asked.yes, say=say))
    except CannotChange as why:
        say(str(why))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
