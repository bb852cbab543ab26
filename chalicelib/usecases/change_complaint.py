"""Support moves a complaint on: into another state, with a note to the member."""

from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.interactions import ComplaintState, Interaction, StateChange, moved
from chalicelib.domain.refusals import VersionStale
from chalicelib.usecases.ports import Ports, StoreUnavailable
from chalicelib.usecases.read_interactions import known_interaction
from chalicelib.usecases.settle import Waiting

STATE_CHANGED = "interaction.state_changed"


def change_complaint(
    ports: Ports,
    caller: Caller,
    place: tuple[str, str],
    version: int,
    to: tuple[ComplaintState, str | None],
    now: datetime,
) -> Interaction:
    """Move a complaint of a version into a state. place: the member's and the interaction's id. to:
    the state, and what is written to the member with it.

    Raises NotFound, MemberErased, Conflict (`not_a_complaint`, `state_not_reachable`),
    VersionStale, TryAgain.
    """
    before = known_interaction(ports, *place)
    if before.version != version:
        raise VersionStale
    state, note = to
    at = max(whole_milliseconds(now), before.at)
    after = before.changed(moved(before.content, StateChange(state, at, caller.source, note)))
    ports.audit.record(
        who=caller.source,
        role=caller.role,
        action=STATE_CHANGED,
        member_id=before.member_id,
        reason=None,
        at=now,
        subject=before.interaction_id,
    )
    waiting = Waiting(ports.patience)
    while True:
        try:
            if ports.interactions.change(before, after):
                return after
            if known_interaction(ports, *place) == after:
                return after  # an earlier attempt had landed
            raise VersionStale
        except StoreUnavailable:
            waiting.once_more()
