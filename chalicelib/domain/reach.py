"""For what and how a member may be written to: one pure answer from the member's own facts.

Whoever changes one of these facts keeps them beside the member, and the audiences that follow from
them, in the same transaction. Knows no letter and no storage.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.consents import ConsentRecord
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.members import Member
from chalicelib.domain.preferences import MessageChannel, Preferences

SHARDS = 16
"""Of each audience. Never changed: members lie where they were written."""

_PROVED_BY = {Channel.EMAIL: MessageChannel.MAIL, Channel.PHONE: MessageChannel.SMS}
SILENT = frozenset({AccountStatus.FROZEN, AccountStatus.ERASED})
"""Of these nobody is written to, for any purpose."""


@dataclass(frozen=True, slots=True)
class Audience:
    """All members who may be written to for a purpose on a channel."""

    purpose: str
    channel: MessageChannel


@dataclass(frozen=True, slots=True)
class Reach:
    """The facts. version: counts the changes of consents, preferences, profile and status, 0 where
    none was kept yet.

    consents: the purposes that are in force, with the channels that they are for. wanted: the
    channels that the member chose, None where it never said. proved: the channels whose address was
    verified. bouncing: the channels whose messages come back. heard: whether its account may be
    written to at all (not frozen, not erased).
    """

    version: int = 0
    consents: Mapping[str, tuple[MessageChannel, ...]] = field(default_factory=dict)
    wanted: tuple[MessageChannel, ...] | None = None
    proved: tuple[MessageChannel, ...] = ()
    bouncing: tuple[MessageChannel, ...] = ()
    heard: bool = True

    def following(self, before: "Reach") -> "Reach":
        """The same facts as the next version after `before`."""
        return replace(self, version=before.version + 1)

    def unkept(self) -> "Reach":
        """The same facts where none were kept yet."""
        return replace(self, version=0)

    def open_on(self, channel: MessageChannel) -> bool:
        """Whether the member can be and wants to be written to on a channel, for any purpose."""
        wanted = self.wanted is None or channel in self.wanted
        return wanted and self.reached_on(channel)

    def reached_on(self, channel: MessageChannel) -> bool:
        """Whether the member can be written to on a channel, whatever it wants."""
        return self.heard and channel in self.proved and channel not in self.bouncing


def audiences(reach: Reach) -> frozenset[Audience]:
    """Every audience that the member is in."""
    return frozenset(
        Audience(purpose, channel)
        for purpose, channels in reach.consents.items()
        for channel in channels
        if reach.open_on(channel)
    )


def shard_of(member_id: str) -> int:
    """The shard (0 to 15) of every audience that a member is in."""
    return hashlib.sha256(member_id.encode()).digest()[0] % SHARDS


# --- the facts, each from the record that it comes from ------------------------------------------


def with_consents(reach: Reach, last: ConsentRecord) -> Reach:
    """After the newest record of consent."""
    standing = last.standing.values()
    in_force = {said.purpose: said.channels for said in standing if said.in_force}
    return replace(reach, consents=dict(sorted(in_force.items())))


def with_preferences(reach: Reach, preferences: Preferences) -> Reach:
    """After preferences that the member set. Who wants no message a week wants no channel."""
    none = preferences.max_messages_per_week == 0
    return replace(reach, wanted=() if none else tuple(sorted(preferences.channels)))


def with_profile(reach: Reach, member: Member) -> Reach:
    """After the profile, which says whose addresses were verified."""
    verified = (channel for channel in member.verified if member.person.reached_by(channel))
    proved = tuple(sorted(_PROVED_BY[channel] for channel in verified))
    bouncing = tuple(channel for channel in reach.bouncing if channel in proved)
    return replace(reach, proved=proved, bouncing=bouncing)


def with_bouncing(reach: Reach, channel: Channel) -> Reach:
    """After a message to a channel's address came back for good."""
    return replace(reach, bouncing=tuple(sorted({*reach.bouncing, _PROVED_BY[channel]})))


def with_healed(reach: Reach, channel: Channel) -> Reach:
    """After a channel's address was proved, whatever came back from it or from another one."""
    return replace(
        reach, bouncing=tuple(one for one in reach.bouncing if one != _PROVED_BY[channel])
    )


def with_status(reach: Reach, status: AccountStatus) -> Reach:
    """After the account's status."""
    return replace(reach, heard=status not in SILENT)
