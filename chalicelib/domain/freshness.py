"""Whether what is known of a member still holds, and how long it is kept. Pure.

A member is asked once a year, warned when nothing was heard of it for long, and removed some time
after the warning. One function says when, for the worker that does it and for the dry run. Days are
of the program's zone and come as arguments. Knows no letter and no way of removing anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from chalicelib.domain.identifiers import Channel
from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import months_after
from chalicelib.domain.retention import Retention


@dataclass(frozen=True, slots=True)
class Freshness:
    """What was heard of a member's details, and what the member was told; None for never.

    confirmed_at: when the member last said that they hold, or changed them. active_at: when it last
    changed anything that is kept of it. seen_on: the day of its account's last purchase or
    redemption, as the worker found it. asked_at, warned_at: when it was asked, and warned that it
    will be removed. bounced: by channel, when the message was sent that came back for good.
    healed: by channel, when its address was last proved. told_at: when the member was told of what
    came back. version: counts what the worker wrote, 0 before the first. by: which run did last.
    """

    member_id: str
    version: int = 0
    confirmed_at: datetime | None = None
    active_at: datetime | None = None
    seen_on: date | None = None
    asked_at: datetime | None = None
    warned_at: datetime | None = None
    told_at: datetime | None = None
    bounced: Mapping[Channel, datetime] = field(default_factory=dict)
    healed: Mapping[Channel, datetime] = field(default_factory=dict)
    by: str = ""

    @property
    def bouncing(self) -> frozenset[Channel]:
        """Channels whose messages come back: nobody writes there until the address is proved."""
        return frozenset(
            channel
            for channel, sent_at in self.bounced.items()
            if channel not in self.healed or self.healed[channel] < sent_at
        )

    @property
    def untold(self) -> bool:
        """Whether a channel bounces of which the member was not told."""
        newest = max((self.bounced[channel] for channel in self.bouncing), default=None)
        return newest is not None and (self.told_at is None or self.told_at < newest)


@dataclass(frozen=True, slots=True)
class FreshnessChange:
    """What one write adds to a member's freshness; what is None stays as it is."""

    confirmed_at: datetime | None = None
    active_at: datetime | None = None
    healed: Mapping[Channel, datetime] = field(default_factory=dict)
    bounced: Mapping[Channel, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides, by day.

    heard_on: the last sign of life: joining, buying, redeeming, changing or confirming anything.
    confirmed_on: joining counts, too. verified: whether any address is proved. empty: whether
    nothing was ever bought and the account holds nothing.
    """

    verified: bool
    empty: bool
    joined_on: date
    heard_on: date
    confirmed_on: date
    asked_on: date | None = None
    warned_on: date | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """From which day on something is due if nothing is heard until then; None for never.

    One of the past is due now. A removal that a warning has to come before lies behind the warning.
    """

    ask_on: date | None = None
    warn_on: date | None = None
    remove_on: date | None = None


def schedule(facts: Facts, rules: Retention, today: date) -> Schedule:
    """What becomes of a member of whom nothing is heard any more."""
    if not facts.verified and facts.empty and rules.unverified_days is not None:
        return Schedule(remove_on=facts.joined_on + timedelta(days=rules.unverified_days))
    warn_on, remove_on = _inactivity(facts, rules, today)
    ask_on = _question(facts, rules)
    if warn_on is None and remove_on is not None:
        ask_on = None  # the warning has asked
    elif ask_on is not None and warn_on is not None and warn_on <= max(ask_on, today):
        ask_on = None  # the warning is going to
    return Schedule(ask_on, warn_on, remove_on)


def _question(facts: Facts, rules: Retention) -> date | None:
    if not facts.verified or rules.ask_after_months is None:
        return None
    last = max(facts.confirmed_on, facts.asked_on or facts.confirmed_on)
    return months_after(last, rules.ask_after_months)


def _inactivity(facts: Facts, rules: Retention, today: date) -> tuple[date | None, date | None]:
    """When the member is warned (None: it is) and when it is removed."""
    if rules.inactive_months is None:
        return None, None
    over_on = months_after(facts.heard_on, rules.inactive_months)
    notice = timedelta(days=rules.warn_days)
    if facts.warned_on is not None and facts.warned_on >= facts.heard_on:
        return None, max(over_on, facts.warned_on + notice)
    warn_on = over_on - notice
    return warn_on, max(warn_on, today) + notice


def facts_of(
    fresh: Freshness, *, enrolled_at: datetime, verified: bool, empty: bool, zone: str
) -> Facts:
    """The facts by day. A warning from before the last sign of life is none."""
    heard_at = max(at for at in (enrolled_at, fresh.confirmed_at, fresh.active_at) if at)
    warned_on = None
    if fresh.warned_at is not None and fresh.warned_at >= heard_at:
        warned_on = local_date(fresh.warned_at, zone)
        if fresh.seen_on is not None and fresh.seen_on >= warned_on:
            warned_on = None
    heard_on = local_date(heard_at, zone)
    return Facts(
        verified=verified,
        empty=empty,
        joined_on=local_date(enrolled_at, zone),
        heard_on=max(heard_on, fresh.seen_on or heard_on),
        confirmed_on=local_date(max(enrolled_at, fresh.confirmed_at or enrolled_at), zone),
        asked_on=local_date(fresh.asked_at, zone) if fresh.asked_at else None,
        warned_on=warned_on,
    )
