"""Members are told in time of points that expire: by an event, and by a letter who may get one.

An event has the same id however often it is published, so it goes out before it is recorded: at
least once. A letter cannot be told from its double, so it is recorded before it is sent: at most
once. Whatever is in doubt is read again.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from chalicelib.domain.instants import local_date
from chalicelib.domain.notices import (
    STAGES,
    Notice,
    Told,
    after_telling,
    due_notices,
    expiring,
)
from chalicelib.usecases.contact import Withheld, send_to
from chalicelib.usecases.current import Current, as_of_now
from chalicelib.usecases.due_rounds import Round, Rounds, Run, Visited, Walked, walk
from chalicelib.usecases.ports import (
    Event,
    EventBus,
    NotTaken,
    Ports,
    StoreUnavailable,
)
from chalicelib.usecases.settle import Waiting
from chalicelib.usecases.write_notice import Addressed, write_notice

NAME = "notices"
"""Of the checkpoints that say for which day a shard has been gone through."""

SOURCE = "/stampbook/notices"
EXPIRING = "stampbook.points.expiring"

_LATE = timedelta(days=1)
"""What expired yesterday may still hide, in the index, what expires next."""


def tell_expiring(ports: Ports, bus: EventBus, now: datetime, run: Run) -> Walked:
    """Tell members of points that expire within 30 days, and again within 7.

    Goes through all whose points expire in that time once a day, so that nobody is missed whose
    lots follow each other closely. Safe to stop at any point and to run twice at once. Counts
    `events` and `letters` of this run. Raises StoreUnavailable.
    """
    if ports.programs.active_number() is None:
        return Walked(done=True, counts=Counter(), left=0)

    def next_round(through: date | None) -> Round | None:
        today = local_date(now, ports.programs.active().zone)
        if through is not None and through >= today:
            return None
        return Round(today, today - _LATE, today + timedelta(days=STAGES[0]))

    def visit(account_id: str) -> Visited:
        return tell_account(ports, bus, account_id, now)

    return walk(ports, Rounds(NAME, next_round, visit), run)


def tell_account(ports: Ports, bus: EventBus, account_id: str, now: datetime) -> Visited:
    """Tell a member what has not been told yet; `again` when the letter has to wait for an hour.

    Raises StoreUnavailable, StoreNewer, TryAgain: another visit does what is left.
    """
    head = ports.ledger.head(account_id)
    if head is None:
        return Visited()
    at = as_of_now(ports, head, now)
    lots = expiring(at.account, at.today + timedelta(days=STAGES[0]))
    if not lots:
        return Visited()
    told = ports.notices.told(account_id)
    events = due_notices(lots, told.events, at.today)
    letters = due_notices(lots, told.letters, at.today)
    if events:
        _publish(bus, at, events)
    letter = write_notice(ports, at, letters) if letters else None
    quiet = letter is Withheld.FOR_HOURS
    decided = letters if isinstance(letter, Addressed) or letter is Withheld.FOR_GOOD else ()
    if not events and not decided:
        return Visited(again=quiet)
    by = ports.entropy(8).hex()
    after = after_telling(told, events=events, letters=decided, today=at.today, by=by)
    if not _keep(ports, after):
        return Visited(again=True)  # somebody else is telling it
    sent = isinstance(letter, Addressed) and _send(ports, letter, told, after)
    counts = {"events": len(events), "letters": int(sent)}
    return Visited(counts, again=quiet)


def _publish(bus: EventBus, at: Current, notices: Sequence[Notice]) -> None:
    if bus.publish([_event(at, notice) for notice in notices]):
        raise StoreUnavailable("the bus did not take an event")


def _event(at: Current, notice: Notice) -> Event:
    name = f"{EXPIRING}/{at.account_id}/{notice.expires_on}/{notice.stage}"
    data: dict[str, object] = {
        "member_id": at.account_id,
        "points": notice.points,
        "expires_on": notice.expires_on.isoformat(),
        "days_left": notice.days_left,
        "notice_days": notice.stage,
    }
    event_id = hashlib.sha256(name.encode()).hexdigest()
    return Event(event_id, SOURCE, EXPIRING, at.account_id, at.now, data)


def _keep(ports: Ports, after: Told) -> bool:
    """Whether it is this visit that has told it, however often the reply is lost. Raises TryAgain
    when that stays unknown."""
    waiting = Waiting(ports.patience)
    while True:
        try:
            return ports.notices.keep(after) or ports.notices.told(after.member_id) == after
        except StoreUnavailable:
            waiting.once_more()


def _send(ports: Ports, letter: Addressed, before: Told, after: Told) -> bool:
    """Send a letter that is recorded, unless the member has withdrawn since. Of one that the
    provider says it did not take, the record is taken back, so that it is sent another time."""
    try:
        return send_to(ports, letter.address, letter.letter)
    except NotTaken:
        _keep(ports, replace(after, version=after.version + 1, letters=before.letters))
        raise
