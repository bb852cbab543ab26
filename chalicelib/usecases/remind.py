"""Members are reminded of the service of what they registered, each time once.

A letter cannot be told from its double, so it is recorded before it is sent: at most once. What is
due stands in an index until it was told, so a run goes on where any other was stopped.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.instants import local_date
from chalicelib.domain.interactions import Interaction, Warranty
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.domain.reminder_letters import service_letter
from chalicelib.domain.warranties import service_to_tell, skipped, told
from chalicelib.usecases.contact import SERVICE, Address, Withheld, may_write, send_to
from chalicelib.usecases.ports import NotTaken, Ports, Reminder, StoreUnavailable
from chalicelib.usecases.settle import Waiting


@dataclass(frozen=True, slots=True)
class Reminding:
    """How a run works. keep_going: asked before each member. failed: told what went wrong with one,
    who is in no other's way."""

    keep_going: Callable[[], bool]
    failed: Callable[[Exception], None]


@dataclass(frozen=True, slots=True)
class Reminded:
    """letters: sent by this run. left: for the next one: quiet hours, enough letters in a week,
    stopped, failed."""

    letters: int
    left: int


def remind(ports: Ports, now: datetime, run: Reminding) -> Reminded:
    """Tell what is due by today, in the program's zone. Safe to stop at any point and to run twice
    at once. Raises StoreUnavailable where what is due cannot be read."""
    if ports.programs.active_number() is None:
        return Reminded(0, 0)
    today = local_date(now, ports.programs.active().zone)
    letters = left = 0
    for reminder in ports.interactions.due(today):
        if not run.keep_going():
            left += 1
            continue
        try:
            sent = remind_of(ports, reminder, today, now)
        except Exception as error:  # busy, of a newer release or broken: in no other's way
            run.failed(error)
            sent = None
        letters += sent is True
        left += sent is None
    return Reminded(letters, left)


def remind_of(ports: Ports, reminder: Reminder, today: date, now: datetime) -> bool | None:
    """Tell one member what is due. Whether a letter was sent; None where it has to wait.

    Raises StoreUnavailable, StoreNewer, NotTaken, TryAgain: another visit does what is left.
    """
    before, warranty = _due(ports, reminder)
    if before is None or warranty is None:
        ports.interactions.forget(reminder)
        return False
    day = service_to_tell(warranty, today)
    if day is None:
        _keep(ports, before, before.changed(skipped(warranty, today)))
        return False
    address = may_write(ports, before.member_id, SERVICE, MessageChannel.MAIL, now)
    match address:
        case Withheld.FOR_GOOD:
            _keep(ports, before, before.changed(skipped(warranty, today)))
            return False
        case Withheld():
            return None
        case Address():
            after = told(warranty, day, today, ports.entropy(8).hex())
            return _tell(ports, address, before, before.changed(after), day)


def _due(ports: Ports, reminder: Reminder) -> tuple[Interaction | None, Warranty | None]:
    """What a hint leads to; nothing where the member is gone, or is reminded on another day."""
    try:
        kept = ports.interactions.get(reminder.member_id, reminder.interaction_id)
    except (MemberErased, MemberNotFound):
        return None, None
    warranty = kept.content if kept is not None else None
    if not isinstance(warranty, Warranty) or warranty.remind_on != reminder.day:
        return None, None
    return kept, warranty


def _tell(
    ports: Ports, address: Address, before: Interaction, after: Interaction, day: date
) -> bool:
    """Send a letter when this run has recorded it, unless the member has withdrawn since. Of one
    that was not taken the record is taken back, so that it is sent another time."""
    if not _keep(ports, before, after):
        return False  # somebody else is telling it
    warranty = before.content
    assert isinstance(warranty, Warranty)  # noqa: S101  # what is due is one
    program = ports.programs.active().name
    try:
        letter = service_letter(program, address.language, warranty, day)
        return send_to(ports, address, letter)
    except NotTaken:
        _keep(ports, after, replace(before, version=after.version + 1))
        raise


def _keep(ports: Ports, before: Interaction, after: Interaction) -> bool:
    """Whether it is this run that has kept it, however often the reply is lost. Raises TryAgain
    when that stays unknown."""
    waiting = Waiting(ports.patience)
    place = (before.member_id, before.interaction_id)
    while True:
        try:
            kept = ports.interactions.change(before, after)
            return kept or ports.interactions.get(*place) == after
        except (MemberErased, MemberNotFound):
            return False
        except StoreUnavailable:
            waiting.once_more()
