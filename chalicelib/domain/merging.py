"""What one account has moves into another one that stands in for it from then on.

Both are as of one day. What leaves one arrives in the other, to the point. Knows neither whose the
accounts are nor why they come together; `parting.py` undoes it.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from datetime import date
from enum import StrEnum
from operator import add

from chalicelib.domain.account import (
    MONTHS_KEPT,
    Account,
    Lifetime,
    Lot,
    Month,
    Use,
    check_figures,
    merged,
    split_lots,
)
from chalicelib.domain.challenge_progress import progress_apart, progress_together
from chalicelib.domain.lots import (
    Days,
    bounded,
    kept_alive,
    months_after,
    receive,
)
from chalicelib.domain.offer_uses import offer_uses_apart, offer_uses_together
from chalicelib.domain.packing import pack, unpack
from chalicelib.domain.program import Program
from chalicelib.domain.quarantine import check_not_under_review, written_off_together


class Move(StrEnum):
    """Why something moved: the reason of the entries on both sides."""

    MERGED = "merged"
    SEPARATED = "merge_reversed"
    JOINED = "household_joined"
    LEFT = "household_left"
    PASSED = "household_passed"


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved. what: the account as it was. paid: the lots of one that paid the debt of the
    other when they came together."""

    what: Account
    paid: tuple[Lot, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two accounts after something moved between them. source: the one that moved away."""

    source: Account
    target: Account


def net(account: Account) -> int:
    """What an account is worth in points: available + pending - debt."""
    return account.available + account.pending_points - account.debt


def move_in(
    source: Account, target: Account, target_id: str, program: Program, today: date
) -> tuple[Pair, Moved]:
    """Move all that the source has into the target, which stands in for it from then on.

    Debt is paid by the lots that come together. Returns the accounts after it, and what moved.
    Raises InvalidContent where the target would hold more than can be told, Conflict while one of
    them is under review.
    """
    check_not_under_review(source, target)
    owed = source.debt + target.debt
    lots = merged(source.lots + target.lots)
    paid, kept = split_lots(lots, owed)
    both = replace(
        target,
        lots=kept,
        debt=owed - sum(lot.points for lot in paid),
        months=months_together(source.months + target.months),
        lifetime=Lifetime(*map(add, astuple(source.lifetime), astuple(target.lifetime))),
        uses=uses_together(target.uses + source.uses),
        offer_uses=offer_uses_together(target.offer_uses + source.offer_uses),
        progress=progress_together(target.progress + source.progress),
        gifts=target.gifts + source.gifts,
        expired=bounded(merged(target.expired + source.expired)),
        sharers=target.sharers + 1 + source.sharers,
        written_off=written_off_together(target.written_off, source.written_off),
    )
    waiting = [(Days(lot.matures_on, lot.expires_on), lot.points) for lot in source.pending]
    both = receive(both, program, waiting, today).account
    active = [day for day in (source.active_on, target.active_on) if day is not None]
    if active:
        both = kept_alive(both, program, max(active))
    check_figures(both, "")
    left = Account(status=source.status, sharers=source.sharers, moved_to=target_id)
    return Pair(left, both), Moved(source, paid)


def months_together(months: Iterable[Month]) -> tuple[Month, ...]:
    """Months with those of one first day as one, newest first, as far back as they are kept."""
    sums: dict[date, tuple[int, int, int]] = {}
    for month in months:
        before = sums.get(month.first_day, (0, 0, 0))
        sums[month.first_day] = (
            before[0] + month.purchases,
            before[1] + month.spend_minor,
            before[2] + month.qualifying_points,
        )
    if not sums:
        return ()
    oldest = months_after(max(sums), 1 - MONTHS_KEPT)
    days = sorted((day for day in sums if day >= oldest), reverse=True)
    return tuple(Month(day, *sums[day]) for day in days)


def uses_together(uses: Iterable[Use]) -> tuple[Use, ...]:
    """Uses with those of one reward and period as one."""
    sums: dict[tuple[str, str], int] = {}
    for use in uses:
        sums[use.reward, use.period] = sums.get((use.reward, use.period), 0) + use.count
    return tuple(Use(*key, count) for key, count in sums.items())


def uses_apart(
    uses: tuple[Use, ...], moved: Iterable[Use]
) -> tuple[tuple[Use, ...], tuple[Use, ...]]:
    """Of uses that came together, those that stay and those that had moved, as many of these as
    there still are."""
    counts = {(use.reward, use.period): use.count for use in moved}
    back = tuple(
        replace(use, count=min(use.count, counts[use.reward, use.period]))
        for use in uses
        if (use.reward, use.period) in counts
    )
    together = uses_together((*uses, *(replace(use, count=-use.count) for use in back)))
    return tuple(use for use in together if use.count), back


def texts_of(moved: Moved) -> dict[str, str]:
    """What moved, as the record of it keeps it."""
    return {"moved": pack(moved.what), "paid": pack(Account(lots=moved.paid))}


def moved_of(moved: str, paid: str) -> Moved:
    """What moved, from the texts of `texts_of`. UnknownSchema where a newer release wrote them."""
    return Moved(unpack(moved), unpack(paid).lots)


def leave(source: Account, target: Account, moved: Moved) -> Pair:
    """The source acts for itself again and leaves what it had moved with the target.

    It still knows its limits and gifts, or joining and leaving would renew them: of its uses those
    that still count, for what was cancelled in between counts no more. They go home with it.
    """
    stay, uses = uses_apart(target.uses, moved.what.uses)
    offers_stay, offer_uses = offer_uses_apart(target.offer_uses, moved.what.offer_uses)
    progress_stays, progress = progress_apart(target.progress, moved.what.progress)
    home = Account(
        status=source.status,
        sharers=source.sharers,
        uses=uses,
        offer_uses=offer_uses,
        progress=progress,
        gifts=moved.what.gifts,
    )
    sharers = target.sharers - 1 - source.sharers
    left = replace(
        target, uses=stay, offer_uses=offers_stay, progress=progress_stays, sharers=sharers
    )
    return Pair(home, left)


def pass_on(owner: Account, heir: Account, rest: tuple[str, ...], twins: int) -> Pair:
    """All that the owner of a household has becomes that of one who shares it, as it is: lots with
    their days, debt, figures, limits, what is held for a review. A freeze is the owner's own.

    rest: who else shares it. twins: how many accounts were merged into the owner's, which stay.
    """
    passed = replace(owner, status=heir.status, sharers=owner.sharers - 1 - twins, household=rest)
    return Pair(Account(status=owner.status, sharers=twins), passed)
