"""Members: what is known of a person, and how that changes. Pure; texts come normalised.

Every function takes a member and gives a new one. Knows no storage, no code and no message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.callers import Caller
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.refusals import StepUpRequired

SIGN_IN_STAYS_FRESH = timedelta(minutes=10)
_CLOCKS_DIFFER_BY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Name:
    given: str | None = None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """street: up to three lines. country: ISO 3166-1 alpha-2. region: a state, where the country
    needs one."""

    street: str
    city: str
    country: str
    postal_code: str | None = None
    region: str | None = None


AttributeValue = str | int | bool


@dataclass(frozen=True, slots=True)
class Person:
    """What people say of themselves. All of it is sealed where it is stored.

    email: as it is written to; phone: E.164; locale: BCP 47; attributes: those that the program
    declares; referred_by: the card number or member id of who brought this member.
    """

    email: str | None = None
    phone: str | None = None
    name: Name = Name()
    birth_date: date | None = None
    postal_address: PostalAddress | None = None
    locale: str | None = None
    external_id: str | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    referred_by: str | None = None

    def reached_by(self, channel: Channel) -> str | None:
        """The address of a channel."""
        return self.email if channel is Channel.EMAIL else self.phone


@dataclass(frozen=True, slots=True)
class Member:
    """A member and its profile.

    version: counts the changes, from 1. verified: channels whose address was proved. pending: by
    channel, an address that waits for its code. linked: whether a token's subject was linked.
    enrolled_as: a digest of each field of the request that enrolled it, where that is replayable.
    """

    member_id: str
    card_number: str
    version: int
    person: Person
    enrolled_at: datetime
    verified: frozenset[Channel] = frozenset()
    pending: Mapping[Channel, str] = field(default_factory=dict)
    linked: bool = False
    enrolled_as: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> AccountStatus:
        """Whether somebody has proved an address yet."""
        return AccountStatus.ACTIVE if self.verified else AccountStatus.PENDING_VERIFICATION

    def code_goes_to(self, channel: Channel) -> str | None:
        """Where a code of this channel is sent: the address that waits, else the one that is."""
        return self.pending.get(channel) or self.person.reached_by(channel)


def with_verified(member: Member, channel: Channel, address: str) -> Member:
    """Somebody proved to read an address of the member. If it waited, it takes the place of the
    one before it."""
    proved = replace(member, verified=member.verified | {channel})
    if member.pending.get(channel) != address:
        return proved
    return replace(
        with_waiting(proved, channel, None), person=_with_address(member.person, channel, address)
    )


def with_proved_alone(member: Member, channel: Channel) -> Member:
    """A newcomer of whose addresses one was proved: the other one waits for a code of its own."""
    joined = replace(member, verified=frozenset({channel}), pending={})
    for other in Channel:
        address = member.person.reached_by(other)
        if other is not channel and address is not None:
            joined = with_waiting(without_address(joined, other), other, address)
    return joined


def with_waiting(member: Member, channel: Channel, address: str | None) -> Member:
    """An address waits for its code; None: nothing waits for this channel any more."""
    others = {other: to for other, to in member.pending.items() if other is not channel}
    return replace(member, pending=others | ({channel: address} if address else {}))


def without_address(member: Member, channel: Channel) -> Member:
    """The channel is given up, with what waits for it."""
    dropped = with_waiting(member, channel, None)
    return replace(
        dropped,
        person=_with_address(member.person, channel, None),
        verified=member.verified - {channel},
    )


def _with_address(person: Person, channel: Channel, address: str | None) -> Person:
    if channel is Channel.EMAIL:
        return replace(person, email=address)
    return replace(person, phone=address)


def require_fresh_sign_in(caller: Caller, now: datetime) -> None:
    """Raise StepUpRequired unless the caller signed in within the last 10 minutes."""
    at = caller.signed_in_at
    if at is None or not -_CLOCKS_DIFFER_BY <= now - at <= SIGN_IN_STAYS_FRESH:
        raise StepUpRequired
