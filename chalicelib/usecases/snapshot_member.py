"""The row of a member in the snapshot, of what is known of it now. Opens nothing that is sealed."""

from datetime import datetime

from chalicelib.domain.program import Program
from chalicelib.domain.reach import Reach
from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.domain.snapshot_columns import Row
from chalicelib.domain.snapshot_rows import gone_row, member_row
from chalicelib.usecases.current import as_of_now, standing_in
from chalicelib.usecases.ports import Head, Ports


def snapshot_member(ports: Ports, program: Program, member_id: str, now: datetime) -> Row | None:
    """The row; None for nobody. Raises StoreUnavailable, StoreNewer.

    Whoever was last changed before it was kept who may write to a member counts as not to be
    reached, as everywhere: finding out would open its profile.
    """
    try:
        head = standing_in(ports, member_id)
    except MemberErased:
        return gone_row(member_id, now, program.zone)
    except MemberNotFound:
        return None
    current = as_of_now(ports, head, now)
    return member_row(
        member_id,
        current.facts(),
        ports.people.reach(member_id) or Reach(),
        program,
        seq=head.entry.seq,
        profiling=head.traits.profiling,
        merged=_is_merged(head, member_id),
        as_of=now,
        activated=head.traits.activated,
    )


def _is_merged(head: Head, member_id: str) -> bool:
    """Whether another account stands in for the member's, and not because they share it."""
    moved = head.entry.account_id != member_id
    return moved and member_id not in head.entry.account().household
