"""Webhooks: where receivers want to be told, of what, and when what failed is sent again.
Knows no HTTP, no queue and no store.

Deliveries of one member's events to one webhook keep their order; those of two members, or to two
webhooks, wait for nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import FieldError

EVENT_TYPES = (
    "stampbook.account.household_joined",
    "stampbook.account.household_left",
    "stampbook.account.household_passed",
    "stampbook.account.merged",
    "stampbook.account.opened",
    "stampbook.account.separated",
    "stampbook.account.status_changed",
    "stampbook.adjustment.awaiting_approval",
    "stampbook.adjustment.rejected",
    "stampbook.member.erased",
    "stampbook.member.removal_warned",
    "stampbook.points.adjusted",
    "stampbook.points.bonus_given",
    "stampbook.points.earned",
    "stampbook.points.expired",
    "stampbook.points.expiring",
    "stampbook.points.given_back",
    "stampbook.points.redeemed",
    "stampbook.points.taken_back",
    "stampbook.points.transferred_in",
    "stampbook.points.transferred_out",
    "stampbook.purchase.kept_for_claim",
    "stampbook.purchase.returned_unclaimed",
    "stampbook.redemption.erased",
    "stampbook.redemption.used",
)
"""Every type there is (a test compares them with those that are published)."""

TEST_TYPE = "stampbook.webhook.test"
"""Of the event that is sent on request, to see whether it arrives; no filter names it."""

EVERYTHING = "*"
MOST_WEBHOOKS = 20
MOST_FILTERS = 40
MOST_SECRETS = 5
"""That sign beside each other: a secret that was changed again and again drops out."""

SHARDS = 10
"""Deliveries to one webhook that are on their way at once, at most: a slow receiver holds so many
of the functions that deliver, and no more."""

KEPT = timedelta(days=30)
"""How long events can be replayed, and deliveries be looked up."""

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The least time between one try and the next: three days and some hours in all."""

MOST_TRIES = len(RETRIES) + 1
_JITTER = 0.25
"""A part of the wait that is added at random: never taken off, or the three days would shrink."""

FAILS_FOR = timedelta(days=5)
"""A webhook to which nothing could be delivered for so long is disabled."""

_PATIENT_WITH = 10
_REST = timedelta(minutes=1)
_LONGEST_REST = timedelta(minutes=30)


class Disabled(StrEnum):
    """Why nothing is sent, and all waits. GONE: the receiver answered 410. FAILING: it took nothing
    for days."""

    BY_STAFF = "by_staff"
    GONE = "gone"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A signing secret, sealed. name: what it is sealed under. until: None for the newest one; then
    the instant up to which it signs beside the newest."""

    name: str
    sealed: bytes
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """One receiver. events: types, prefixes that end with `.*`, or `*`. wrapped_key: the data key
    that its secrets are sealed with. secrets: newest first. version: from 1, with each change."""

    hook_id: str
    version: int
    url: str
    events: tuple[str, ...]
    description: str
    wrapped_key: bytes
    secrets: tuple[SealedSecret, ...]
    created_at: datetime
    disabled: Disabled | None = None
    disabled_at: datetime | None = None

    def wants(self, event_type: str) -> bool:
        """Whether one of its filters names the type."""
        return any(_names(pattern, event_type) for pattern in self.events)


@dataclass(frozen=True, slots=True)
class Health:
    """Of a webhook that fails. since: nothing was delivered from then on. failures: in a row.
    resting_until: nothing is tried until then."""

    since: datetime
    failures: int
    resting_until: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Whether it is left alone at this instant."""
        return self.resting_until is not None and now < self.resting_until


@dataclass(frozen=True, slots=True)
class Parcel:
    """An event on its way to one webhook. group: whose order it keeps (a member; else what the
    event is about). place: where in that order. again: it was asked for, so it need not wait for
    the next try of those before it."""

    hook_id: str
    group: str
    place: str
    event_id: str
    again: bool = False

    @property
    def shard(self) -> int:
        """The same for all of a group, from 0 to SHARDS - 1."""
        return shard_of(self.group)


def place_of(at: datetime, seq: int, event_id: str) -> str:
    """Sorts as the events of a group happened. seq: the entry's number, 0 of what is no entry."""
    return f"{printed(at)}#{seq:012d}#{event_id}"


def shard_of(group: str) -> int:
    """The same for all of a group, from 0 to SHARDS - 1."""
    return int.from_bytes(sha256(group.encode()).digest()[:4], "big") % SHARDS


def next_try(tries: int, now: datetime, jitter: float) -> datetime | None:
    """When to try again after so many tries; None when that was the last. jitter: in [0, 1)."""
    if tries >= MOST_TRIES:
        return None
    wait = RETRIES[tries - 1]
    return now + wait + wait * (jitter * _JITTER)


def worse(health: Health | None, now: datetime) -> Health:
    """The health after one more failure. Who fails again and again is left alone for a while, so
    that what is meant for it waits in the store and not in anybody's way."""
    if health is None:
        return Health(now, 1)
    failures = health.failures + 1
    rest = None
    if failures >= _PATIENT_WITH:
        longer = min(failures - _PATIENT_WITH, 10)
        rest = now + min(_REST * 2**longer, _LONGEST_REST)
    return Health(health.since, failures, rest)


def problems_of(events: Sequence[str], description: str) -> list[FieldError]:
    """Everything wrong with the filters and the description of a webhook."""
    errors = []
    if not 1 <= len(events) <= MOST_FILTERS:
        errors.append(FieldError("/events", "length", f"1 to {MOST_FILTERS} filters."))
    for index, pattern in enumerate(events):
        if not any(_names(pattern, known) for known in EVENT_TYPES):
            detail = "No event is called so: a type, a prefix that ends with .*, or * alone."
            errors.append(FieldError(f"/events/{index}", "unknown_event", detail))
    if len(description) > 200:
        errors.append(FieldError("/description", "length", "At most 200 characters."))
    return errors


def _names(pattern: str, event_type: str) -> bool:
    if pattern.endswith(".*"):
        return event_type.startswith(pattern[:-1])
    return pattern in (EVERYTHING, event_type)
