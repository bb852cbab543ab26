"""When an offer makes a member a gift: on joining, birthdays, anniversaries, for bringing somebody,
or at the moment from which a condition holds. Each once a period, whoever finds out.

Knows neither clock nor store; whether the member is one that the offer is for is asked elsewhere.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.account import Account, Progress, check_figures
from chalicelib.domain.challenge_progress import progress_with, with_progress
from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import days_of, months_after
from chalicelib.domain.offer_times import in_its_time, is_open
from chalicelib.domain.offers import Activation, BonusPoints, Occasion, Offer, RewardPrice
from chalicelib.domain.program import Program
from chalicelib.domain.quarantine import receive_earned
from chalicelib.domain.redemptions import period_of
from chalicelib.domain.traits import Traits

BY_THE_DAY = (Occasion.JOINED, Occasion.BIRTHDAY, Occasion.ANNIVERSARY, Occasion.MOMENT)
"""Those that a day can bring: whoever goes through all members finds them."""

CATCH_UP_DAYS = 7
"""So long an anniversary is made up for that nobody was there to find on its day."""

WELCOME_DAYS = 30
"""So long after joining a member is still welcomed: it may take its time to prove its address."""


def period_due(offer: Offer, traits: Traits, program: Program, today: date) -> str | None:
    """The period that a gift is due for on a day: a member is given one in each. None where none
    is. An offer that gives for bringing somebody is never due by the day."""
    match offer.occasion:
        case Occasion.BIRTHDAY:
            born = traits.birth_month if traits.profiling else None
            return f"{today.year}" if born == today.month else None
        case Occasion.ANNIVERSARY:
            return _anniversary(traits.joined_on, today)
        case Occasion.JOINED:
            return _welcome(offer, traits.joined_on, program, today)
        case Occasion.MOMENT:
            return period_of(offer.member_limit_period, _noon(today, program), program.zone)
        case _:
            return None


def gives_now(offer: Offer, traits: Traits, program: Program, now: datetime) -> bool:
    """Whether an offer makes gifts now, and to a member who has done what it asks for first."""
    opted_in = offer.activation is Activation.AUTOMATIC or offer.offer_id in traits.activated
    local = now.astimezone(ZoneInfo(program.zone))
    return opted_in and in_its_time(offer, now) and is_open(offer.schedule, local)


def gives_today(offer: Offer, traits: Traits, program: Program, now: datetime) -> bool:
    """The same for a gift that a day brings, whose hours nobody minds: whoever goes through all
    members comes by once."""
    all_day = replace(offer, schedule=replace(offer.schedule, hours=()))
    return gives_now(all_day, traits, program, now)


def points_of_gift(offer: Offer) -> int:
    """The points of a gift; 0 where it is a price for a reward."""
    return offer.effect.points if isinstance(offer.effect, BonusPoints) else 0


def with_gift(
    account: Account, offer: Offer, program: Program, today: date, live: Iterable[int] = ()
) -> Account:
    """The account with an offer's gift: points, which pay its debt first, or a reward that it can
    redeem once at the offer's price.

    live: the numbers of offers that go on, whose progress is not dropped. Raises InvalidContent
    where the account would hold more than can be told.
    """
    if isinstance(offer.effect, RewardPrice):
        before = progress_with(account.progress, offer.number)
        given = Progress(offer.number, before.counters, before.awarded + 1, before.used)
        kept = with_progress(account.progress, given, dict.fromkeys(live))
        return replace(account, progress=kept)
    days = days_of(program, offer.pending, today)
    after = receive_earned(account, program, [(days, points_of_gift(offer))], today).account
    check_figures(after, "")
    return after


def _anniversary(joined: date | None, today: date) -> str | None:
    """The newest anniversary's year, where that is not long ago."""
    if joined is None:
        return None
    years = today.year - joined.year
    if months_after(joined, 12 * years) > today:
        years -= 1
    day = months_after(joined, 12 * years)
    return f"{day.year}" if years > 0 and (today - day).days < CATCH_UP_DAYS else None


def _welcome(offer: Offer, joined: date | None, program: Program, today: date) -> str | None:
    """Who joined before the offer was launched is no newcomer to it."""
    if joined is None or offer.launched_at is None:
        return None
    since_launch = joined >= local_date(offer.launched_at, program.zone)
    return "" if since_launch and 0 <= (today - joined).days <= WELCOME_DAYS else None


def _noon(day: date, program: Program) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(program.zone))
