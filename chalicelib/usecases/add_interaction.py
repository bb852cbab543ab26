"""A member tells us something, or support writes it down for it: kept once for each key."""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from chalicelib.domain.allowances import INTERACTIONS
from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.instants import local_date, whole_milliseconds
from chalicelib.domain.interactions import (
    Complaint,
    Content,
    Interaction,
    InteractionKind,
    Warranty,
    as_said,
    begun,
)
from chalicelib.domain.refusals import ConflictingReplay, InvalidContent
from chalicelib.domain.warranties import next_service, problems_of
from chalicelib.usecases.current import own_head
from chalicelib.usecases.ports import Outcome, Ports, StoreUnavailable
from chalicelib.usecases.settle import Waiting
from chalicelib.usecases.take_allowance import take_allowance

ADDED = "interaction.added"


@dataclass(frozen=True, slots=True)
class AddInteraction:
    """content: as it was said. key: the caller's idempotency key."""

    member_id: str
    kind: InteractionKind
    content: Content
    key: str


def add_interaction(
    ports: Ports, caller: Caller, command: AddInteraction, now: datetime
) -> Outcome[Interaction]:
    """Keep an interaction; answers to surveys go through `answer_survey`.

    Raises MemberNotFound, MemberErased, InvalidContent, ConflictingReplay, TooManyRequests,
    TryAgain.
    """
    interaction = new_interaction(ports, caller, command, now)
    earlier = earlier_of(ports, interaction)
    if earlier is not None:
        return Outcome(earlier, replayed=True)
    interaction = replace(interaction, content=_begun(ports, interaction))
    admit(ports, caller, interaction)
    waiting = Waiting(ports.patience)
    while True:
        try:
            if ports.interactions.add(interaction):
                return Outcome(interaction)
            earlier = earlier_of(ports, interaction)
            if earlier is not None:
                return Outcome(earlier, replayed=True)
            waiting.once_more()
        except StoreUnavailable:
            # Whether it landed is unknown: the next attempt meets it if it did.
            waiting.once_more()


def new_interaction(
    ports: Ports, caller: Caller, command: AddInteraction, now: datetime
) -> Interaction:
    """What is to be kept, under the id that its key leads to. Raises MemberNotFound."""
    own_head(ports, command.member_id)
    path = f"interaction/{command.member_id}"
    return Interaction(
        member_id=command.member_id,
        interaction_id=ports.namer.id("int", caller.source, path, command.key),
        version=1,
        kind=command.kind,
        at=whole_milliseconds(now),
        by=caller.source,
        content=command.content,
    )


def earlier_of(ports: Ports, interaction: Interaction) -> Interaction | None:
    """What the same key has kept before, as it is now. Raises ConflictingReplay where that said
    something else."""
    kept = ports.interactions.get(interaction.member_id, interaction.interaction_id)
    if kept is None:
        return None
    differs = _differing(as_said(kept.content), as_said(interaction.content))
    if kept.kind is not interaction.kind:
        differs = ["kind"]
    if differs:
        raise ConflictingReplay(differing=differs)
    return kept


def _differing(first: Content, second: Content) -> list[str]:
    if type(first) is not type(second):
        return ["kind"]
    names = (field.name for field in fields(first))
    return sorted(name for name in names if getattr(first, name) != getattr(second, name))


def admit(ports: Ports, caller: Caller, interaction: Interaction) -> None:
    """Count it among those of the day, and record it where staff write it down.

    Raises TooManyRequests.
    """
    member_id, at = interaction.member_id, interaction.at
    take_allowance(ports, INTERACTIONS, member_id, at)
    if caller.kind is CallerKind.STAFF:
        # Recorded first: a record of what then failed is better than a change nobody recorded.
        ports.audit.record(
            who=caller.source,
            role=caller.role,
            action=ADDED,
            member_id=member_id,
            reason=None,
            at=at,
            subject=interaction.interaction_id,
        )


def _begun(ports: Ports, interaction: Interaction) -> Content:
    """Its content with what begins with it: a complaint's first state, a warranty's reminders."""
    content = interaction.content
    match content:
        case Complaint():
            return begun(content, interaction.at, interaction.by)
        case Warranty():
            today = local_date(interaction.at, ports.programs.active().zone)
            if errors := problems_of(content, today):
                raise InvalidContent(errors=errors)
            return replace(content, remind_on=next_service(content, today))
        case _:
            return content
