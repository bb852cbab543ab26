"""One pass over all members, in bounded pages, that anybody can stop and anybody continue.

As `ledger_pass` goes through the ledger: after every page the sums so far and where the next page
begins are kept together by one conditional write, so that a page counts once however many run the
pass at the same time. Must not know what is done with a member.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.usecases.ports import Ports
from chalicelib.usecases.ports.books import Checkpoint
from chalicelib.usecases.ports.roll import RollRow

Sums = dict[str, Any]
"""What is kept of a pass: as JSON can say it, and small however many members there are."""


@dataclass(frozen=True, slots=True)
class RollPass:
    """name: of its own, for ever. start: what is kept before the first page. visit: what is kept
    after another page; it may be shown a page again whose sums were not kept."""

    name: str
    start: Callable[[], Sums]
    visit: Callable[[Sums, tuple[RollRow, ...]], Sums]


@dataclass(frozen=True, slots=True)
class RollProgress:
    """How far a pass is."""

    done: bool
    sums: Sums


def run_roll_pass(
    ports: Ports, roll_pass: RollPass, keep_going: Callable[[], bool]
) -> RollProgress:
    """Begin or continue a pass until it is done or `keep_going`, asked before each page, says no.

    Where somebody else is ahead, the rest is left to them. Raises StoreUnavailable; the next run
    begins after the last page that was kept.
    """
    at = kept_of(ports, roll_pass.name) or _begun(roll_pass)
    while not at.done and keep_going():
        page = ports.roll.page(at.cursor)
        sums = roll_pass.visit(at.sums, page.rows)
        done = page.cursor is None
        after = Checkpoint(at.name, 0, 1, at.page + 1, page.cursor, done, sums)
        if not ports.books.save(after):
            break
        at = after
    return RollProgress(at.done, at.sums)


def kept_of(ports: Ports, name: str) -> Checkpoint | None:
    """How far the pass of a name came; None before its first page. Raises StoreUnavailable."""
    return ports.books.checkpoint(name, 0, 1)


def _begun(roll_pass: RollPass) -> Checkpoint:
    return Checkpoint(roll_pass.name, 0, 1, 0, None, False, roll_pass.start())
