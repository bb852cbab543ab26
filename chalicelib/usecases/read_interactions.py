"""What a member told us, for the member itself and for staff, who are recorded as they read it."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.interactions import Interaction
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.current import own_head
from chalicelib.usecases.ports import Ports

READ = "interactions.read"


@dataclass(frozen=True, slots=True)
class InteractionPage:
    """more: whether there may be older ones behind these."""

    interactions: list[Interaction]
    more: bool


def read_interactions(
    ports: Ports,
    caller: Caller,
    member_id: str,
    after: tuple[datetime, str] | None,
    limit: int,
    now: datetime,
) -> InteractionPage:
    """Interactions, newest first, behind the one of an instant and an id.

    Raises MemberNotFound, StoreUnavailable.
    """
    own_head(ports, member_id)
    _note(ports, caller, member_id, None, now)
    page = ports.interactions.page(member_id, after, limit)
    return InteractionPage(page, more=len(page) == limit)


def read_interaction(
    ports: Ports, caller: Caller, member_id: str, interaction_id: str, now: datetime
) -> Interaction:
    """One interaction. Raises MemberNotFound, NotFound, StoreUnavailable."""
    interaction = known_interaction(ports, member_id, interaction_id)
    _note(ports, caller, member_id, interaction_id, now)
    return interaction


def known_interaction(ports: Ports, member_id: str, interaction_id: str) -> Interaction:
    """One interaction. Raises MemberNotFound, NotFound."""
    own_head(ports, member_id)
    interaction = ports.interactions.get(member_id, interaction_id)
    if interaction is None:
        raise NotFound(what="interaction")
    return interaction


def _note(
    ports: Ports, caller: Caller, member_id: str, interaction_id: str | None, now: datetime
) -> None:
    """Recorded before anything is shown."""
    if caller.kind is CallerKind.STAFF:
        ports.audit.record(
            who=caller.source,
            action=READ,
            member_id=member_id,
            reason=None,
            at=now,
            subject=interaction_id,
        )
