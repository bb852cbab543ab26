"""What merging, joining a household and undoing either have in common: two accounts as they are
themselves, and an entry in each of them.
"""

from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import Account
from chalicelib.domain.entries import Entry, EntryKind, Why
from chalicelib.domain.merging import Move, Pair, net
from chalicelib.usecases.current import Current, as_of_one_now, own_head
from chalicelib.usecases.ports import Ports

Both = tuple[Current, Current]
"""The source, which moves or had moved, and the target."""


def both_themselves(ports: Ports, between: tuple[str, str], cause: str, now: datetime) -> Both:
    """Two accounts as of one now, whether another stands in for them or not.

    between: source and target. cause: under which the operation would write to the source. Raises
    MemberNotFound, AlreadyWritten.
    """
    source_id, target_id = between
    heads = [
        (own_head(ports, source_id), cause),
        (own_head(ports, target_id), causes.other_side(cause)),
    ]
    source, target = as_of_one_now(ports, heads, now)
    return source, target


def moving_entries(both: Both, after: Pair, move: Move, cause: str) -> tuple[Entry, ...]:
    """The entries that leave both accounts as they are after a move, the target's last."""
    source, target = both
    return (
        *_entries(source, after.source, move, cause),
        *_entries(target, after.target, move, causes.other_side(cause)),
    )


def _entries(at: Current, after: Account, move: Move, cause: str) -> tuple[Entry, ...]:
    points = net(after) - net(at.account)
    return at.entries(after, kind=EntryKind.MERGE, cause=cause, why=(Why(move, points, 0),))
