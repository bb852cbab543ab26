"""The gifts that a day brings: all members are looked at once a day, and newcomers at once.

A pass of its own for each day of the program's zone, and none where no such offer is live. Safe to
stop at any point and to run twice at once: each gift counts once by its own record.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.entries import Entry
from chalicelib.domain.instants import local_date
from chalicelib.domain.live_offers import LiveOffer
from chalicelib.domain.occasions import BY_THE_DAY, gives_today, period_due
from chalicelib.domain.offer_times import in_its_time
from chalicelib.domain.offers import Occasion
from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.usecases.current import Current, as_of_now, standing_in
from chalicelib.usecases.due_rounds import Run
from chalicelib.usecases.give_gift import Gift, give_gift
from chalicelib.usecases.ports import Ports, RollRow, StoreUnavailable
from chalicelib.usecases.roll_pass import RollPass, Sums, run_roll_pass

MOST_FAILED = 20
"""Members of a page with whom it may fail; more, and more than half of them, is an outage, and the
page comes again."""


@dataclass(frozen=True, slots=True)
class GiftRun:
    """What a day's pass did so far. looked_at: how many members; failed: whom the next day's has to
    look at again; given: gifts that they have, also from before. complete: whether it went through
    all members."""

    complete: bool
    looked_at: int
    failed: int
    given: int


def give_gifts(ports: Ports, now: datetime, run: Run) -> GiftRun | None:
    """Go on with the pass of today, until it is through or `keep_going` says no; None where nothing
    is given by the day. Raises StoreUnavailable."""
    if ports.programs.active_number() is None or not _live(ports, BY_THE_DAY, now):
        return None
    day = local_date(now, ports.programs.active().zone)

    def start() -> Sums:
        return {"looked_at": 0, "failed": 0, "given": 0}

    def visit(sums: Sums, rows: tuple[RollRow, ...]) -> Sums:
        staying = [row for row in rows if not row.going]
        done = list(run.lanes(partial(_visit, ports, now, run), staying))
        counts = Counter(failed=done.count(None), given=sum(given or 0 for given in done))
        if counts["failed"] > max(MOST_FAILED, len(rows) // 2):
            raise StoreUnavailable("most members of a page could not be looked at")
        counts["looked_at"] = len(rows)
        return {name: sums[name] + counts[name] for name in sums}

    progress = run_roll_pass(ports, RollPass(f"occasions-{day}", start, visit), run.keep_going)
    return GiftRun(complete=progress.done, **progress.sums)


def welcome(ports: Ports, entry: Entry, now: datetime) -> None:
    """Give a newcomer what offers give on joining, as soon as its account is open and active.

    entry: of kind `open` or `status`. Raises TryAgain, StoreUnavailable.
    """
    if entry.account().status is not AccountStatus.ACTIVE:
        return
    offers = _live(ports, (Occasion.JOINED,), now)
    if offers:
        _give_due(ports, entry.account_id, offers, now)


def _visit(ports: Ports, now: datetime, run: Run, row: RollRow) -> int | None:
    """How many gifts a member has that are due now; None where it failed."""
    try:
        return _give_due(ports, row.member_id, _live(ports, BY_THE_DAY, now), now)
    except Exception as error:  # busy, of a newer release or broken: in no other's way
        run.failed(error)
        return None


def _give_due(ports: Ports, member_id: str, offers: Collection[LiveOffer], now: datetime) -> int:
    try:
        at = as_of_now(ports, standing_in(ports, member_id), now)
    except (MemberErased, MemberNotFound):
        return 0  # nobody is left to give anything to
    if at.account.status is not AccountStatus.ACTIVE:
        return 0
    gifts = [gift for ready in offers if (gift := _due(at, member_id, ready)) is not None]
    return sum(give_gift(ports, member_id, gift, now) for gift in gifts)


def _due(at: Current, member_id: str, ready: LiveOffer) -> Gift | None:
    """The gift of an offer, where it is due today and the offer is for the member."""
    offer = ready.offer
    period = period_due(offer, at.traits, at.program, at.today)
    if period is None or not gives_today(offer, at.traits, at.program, at.now):
        return None
    return Gift(offer.offer_id, period) if ready.is_for(member_id, at.facts()) else None


def _live(ports: Ports, occasions: Collection[Occasion], now: datetime) -> list[LiveOffer]:
    return [
        ready
        for ready in ports.offers.live().all
        if ready.offer.occasion in occasions and in_its_time(ready.offer, now)
    ]
