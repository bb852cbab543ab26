"""Whoever joins or changes is compared with the others: who is probably the same is reported.

Only reported: nobody is refused, merged or held up by it, and a report that fails fails nobody.
"""

from chalicelib.domain.likeness import Alike, Likeness, alikes_of, pair_of
from chalicelib.domain.members import Member
from chalicelib.domain.refusals import MemberErased
from chalicelib.usecases.ports import Ports, StoreUnavailable

MOST_ALIKE = 20
"""So many members are named for one thing in common; a family or a shared desk has fewer."""


def note_likeness(ports: Ports, before: Member | None, after: Member) -> None:
    """Let a member be found by what it has in common with others, and report those it finds.

    before: None for a newcomer. Called when the change has landed: what it cannot keep now is found
    again when staff ask for the member's duplicates.
    """
    was = alikes_of(before) if before is not None else frozenset()
    now = alikes_of(after)
    begun, ended = now - was, was - now
    if not begun and not ended:
        return
    try:
        ports.duplicates.keep(after.member_id, begun, ended)
        report(ports, after.member_id, others_alike(ports, after.member_id, begun))
    except (StoreUnavailable, MemberErased):
        return  # the member has its answer; no report is worth taking it back


def others_alike(
    ports: Ports, member_id: str, alikes: frozenset[Alike]
) -> dict[str, set[Likeness]]:
    """Other members of whom the same is so, and in what. Raises StoreUnavailable."""
    found: dict[str, set[Likeness]] = {}
    for alike in sorted(alikes, key=lambda one: one.likeness):
        # One more: the member itself is among them.
        for other in ports.duplicates.alike(alike, MOST_ALIKE + 1):
            if other != member_id:
                found.setdefault(other, set()).add(alike.likeness)
    return found


def report(ports: Ports, member_id: str, others: dict[str, set[Likeness]]) -> None:
    """Keep the pairs for staff. Raises StoreUnavailable, MemberErased."""
    for other, likenesses in sorted(others.items()):
        ports.duplicates.report(pair_of(member_id, other, likenesses))
