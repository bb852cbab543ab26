"""What a program document must keep to before it is stored: everything that is wrong, at once.

A version is never changed, and purchases are priced by it for ever: nothing doubtful gets in.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from zoneinfo import available_timezones

from chalicelib.domain.currencies import CURRENCIES
from chalicelib.domain.field_checks import in_range, one_line
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.program import BASE_RULE, EarningRate, EarningRule, Program
from chalicelib.domain.promise_checks import MOST_MINOR, broken_promises
from chalicelib.domain.purposes import LOYALTY_TERMS, Purpose, PurposeKind, purpose_of
from chalicelib.domain.refusals import FieldError
from chalicelib.domain.rfm import wrong_rfm

LONGEST_NAME = 100
LONGEST_WORD = 64
MOST_RULES = 100
MOST_WORDS = 500
MOST_NAMED = 50
MOST_PURPOSES = 20  # those a member granted are kept beside its account, which has little room
MOST_POINTS = 1_000_000
MOST_PER_MINOR = 1_000_000_000
MOST_DAYS = 3_650
RULE_ID_PATTERN = "^[a-z0-9][a-z0-9_-]{0,39}$"
NAMED_PATTERN = "^[a-z][a-z0-9_]{0,39}$"
REQUIRED_PURPOSE = LOYALTY_TERMS
LONGEST_PURPOSE = 300

_NO_PLACES = frozenset({"localtime", "Factory", "posixrules"})
"""Listed among the zones and meaning another one, or none, on each machine."""


def problems_of(program: Program) -> list[FieldError]:
    """Everything wrong with a program, by the pointers of its document."""
    return [
        *one_line(program.name, "/name", LONGEST_NAME),
        *_zone(program.zone),
        *_currency(program.currency),
        *_rate(program.base, "/base"),
        *_rules(program.rules),
        *_words(program.excluded.categories, "/excluded/categories"),
        *_words(program.excluded.skus, "/excluded/skus"),
        *_words(program.excluded.tenders, "/excluded/tenders"),
        *_limits(program),
        *_purposes(program.purposes),
        *_named(program.attributes, "/attributes"),
        *broken_promises(program),
        *wrong_rfm(program.rfm),
    ]


def _zone(zone: str) -> Iterator[FieldError]:
    if zone not in _zones():
        detail = "Write the IANA name of a time zone, such as Europe/Berlin."
        yield FieldError("/zone", "unknown_zone", detail)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_PLACES


def _currency(currency: str) -> Iterator[FieldError]:
    if currency not in CURRENCIES:
        detail = "Write the ISO 4217 code of a currency, such as EUR."
        yield FieldError("/currency", "unknown_currency", detail)


def _rate(rate: EarningRate, pointer: str) -> Iterator[FieldError]:
    yield from in_range(rate.points, f"{pointer}/points", 1, MOST_POINTS)
    yield from in_range(rate.per_minor, f"{pointer}/per_minor", 1, MOST_PER_MINOR)


def _rules(rules: Sequence[EarningRule]) -> Iterator[FieldError]:
    if len(rules) > MOST_RULES:
        yield FieldError("/rules", "too_many", f"A program has at most {MOST_RULES} rules.")
    seen = {BASE_RULE}
    for index, rule in enumerate(rules):
        pointer = f"/rules/{index}"
        if not re.fullmatch(RULE_ID_PATTERN, rule.rule_id):
            detail = "1 to 40 lower-case letters, digits, dashes and underscores."
            yield FieldError(f"{pointer}/rule_id", "wrong_format", detail)
        elif rule.rule_id in seen:
            detail = f"Each rule needs an id of its own, and `{BASE_RULE}` is the base rate's."
            yield FieldError(f"{pointer}/rule_id", "taken", detail)
        seen.add(rule.rule_id)
        yield from one_line(rule.name, f"{pointer}/name", LONGEST_NAME)
        yield from _rate(rule.rate, f"{pointer}/rate")
        yield from _words(rule.categories, f"{pointer}/categories")
        yield from _words(rule.brands, f"{pointer}/brands")
        yield from _words(rule.skus, f"{pointer}/skus")


def _limits(program: Program) -> Iterator[FieldError]:
    limits = program.limits
    pointer = "/limits/adjustment_without_approval"
    yield from in_range(limits.adjustment_without_approval, pointer, 0, MOST_POINTS)
    yield from in_range(limits.late_purchase_days, "/limits/late_purchase_days", 1, MOST_DAYS)
    cost, pointer = limits.offer_without_approval_minor, "/limits/offer_without_approval_minor"
    yield from in_range(cost, pointer, 0, MOST_MINOR)


def _purposes(purposes: Sequence[str | Purpose]) -> Iterator[FieldError]:
    read = [purpose_of(written) for written in purposes]
    yield from _named([purpose.purpose for purpose in read], "/purposes", MOST_PURPOSES)
    for index, purpose in enumerate(read):
        yield from _purpose(purpose, f"/purposes/{index}")
    if not any(purpose.purpose == REQUIRED_PURPOSE for purpose in read):
        detail = f"`{REQUIRED_PURPOSE}` is always one of the purposes: nobody joins without it."
        yield FieldError("/purposes", "loyalty_terms_missing", detail)


def _purpose(purpose: Purpose, pointer: str) -> Iterator[FieldError]:
    terms = purpose.kind is PurposeKind.TERMS
    if terms is not (purpose.purpose == REQUIRED_PURPOSE):
        detail = f"`{REQUIRED_PURPOSE}` is the one purpose of the kind terms."
        yield FieldError(f"{pointer}/kind", "wrong_kind", detail)
    if purpose.channel is not None and (terms or purpose.kind is PurposeKind.PROFILING):
        detail = "Only a purpose that lets members be written to has a channel."
        yield FieldError(f"{pointer}/channel", "not_allowed", detail)
    if purpose.double_opt_in and purpose.channel not in (MessageChannel.MAIL, MessageChannel.SMS):
        detail = "A double opt-in needs the channel mail or sms, to be confirmed on."
        yield FieldError(f"{pointer}/double_opt_in", "no_channel", detail)
    if purpose.text is not None:
        yield from one_line(purpose.text, f"{pointer}/text", LONGEST_PURPOSE)


def _named(names: Sequence[str], pointer: str, most: int = MOST_NAMED) -> Iterator[FieldError]:
    if len(names) > most:
        yield FieldError(pointer, "too_many", f"At most {most} of these.")
    for index, name in enumerate(names):
        if not re.fullmatch(NAMED_PATTERN, name):
            detail = "A lower-case letter, then up to 39 letters, digits and underscores."
            yield FieldError(f"{pointer}/{index}", "wrong_format", detail)
        elif name in names[:index]:
            yield FieldError(f"{pointer}/{index}", "twice", "Name each of these once.")


def _words(words: Iterable[str], pointer: str) -> Iterator[FieldError]:
    listed = list(words)
    if len(listed) > MOST_WORDS:
        yield FieldError(pointer, "too_many", f"At most {MOST_WORDS} of these.")
    if any(not word.strip() or len(word) > LONGEST_WORD for word in listed):
        detail = f"Each of these is a text of 1 to {LONGEST_WORD} characters, not all blank."
        yield FieldError(pointer, "wrong_length", detail)
