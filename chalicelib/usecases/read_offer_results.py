"""What an offer has done since its launch: whom it was for, who used it, at what cost, and what it
brought beside those it was kept from. Reads the snapshot of all members, which lags a little.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.dialects import Dialect
from chalicelib.domain.instants import printed
from chalicelib.domain.launches import LaunchAudience
from chalicelib.domain.offer_results import Comparison, Side, Used, VersionUse, compared
from chalicelib.domain.offers import Activation, Offer
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import Conflict, NotFound
from chalicelib.domain.uplift import Sample
from chalicelib.usecases.ports import Ports, SnapshotQuery

_NOBODY = Side(Sample(0, 0, 0), Sample(0, 0, 0))

_USES = """
SELECT version,
       count(CASE WHEN kind = 'use' THEN 1 END),
       count(DISTINCT CASE WHEN kind = 'taken_back' THEN name END),
       CAST(sum(points) AS BIGINT),
       CAST(sum(cost_minor) AS BIGINT)
FROM {uses} AS uses
WHERE offer_id = ?
GROUP BY version
ORDER BY version
"""

_USERS = "SELECT count(DISTINCT member_id) FROM {uses} AS uses WHERE offer_id = ? AND kind = 'use'"

_ACTIVATED = {
    Dialect.DUCKDB: "SELECT count(*) FROM {members} AS m WHERE list_contains(activated, ?)",
    Dialect.ATHENA: "SELECT count(*) FROM {members} AS m WHERE contains(activated, ?)",
}

# Sums alone leave the engine: by side how many there are, and sums of the figures and of their
# squares, which no account can make too large for DECIMAL(38). As text: it is exact everywhere.
_SIDES = """
SELECT held_out,
       count(*),
       CAST(sum(visits) AS VARCHAR),
       CAST(sum(visits * visits) AS VARCHAR),
       CAST(sum(spend) AS VARCHAR),
       CAST(sum(spend * spend) AS VARCHAR)
FROM (
    SELECT a.member_id,
           a.held_out,
           CAST(count(CASE WHEN p.kind = 'purchase' THEN 1 END) AS DECIMAL(18, 0)) AS visits,
           CAST(coalesce(sum(p.amount_minor), 0) AS DECIMAL(18, 0)) AS spend
    FROM {audiences} AS a
    LEFT JOIN {purchases} AS p ON p.member_id = a.member_id AND p.at >= ? AND p.at < ?
    WHERE a.offer_id = ?
    GROUP BY a.member_id, a.held_out
) AS members
GROUP BY held_out
"""


@dataclass(frozen=True, slots=True)
class OfferResults:
    """audience: None where the offer was launched before audiences were noted. activated: members
    who have, None for an offer that needs none. until: of what is looked at, the end of the offer
    where it has ended. as_of: how fresh the snapshot is, None while it is empty."""

    offer: Offer
    program: Program
    audience: LaunchAudience | None
    since: datetime
    until: datetime
    activated: int | None
    used: Used
    comparison: Comparison
    as_of: datetime | None


def read_offer_results(ports: Ports, offer_id: str, now: datetime) -> OfferResults:
    """What an offer has done up to now. Raises NotFound, Conflict (it was never launched),
    StoreUnavailable."""
    offer = ports.offers.get(offer_id)
    if offer is None:
        raise NotFound(what="offer")
    if offer.launched_at is None:
        raise Conflict(reason="not_launched")
    since = offer.launched_at
    until = min(now, offer.closes_at) if offer.closes_at is not None else now
    with ThreadPoolExecutor() as pool:  # side by side: Athena takes seconds for each
        activated = pool.submit(_activated, ports, offer)
        used = pool.submit(_used, ports, offer_id)
        comparison = pool.submit(_comparison, ports, offer_id, since, until)
    return OfferResults(
        offer=offer,
        program=ports.programs.active(),
        audience=ports.measures.launch(offer_id),
        since=since,
        until=until,
        activated=activated.result(),
        used=used.result(),
        comparison=comparison.result(),
        as_of=ports.queries.as_of().at,
    )


def _activated(ports: Ports, offer: Offer) -> int | None:
    if offer.activation is not Activation.OPT_IN:
        return None
    text = _ACTIVATED[ports.queries.dialect]
    [(members,)] = ports.queries.rows(SnapshotQuery(text, (offer.offer_id,)))
    return _whole(members)


def _used(ports: Ports, offer_id: str) -> Used:
    versions = [
        VersionUse(*map(_whole, row))
        for row in ports.queries.rows(SnapshotQuery(_USES, (offer_id,)))
    ]
    [(members,)] = ports.queries.rows(SnapshotQuery(_USERS, (offer_id,)))
    return Used(_whole(members), versions)


def _comparison(ports: Ports, offer_id: str, since: datetime, until: datetime) -> Comparison:
    query = SnapshotQuery(_SIDES, (printed(since), printed(until), offer_id))
    sides = {str(row[0]).lower() == "true": _side(row[1:]) for row in ports.queries.rows(query)}
    return compared(sides.get(False, _NOBODY), sides.get(True, _NOBODY))


def _side(row: tuple[object, ...]) -> Side:
    members, visits, visits_squared, spend, spend_squared = map(_whole, row)
    return Side(Sample(members, visits, visits_squared), Sample(members, spend, spend_squared))


def _whole(cell: object) -> int:
    """A whole number, in whichever type an engine gives sums."""
    return int(str(cell))
