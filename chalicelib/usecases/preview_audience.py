"""How many members a condition means, before anything is launched: counted in the snapshot, which
lags, and says by how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.condition_sql import where as compiled
from chalicelib.domain.conditions import Condition
from chalicelib.domain.offers import Offer, shown_status
from chalicelib.domain.snapshot_columns import Row
from chalicelib.usecases.ports import AsOf, Ports, SnapshotQuery, Where

SAMPLED = 5
FEWEST_SAMPLED = 10
"""Below it no member is shown: who knows the condition might know who that is."""

_AT_ONCE = 100
"""Offers that one query counts."""

_CLASSES = (("none", 0), ("below_100", 99), ("below_1000", 999), ("below_10000", 9_999))


@dataclass(frozen=True, slots=True)
class Reachable:
    """How many may be written to for marketing, by channel."""

    mail: int
    sms: int
    push: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """One of the members. member: the end of its id alone; lifetime_class: how many points it has
    had since joining, roughly."""

    member: str
    tier: str | None
    lifetime_class: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many of them a live offer is for, too, those who are held out included."""

    offer_id: str
    members: int


@dataclass(frozen=True, slots=True)
class AudiencePreview:
    """sample: none where there are few. overlap: the live offers, those with most members first."""

    members: int
    reachable: Reachable
    sample: tuple[Sampled, ...]
    overlap: tuple[Overlap, ...]
    as_of: AsOf


def preview_audience(ports: Ports, condition: Condition | None, now: datetime) -> AudiencePreview:
    """Who matches a condition, without segments that are not inlined; everybody for None.

    Raises StoreUnavailable, also where it would take too long.
    """
    queries = ports.queries
    where = where_of(ports, condition)
    found = queries.count(where)
    sample = queries.sample(where, SAMPLED) if found.members >= FEWEST_SAMPLED else ()
    live = [one.offer for one in ports.offers.live().all if shown_status(one.offer, now) == "live"]
    return AudiencePreview(
        members=found.members,
        reachable=Reachable(found.mail, found.sms, found.push),
        sample=tuple(map(_sampled, sample)),
        overlap=_overlap(ports, where, found.members, live),
        as_of=queries.as_of(),
    )


def where_of(ports: Ports, condition: Condition | None) -> Where:
    """A condition as the engine is asked for it."""
    if condition is None:
        return Where()
    text, parameters = compiled(condition, ports.queries.dialect)
    return Where(text, parameters)


def _sampled(row: Row) -> Sampled:
    points = int(str(row["lifetime_points"] or 0))
    classes = (name for name, most in _CLASSES if points <= most)
    tier = row["tier"]
    shown = f"…{str(row['member_id'])[-4:]}"
    return Sampled(shown, str(tier) if tier is not None else None, next(classes, "from_10000"))


def _overlap(
    ports: Ports, where: Where, members: int, offers: Sequence[Offer]
) -> tuple[Overlap, ...]:
    with_audience = [offer for offer in offers if offer.audience is not None]
    counted = [Overlap(offer.offer_id, members) for offer in offers if offer.audience is None]
    for first in range(0, len(with_audience), _AT_ONCE):
        counted += _counted(ports, where, with_audience[first : first + _AT_ONCE])
    found = [one for one in counted if one.members]
    return tuple(sorted(found, key=lambda one: (-one.members, one.offer_id)))


def _counted(ports: Ports, where: Where, offers: Sequence[Offer]) -> list[Overlap]:
    theirs = [where_of(ports, offer.audience) for offer in offers]
    counts = ", ".join(f"count(CASE WHEN {one.text} THEN 1 END)" for one in theirs)
    parameters = [value for one in (*theirs, where) for value in one.parameters]
    text = f"SELECT {counts} FROM {{members}} AS members WHERE {where.text}"  # noqa: S608  # values are parameters
    [row] = ports.queries.rows(SnapshotQuery(text, tuple(parameters)))
    return [
        Overlap(offer.offer_id, int(str(cell))) for offer, cell in zip(offers, row, strict=True)
    ]
