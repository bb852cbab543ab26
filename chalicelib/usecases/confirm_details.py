"""A member says that its details still hold: nothing changes but when they were last right."""

from datetime import datetime

from chalicelib.domain.freshness import FreshnessChange
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.usecases.ports import PeopleWrite, Ports
from chalicelib.usecases.read_member import known_member
from chalicelib.usecases.save_people import save_people


def confirm_details(ports: Ports, member_id: str, now: datetime) -> datetime:
    """Keep that the member looked at its details now and found them right; that instant.

    Raises MemberNotFound, MemberErased, TryAgain.
    """
    known_member(ports, member_id)
    at = whole_milliseconds(now)
    change = FreshnessChange(confirmed_at=at, active_at=at)
    save_people(ports, PeopleWrite(member_id, freshness=change))
    return at
