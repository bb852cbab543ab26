"""Fixes whom an offer is meant for as it is launched: what it brings is read off these members,
those it is kept from beside the others. Who would match later may do so because of the offer.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.condition_sql import where
from chalicelib.domain.instants import local_date, whole_milliseconds
from chalicelib.domain.launches import MOST_LISTED, LaunchAudience
from chalicelib.domain.live_offers import in_holdout
from chalicelib.domain.offers import Offer
from chalicelib.domain.snapshot_columns import Dataset
from chalicelib.usecases.ledger_pass import for_seconds
from chalicelib.usecases.ports import Ports, Where

SECONDS = 6.0
"""How long a launch lists its audience: those listed by then are followed, a part drawn by lot."""

PAGE_MEMBERS = 20_000


def fix_audience(ports: Ports, offer: Offer, now: datetime) -> LaunchAudience:
    """Note how many members an offer is launched for, and who is followed where it has a holdout.

    To be called before the launch is written, with the offer as it will be; again, it notes the
    same members anew. Without a snapshot nobody is noted. Raises StoreUnavailable.
    """
    asked = _where(ports, offer)
    treated = held_out = 0
    if offer.holdout_percent:
        treated, held_out = _listed(ports, offer, asked, now)
    audience = LaunchAudience(
        offer.offer_id,
        whole_milliseconds(now),
        ports.queries.count(asked).members,
        ports.queries.as_of().at,
        treated,
        held_out,
    )
    ports.measures.keep_launch(audience)
    return audience


def _where(ports: Ports, offer: Offer) -> Where:
    if offer.audience is None:
        return Where()
    return Where(*where(offer.audience, ports.queries.dialect))


def _listed(ports: Ports, offer: Offer, asked: Where, now: datetime) -> tuple[int, int]:
    """Keep who is followed: how many the offer is for, and how many it is kept from."""
    keep_going = for_seconds(ports.patience, SECONDS)
    treated = held_out = page = 0
    after: str | None = None
    while True:
        found = ports.queries.members(asked, after, PAGE_MEMBERS)
        rows = _rows(ports, offer, found.members, now)
        if rows:
            ports.snapshots.put_changes(Dataset.AUDIENCES, now, _digest(offer, page), rows)
        held_out += sum(bool(row["held_out"]) for row in rows)
        treated += sum(not row["held_out"] for row in rows)
        after, page = found.after, page + 1
        if after is None or treated + held_out >= MOST_LISTED or not keep_going():
            return treated, held_out


def _digest(offer: Offer, page: int) -> str:
    """What tells the pages of a launch apart from all others."""
    return hashlib.sha256(f"{offer.offer_id}\n{page}".encode()).hexdigest()[:32]


def _rows(
    ports: Ports, offer: Offer, members: Sequence[str], now: datetime
) -> list[dict[str, str | bool]]:
    day = local_date(now, ports.programs.active().zone).isoformat()
    return [
        {
            "event": f"{offer.offer_id}/{member_id}",
            "member_id": member_id,
            "offer_id": offer.offer_id,
            "day": day,
            "held_out": in_holdout(offer, member_id),
        }
        for member_id in members
    ]
