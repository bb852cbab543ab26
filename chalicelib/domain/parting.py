"""What had moved into another account moves back, and the account acts for itself again.

Both are as of one day. What leaves one arrives in the other, to the point.
"""

from collections.abc import Iterable
from dataclasses import astuple, replace
from datetime import date
from operator import sub

from chalicelib.domain.account import (
    Account,
    Gift,
    Lifetime,
    Lot,
    Month,
    credit,
    merged,
    split_lots,
    take_back,
)
from chalicelib.domain.challenge_progress import progress_apart
from chalicelib.domain.lots import (
    Days,
    LastDays,
    bounded,
    come_back,
    excuse,
    expiry_of,
    fold,
    take_pending,
)
from chalicelib.domain.merging import Moved, Pair, months_together, uses_apart
from chalicelib.domain.offer_uses import offer_uses_apart
from chalicelib.domain.program import Program
from chalicelib.domain.reviews import WrittenOff


def move_out(source: Account, target: Account, moved: Moved, program: Program, today: date) -> Pair:
    """Move back what had moved, as it is by the calendar today; the source acts for itself again.

    Its lots come back with their last days. What has expired unused at the target stays expired;
    what the target has spent of it comes back with the days of grace. What the target no longer has
    becomes its debt.
    """
    alone = fold(moved.what, today)
    target, spent, expired = _expired_back(target, moved.what.expired, alone.expired)
    target = _with_its_own(target, moved.paid, alone.account.debt, program, today)
    target = _taken(target, alone.account, spent)
    target, figures = _figures_back(target, moved.what)
    home = replace(
        figures,
        status=source.status,
        sharers=source.sharers,
        expired=expired,
        pending=alone.account.pending,
        debt=alone.account.debt,
        active_on=moved.what.active_on,
    )
    home, _ = credit(home, come_back(home, (*alone.account.lots, *spent), program, today))
    return Pair(home, replace(target, sharers=target.sharers - 1 - source.sharers))


def _expired_back(
    target: Account, before: tuple[Lot, ...], since: tuple[Lot, ...]
) -> tuple[Account, tuple[Lot, ...], tuple[Lot, ...]]:
    """What of the source's had expired before it moved, and has since, as far as the target still
    tells it. The target without that, the lots that it has spent instead, and what has expired."""
    spent: list[Lot] = []
    expired: list[Lot] = []
    for lot, is_new in [*((lot, False) for lot in before), *((lot, True) for lot in since)]:
        day = LastDays(lot.expires_on, lot.expires_on)
        target, points = excuse(target, day, lot.points)
        if points:
            expired.append(Lot(lot.expires_on, points))
        if is_new and lot.points > points:
            spent.append(Lot(lot.expires_on, lot.points - points))
    return target, tuple(spent), bounded(merged(tuple(expired)))


def _with_its_own(
    target: Account, paid: tuple[Lot, ...], debt: int, program: Program, today: date
) -> Account:
    """The target with as many points as the source takes debt back: the lots that paid it when the
    two came together; what came since has paid the rest, and lasts as long as if earned today."""
    lots, _ = split_lots(paid, debt)
    rest = debt - sum(lot.points for lot in lots)
    if rest:
        target, _ = credit(target, (Lot(expiry_of(program.expiry, today), rest),))
    return credit(target, come_back(target, lots, program, today))[0]


def _taken(target: Account, alone: Account, spent: tuple[Lot, ...]) -> Account:
    """The target without what the source has: lots of the same days first, then its newest; what
    is missing becomes debt."""
    missing = sum(lot.points for lot in spent)
    for waiting in alone.pending:
        days = Days(waiting.matures_on, waiting.expires_on)
        target, points = take_pending(target, days, waiting.points)
        missing += waiting.points - points
    wanted = {lot.expires_on: lot.points for lot in alone.lots}
    kept: list[Lot] = []
    for lot in target.lots:
        part = min(lot.points, wanted.get(lot.expires_on, 0))
        wanted[lot.expires_on] = wanted.get(lot.expires_on, 0) - part
        if lot.points > part:
            kept.append(replace(lot, points=lot.points - part))
    missing += sum(wanted.values())
    return take_back(replace(target, lots=tuple(kept)), missing)[0]


def _figures_back(target: Account, what: Account) -> tuple[Account, Account]:
    """Months, lifetime sums, uses and gifts: the target without those that the source brought, and
    an account of nothing else than these.

    Months and sums move whole, so that together they always are what the purchases of both say.
    Where one was taken back in between, the target's fall below zero until it has earned as much.
    Of uses and gifts, as many move as there still are.
    """
    stay, uses = uses_apart(target.uses, what.uses)
    offers_stay, offer_uses = offer_uses_apart(target.offer_uses, what.offer_uses)
    progress_stays, progress = progress_apart(target.progress, what.progress)
    kept, gifts = _parted(target.gifts, what.gifts)
    stays, goes = _written_off_parted(target.written_off, what.written_off)
    left = replace(
        target,
        months=months_together((*target.months, *map(_negative_month, what.months))),
        lifetime=Lifetime(*map(sub, astuple(target.lifetime), astuple(what.lifetime))),
        uses=stay,
        offer_uses=offers_stay,
        progress=progress_stays,
        gifts=kept,
        written_off=stays,
    )
    return left, Account(
        months=what.months,
        lifetime=what.lifetime,
        uses=uses,
        offer_uses=offer_uses,
        progress=progress,
        gifts=gifts,
        written_off=goes,
    )


def _written_off_parted(
    target: WrittenOff | None, what: WrittenOff | None
) -> tuple[WrittenOff | None, WrittenOff | None]:
    """What was written off that stays with the target and, as far as it is still there, goes."""
    if target is None or what is None:
        return target, None
    points = min(target.points, what.points)
    stays = replace(target, points=target.points - points)
    return stays if stays.points else None, replace(what, points=points)


def _negative_month(month: Month) -> Month:
    return Month(month.first_day, -month.purchases, -month.spend_minor, -month.qualifying_points)


def _parted(
    gifts: tuple[Gift, ...], wanted: Iterable[Gift]
) -> tuple[tuple[Gift, ...], tuple[Gift, ...]]:
    """The gifts that stay and those, of the wanted ones, that go; two can be alike."""
    stay, go = list(gifts), []
    for gift in wanted:
        if gift in stay:
            stay.remove(gift)
            go.append(gift)
    return tuple(stay), tuple(go)
