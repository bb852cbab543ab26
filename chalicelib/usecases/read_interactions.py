"""What a member told us, page by page or one."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.interactions import Interaction
from chalicelib.domain.refusals import NotFound
from chalicelib.usecases.current import own_head
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class InteractionPage:
    """more: whether there may be older ones behind these."""

    interactions: list[Interaction]
    more: bool


def read_interactions(
    ports: Ports, member_id: str, after: tuple[datetime, str] | None, limit: int
) -> InteractionPage:
    """Interactions, newest first, behind the one of an instant and an id.

    Raises MemberNotFound, StoreUnavailable.
    """
    own_head(ports, member_id)
    page = ports.interactions.page(member_id, after, limit)
    return InteractionPage(page, more=len(page) == limit)


def known_interaction(ports: Ports, member_id: str, interaction_id: str) -> Interaction:
    """One interaction. Raises MemberNotFound, NotFound, StoreUnavailable."""
    own_head(ports, member_id)
    interaction = ports.interactions.get(member_id, interaction_id)
    if interaction is None:
        raise NotFound(what="interaction")
    return interaction
