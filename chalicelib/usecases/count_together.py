"""Counts once a week what is bought together: by lift, over the purchases of a year of members who
let us look at what they buy. Safe to repeat and to be stopped: each product stands for itself.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from chalicelib.domain.instants import local_date
from chalicelib.domain.snapshot_columns import Cell
from chalicelib.domain.together import (
    FEWEST_MEMBERS,
    MOST_COMPANIONS,
    MOST_PRODUCTS,
    STALE_DAYS,
    WINDOW_DAYS,
    Companion,
    Together,
)
from chalicelib.usecases.ports import Ports, SnapshotQuery

# Lift: how many baskets hold both, against how many would if neither had to do with the other. A
# product that nothing goes with stands there alone, for what it is of.
_TOGETHER = f"""
WITH bought AS (
    SELECT DISTINCT l.name, l.member_id, l.sku FROM {{lines}} AS l WHERE l.day >= ?
),
total AS (SELECT count(DISTINCT b.name) AS baskets FROM bought AS b),
known AS (
    SELECT b.sku, count(*) AS times
    FROM bought AS b
    GROUP BY b.sku
    HAVING count(DISTINCT b.member_id) >= {FEWEST_MEMBERS}
    ORDER BY count(*) DESC, b.sku
    LIMIT {MOST_PRODUCTS}
),
kinds AS (
    SELECT l.sku, max(l.category) AS category FROM {{lines}} AS l GROUP BY l.sku
),
pairs AS (
    SELECT one.sku AS sku,
           two.sku AS other,
           count(*) AS times,
           count(DISTINCT one.member_id) AS members
    FROM bought AS one
    JOIN bought AS two ON two.name = one.name AND two.sku <> one.sku
    JOIN known AS k ON k.sku = one.sku
    JOIN known AS j ON j.sku = two.sku
    GROUP BY one.sku, two.sku
    HAVING count(DISTINCT one.member_id) >= {FEWEST_MEMBERS}
),
lifted AS (
    SELECT p.sku,
           p.other,
           p.members,
           CAST(p.times AS DOUBLE) * t.baskets / (CAST(k.times AS DOUBLE) * j.times) AS lift
    FROM pairs AS p
    JOIN known AS k ON k.sku = p.sku
    JOIN known AS j ON j.sku = p.other
    CROSS JOIN total AS t
),
ranked AS (
    SELECT f.sku,
           f.other,
           f.members,
           f.lift,
           row_number() OVER (
               PARTITION BY f.sku ORDER BY f.lift DESC, f.members DESC, f.other
           ) AS place
    FROM lifted AS f
    WHERE f.lift > 1
)
SELECT k.sku, c.category, r.other, r.members, CAST(floor(r.lift * 100) AS BIGINT)
FROM known AS k
JOIN kinds AS c ON c.sku = k.sku
LEFT JOIN ranked AS r ON r.sku = k.sku AND r.place <= {MOST_COMPANIONS}
ORDER BY k.sku, r.place
"""  # noqa: S608  # the figures are our own


def count_together(ports: Ports, now: datetime) -> int:
    """Count anew and keep it. For how many products something is known; 0 while there is no
    program. Raises StoreUnavailable."""
    if ports.programs.active_number() is None:
        return 0
    today = local_date(now, ports.programs.active().zone)
    since = (today - timedelta(days=WINDOW_DAYS)).isoformat()
    counted = list(_products(ports.queries.rows(SnapshotQuery(_TOGETHER, (since,))), today))
    ports.products.keep(counted)
    ports.products.forget_before(today - timedelta(days=STALE_DAYS))
    return len(counted)


def _products(rows: Sequence[tuple[Cell, ...]], today: date) -> Iterator[Together]:
    for sku, of_one in groupby(rows, key=lambda row: str(row[0])):
        found = list(of_one)
        category = found[0][1]
        companions = tuple(
            Companion(str(other), int(str(members)), int(str(percent)))
            for _, _, other, members, percent in found
            if other is not None
        )
        yield Together(sku, str(category) if category is not None else None, companions, today)
