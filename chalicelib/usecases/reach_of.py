"""For what and how a member may be written to, as its records say now, and how that changes."""

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.consents import ConsentRecord
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.members import Member
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.reach import (
    Reach,
    with_bouncing,
    with_consents,
    with_healed,
    with_preferences,
    with_profile,
    with_status,
)
from chalicelib.usecases.ports import Ports, ReachChange


def reach_of(ports: Ports, member_id: str) -> Reach:
    """The facts as they are kept; of a member who was last changed before they were, as its records
    say. Whoever decides by other records of the member, too, reads this first: its version tells
    whether any of them changed."""
    kept = ports.people.reach(member_id)
    return kept if kept is not None else _by_records(ports, member_id)


def reach_change(
    before: Reach,
    *,
    member: Member | None = None,
    preferences: Preferences | None = None,
    consents: tuple[ConsentRecord, ...] = (),
    status: AccountStatus | None = None,
    healed: Channel | None = None,
    bouncing: Channel | None = None,
) -> ReachChange:
    """The change that follows when these are written; what is None stays as it is."""
    after = before
    if member is not None:
        after = with_profile(after, member)
    if preferences is not None:
        after = with_preferences(after, preferences)
    if consents:
        after = with_consents(after, consents[-1])
    if status is not None:
        after = with_status(after, status)
    if healed is not None:
        after = with_healed(after, healed)
    if bouncing is not None:
        after = with_bouncing(after, bouncing)
    return ReachChange(before, after.following(before))


def _by_records(ports: Ports, member_id: str) -> Reach:
    member, last = ports.people.member(member_id), ports.people.last_consent(member_id)
    kept = ports.people.preferences(member_id)
    head = ports.ledger.head(member_id)
    change = reach_change(
        Reach(),
        member=member,
        preferences=kept.preferences if kept.version else None,
        consents=(last,) if last is not None else (),
        status=head.entry.account().status if head is not None else None,
    )
    return change.after.unkept()
