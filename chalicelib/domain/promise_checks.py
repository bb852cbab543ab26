"""What a program may promise about points once they are earned: waiting, expiry, tiers, transfers.

The bounds keep an account small: whatever it holds by day must fit beside it, for ever.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from chalicelib.domain.field_checks import in_range, one_line
from chalicelib.domain.program import (
    Abuse,
    Expiry,
    ExpiryAlignment,
    ExpiryKind,
    Pending,
    Program,
    Referral,
    Tiers,
)
from chalicelib.domain.refusals import FieldError
from chalicelib.domain.retention import wrong_retention

MOST_PENDING_DAYS = 60
MOST_DAYS_UNTIL = 731
"""How far ahead points may be made to wait until: what nobody lives to spend was not earned."""
MOST_MONTHS = 36
"""Of an expiry whose lots lie on month ends, or on any day."""
MOST_MONTHS_TO_YEAR_END = 120
MOST_GRACE_DAYS = 60
MOST_LEVELS = 6
LONGEST_TIER_NAME = 100
MOST_THRESHOLD = 1_000_000_000
LEAST_PERCENT, MOST_PERCENT = 100, 1_000
MOST_GIFT = 1_000_000
MOST_TIER_GRACE_DAYS = 62
"""An account keeps the months that a tier of so much grace can still rest on."""
MOST_TRANSFERRED = 1_000_000
MOST_COOLING_OFF_DAYS = 30
MOST_HOUSEHOLD = 10
MOST_COOL_OFF_DAYS = 30
"""The law allows a month to answer."""
MOST_MINOR = 1_000_000_000
MOST_RETURNS = 1_000
MOST_REFERRED = 1_000
TIER_ID_PATTERN = "^[a-z0-9][a-z0-9_-]{0,39}$"


def broken_promises(program: Program) -> list[FieldError]:
    """Everything wrong with what a program promises, by the pointers of its document."""
    return [
        *_pending(program),
        *_expiry(program.expiry),
        *in_range(program.grace_days, "/grace_days", 1, MOST_GRACE_DAYS),
        *_tiers(program.tiers),
        *_transfers(program),
        *in_range(program.household_members, "/household_members", 1, MOST_HOUSEHOLD),
        *in_range(program.thousand_points_minor, "/thousand_points_minor", 0, MOST_MINOR),
        *_abuse(program.abuse),
        *_referral(program.referral),
        *wrong_retention(program.retention),
        *in_range(program.erasure.cool_off_days, "/erasure/cool_off_days", 0, MOST_COOL_OFF_DAYS),
    ]


def too_far_ahead(program: Program, today: date) -> list[FieldError]:
    """What makes points wait until a day that is too far from today."""
    last = today + timedelta(days=MOST_DAYS_UNTIL)
    detail = f"Write a day up to {last}."
    return [
        FieldError(f"{pointer}/until", "too_far_ahead", detail)
        for pointer, pending in _pending_settings(program)
        if pending.until is not None and pending.until > last
    ]


def _pending_settings(program: Program) -> list[tuple[str, Pending]]:
    """The program's own and its rules', each with where it stands."""
    settings = [("/pending", program.pending)]
    return settings + [
        (f"/rules/{index}/pending", rule.pending)
        for index, rule in enumerate(program.rules)
        if rule.pending is not None
    ]


def _pending(program: Program) -> Iterator[FieldError]:
    settings = _pending_settings(program)
    wrong = [
        error
        for pointer, pending in settings
        for error in in_range(pending.days, f"{pointer}/days", 0, MOST_PENDING_DAYS)
    ]
    yield from wrong
    in_all = sum(_waiting_days(pending) for pending in {pending for _, pending in settings})
    if not wrong and in_all > MOST_PENDING_DAYS:
        detail = (
            "The program and its rules may make points wait for "
            f"{MOST_PENDING_DAYS} days in all: the sum over settings that differ, one day more "
            "for each `until`. Give rules the same setting, or shorter ones."
        )
        yield FieldError("/pending", "too_many_days", detail)


def _waiting_days(pending: Pending) -> int:
    """On how many days points of a setting can mature that wait at the same time."""
    return pending.days + (1 if pending.until is not None else 0)


def _expiry(expiry: Expiry | None) -> Iterator[FieldError]:
    if expiry is None:
        return
    to_year_end = expiry.aligned is ExpiryAlignment.YEAR_END
    if to_year_end and expiry.kind is ExpiryKind.AFTER_INACTIVITY:
        detail = "Points that expire by inactivity do so on the very day; write month_end."
        yield FieldError("/expiry/aligned", "not_expected", detail)
        return
    most = MOST_MONTHS_TO_YEAR_END if to_year_end else MOST_MONTHS
    yield from in_range(expiry.months, "/expiry/months", 1, most)


def _tiers(tiers: Tiers | None) -> Iterator[FieldError]:
    if tiers is None:
        return
    yield from in_range(tiers.grace_days, "/tiers/grace_days", 0, MOST_TIER_GRACE_DAYS)
    if not 1 <= len(tiers.levels) <= MOST_LEVELS:
        detail = f"Write 1 to {MOST_LEVELS} levels, or null for a program without tiers."
        yield FieldError("/tiers/levels", "wrong_length", detail)
    yield from _ids(tiers)
    below = 0
    for index, level in enumerate(tiers.levels):
        pointer = f"/tiers/levels/{index}"
        yield from one_line(level.name, f"{pointer}/name", LONGEST_TIER_NAME)
        yield from in_range(level.threshold, f"{pointer}/threshold", 1, MOST_THRESHOLD)
        if 1 <= level.threshold <= below:
            detail = "Write the levels lowest first, each with a higher threshold."
            yield FieldError(f"{pointer}/threshold", "not_rising", detail)
        below = max(below, level.threshold)
        percent = level.earn_percent
        yield from in_range(percent, f"{pointer}/earn_percent", LEAST_PERCENT, MOST_PERCENT)
        yield from in_range(level.gift_points, f"{pointer}/gift_points", 0, MOST_GIFT)


def _ids(tiers: Tiers) -> Iterator[FieldError]:
    ids = [level.tier_id for level in tiers.levels]
    for index, tier_id in enumerate(ids):
        pointer = f"/tiers/levels/{index}/tier_id"
        if not re.fullmatch(TIER_ID_PATTERN, tier_id):
            detail = "1 to 40 lower-case letters, digits, dashes and underscores."
            yield FieldError(pointer, "wrong_format", detail)
        elif tier_id in ids[:index]:
            yield FieldError(pointer, "taken", "Each tier needs an id of its own.")


def _abuse(abuse: Abuse | None) -> Iterator[FieldError]:
    if abuse is not None:
        yield from in_range(abuse.returns, "/abuse/returns", 1, MOST_RETURNS)
        yield from in_range(abuse.percent, "/abuse/percent", 1, 100)


def _referral(referral: Referral | None) -> Iterator[FieldError]:
    if referral is not None:
        yield from in_range(referral.referrer_points, "/referral/referrer_points", 0, MOST_GIFT)
        yield from in_range(referral.referred_points, "/referral/referred_points", 0, MOST_GIFT)
        yield from in_range(referral.most_a_month, "/referral/most_a_month", 1, MOST_REFERRED)
        yield from in_range(referral.minimum_minor, "/referral/minimum_minor", 0, MOST_MINOR)


def _transfers(program: Program) -> Iterator[FieldError]:
    transfers = program.transfers
    if transfers is None:
        return
    month, cooling_off = transfers.most_points_a_month, transfers.cooling_off_days
    yield from in_range(transfers.most_points, "/transfers/most_points", 1, MOST_TRANSFERRED)
    yield from in_range(month, "/transfers/most_points_a_month", 1, MOST_TRANSFERRED)
    if transfers.most_points > month >= 1:
        detail = "One transfer cannot be larger than what may be sent in a month."
        yield FieldError("/transfers/most_points", "above_the_month", detail)
    yield from in_range(cooling_off, "/transfers/cooling_off_days", 0, MOST_COOLING_OFF_DAYS)
