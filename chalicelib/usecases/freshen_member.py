"""One member is asked whether its details hold, warned, or removed, when that is due.

What is told is recorded before it is sent, so that no letter comes twice; the event of a warning
has the same id however often it is published, so it goes out before. Whatever is in doubt is read
again.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime

from chalicelib.domain.freshness import Freshness
from chalicelib.domain.freshness_letters import bounced_letter, details_letter, removal_letter
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.instants import local_date, whole_milliseconds
from chalicelib.domain.letters import Letter
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.refusals import Conflict, MemberErased
from chalicelib.usecases.contact import SERVICE, Address, Withheld, may_write, send_to
from chalicelib.usecases.look_at_member import (
    RETENTION,
    Look,
    is_worth_a_look,
    look_at_member,
)
from chalicelib.usecases.ports import (
    Event,
    EventBus,
    NotTaken,
    Ports,
    RollRow,
    StoreUnavailable,
)
from chalicelib.usecases.request_erasure import cancel_erasure, request_erasure
from chalicelib.usecases.required_letters import Mailbox, mailbox_of
from chalicelib.usecases.settle import Waiting

SOURCE = "/stampbook/retention"
REMOVAL_WARNED = "stampbook.member.removal_warned"

_CHANNELS = {Channel.EMAIL: MessageChannel.MAIL, Channel.PHONE: MessageChannel.SMS}


def freshen_member(ports: Ports, bus: EventBus, row: RollRow, now: datetime) -> str | None:
    """Do what is due for a member: `asked`, `told` (that messages come back), `warned`, `removed`
    or `kept` (it was heard of before its removal began); None where nothing is, or not now.

    Raises StoreUnavailable, StoreNewer, TryAgain: another visit does what is left.
    """
    program = ports.programs.active()
    if not is_worth_a_look(row, program, now, local_date(now, program.zone)):
        return None
    look = look_at_member(ports, row, program, now)
    if look is None:
        return None
    if look.going is not None:
        return None if look.has_come(look.due.remove_on) else _keep_member(ports, look.going, now)
    if look.has_come(look.due.remove_on):
        request_erasure(ports, RETENTION, look.member_id, look.now)
        return "removed"
    if look.has_come(look.due.warn_on):
        return _warn(ports, bus, look)
    if look.fresh.untold:
        return _tell(ports, look)
    if look.has_come(look.due.ask_on):
        return _ask(ports, look)
    if look.fresh.seen_on != row.fresh.seen_on:  # so that the account is not read every day
        _keep(ports, _following(ports, look.fresh))
    return None


def _keep_member(ports: Ports, erasure_id: str, now: datetime) -> str | None:
    """The days to think it over are for this: whoever is heard of in them stays."""
    try:
        cancel_erasure(ports, RETENTION, erasure_id, now)
    except (Conflict, MemberErased):  # it has begun just now
        return None
    return "kept"


def _warn(ports: Ports, bus: EventBus, look: Look) -> str | None:
    """The letter goes whatever the member wants to hear; where nothing arrives, the event alone."""
    mailbox, last = mailbox_of(ports, look.member_id, look.now), look.due.remove_on
    if mailbox is Withheld.FOR_HOURS or last is None:
        return None
    _publish(bus, look, last)
    after = replace(_following(ports, look.fresh), warned_at=whole_milliseconds(look.now))
    if not _keep(ports, after):
        return None  # somebody else warns
    if isinstance(mailbox, Mailbox):
        points, name = look.standing.points, look.program.name
        message = mailbox.message(removal_letter(name, mailbox.language, last, points))
        _send(ports, look.fresh, after, lambda: ports.messages.send(message))
    return "warned"


def _tell(ports: Ports, look: Look) -> str | None:
    """By another channel, that messages to one come back; this asks for the details, too."""
    bouncing, now = sorted(look.fresh.bouncing), whole_milliseconds(look.now)
    others = [letters for one, letters in _CHANNELS.items() if one not in bouncing]

    def letter(address: Address) -> Letter:
        return bounced_letter(look.program.name, address.language, bouncing[0])

    after = replace(_following(ports, look.fresh), asked_at=now, told_at=now)
    return "told" if _written(ports, look, others, letter, after) else None


def _ask(ports: Ports, look: Look) -> str | None:
    def letter(address: Address) -> Letter:
        return details_letter(look.program.name, address.language)

    after = replace(_following(ports, look.fresh), asked_at=whole_milliseconds(look.now))
    return "asked" if _written(ports, look, _CHANNELS.values(), letter, after) else None


def _written(
    ports: Ports,
    look: Look,
    channels: Iterable[MessageChannel],
    letter: Callable[[Address], Letter],
    after: Freshness,
) -> bool:
    """Whether a letter went out that the member may do without. Where none ever can, that is kept
    as if it had: the next sign-in shows what it would have said."""
    address = _address(ports, look, channels)
    if address in (Withheld.FOR_HOURS, Withheld.FOR_DAYS) or not _keep(ports, after):
        return False
    if not isinstance(address, Address):
        return False
    _send(ports, look.fresh, after, lambda: send_to(ports, address, letter(address)))
    return True


def _address(ports: Ports, look: Look, channels: Iterable[MessageChannel]) -> Address | Withheld:
    """Where it may go: by the first channel that is open now."""
    why = Withheld.FOR_GOOD
    for channel in channels:
        found = may_write(ports, look.member_id, SERVICE, channel, look.now)
        if isinstance(found, Address):
            return found
        why = found if why is Withheld.FOR_GOOD else why
    return why


def _publish(bus: EventBus, look: Look, last: date) -> None:
    name = f"{REMOVAL_WARNED}/{look.member_id}/{last}"
    data: dict[str, object] = {"member_id": look.member_id, "removed_after": last.isoformat()}
    event_id = hashlib.sha256(name.encode()).hexdigest()
    event = Event(event_id, SOURCE, REMOVAL_WARNED, look.member_id, look.now, data)
    if bus.publish([event]):
        raise StoreUnavailable("the bus did not take an event")


def _following(ports: Ports, fresh: Freshness) -> Freshness:
    return replace(fresh, version=fresh.version + 1, by=ports.entropy(8).hex())


def _keep(ports: Ports, after: Freshness) -> bool:
    """Whether it is this visit that has written it, however often the reply is lost. Raises
    TryAgain when that stays unknown."""
    waiting = Waiting(ports.patience)
    while True:
        try:
            if ports.roll.keep(after):
                return True
            stands = ports.roll.fresh(after.member_id)
            return (stands.version, stands.by) == (after.version, after.by)
        except StoreUnavailable:
            waiting.once_more()


def _send(ports: Ports, before: Freshness, after: Freshness, send: Callable[[], object]) -> None:
    """Send a letter that is recorded. Of one that the provider says it did not take, the record is
    taken back, so that it is sent another time."""
    try:
        send()
    except NotTaken:
        back = replace(before, version=after.version + 1, by=after.by)
        _keep(ports, back)
        raise
