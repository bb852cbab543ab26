"""A member changes its own profile. A new e-mail address or phone waits until its code comes back.

Whether a new address is somebody else's, neither the answer nor the calls behind it tell: a code
is kept in either case, and a letter is sent; only its words differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.allowances import CODES
from chalicelib.domain.callers import Caller
from chalicelib.domain.freshness import FreshnessChange
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.instants import local_date, whole_milliseconds
from chalicelib.domain.letters import Letter, change_letter, taken_letter
from chalicelib.domain.members import Member, require_fresh_sign_in
from chalicelib.domain.profile_patch import ProfilePatch
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import VersionStale
from chalicelib.domain.traits import Traits
from chalicelib.usecases.identify import identify
from chalicelib.usecases.keep_traits import changed_traits, of_member
from chalicelib.usecases.note_likeness import note_likeness
from chalicelib.usecases.ports import PeopleWrite, Ports, TraitsChange
from chalicelib.usecases.reach_of import reach_change, reach_of
from chalicelib.usecases.read_member import known_member
from chalicelib.usecases.read_patch import Move, read_patch
from chalicelib.usecases.save_people import save_people
from chalicelib.usecases.send_letter import (
    NewCode,
    letter_with_code,
    new_code,
    send_letter,
    take_code_of_address,
)
from chalicelib.usecases.settle import Waiting
from chalicelib.usecases.take_allowance import take_allowance

_CALLED = {Channel.EMAIL: "e-mail address", Channel.PHONE: "phone"}


@dataclass(frozen=True, slots=True)
class _Post:
    """A letter that waits for the change to land."""

    channel: Channel
    to: str
    letter: Letter


def change_member(
    ports: Ports, caller: Caller, member_id: str, patch: ProfilePatch, version: str, now: datetime
) -> Member:
    """Change a profile that is still of the version the caller has read.

    Raises MemberNotFound, VersionStale, InvalidContent, StepUpRequired, TooManyRequests, TryAgain.
    """
    program = ports.programs.active()
    member = _of_version(ports, member_id, version)
    after, moves = read_patch(member, patch, program, local_date(now, program.zone))
    if after == member:
        return member
    if moves:
        require_fresh_sign_in(caller, now)
    codes = _codes(ports, member_id, moves, now)
    post = _post(ports, member, program, moves, codes)
    after = replace(after, version=member.version + 1)
    waiting = Waiting(ports.patience)
    while save_people(ports, _write(ports, member, after, moves, codes, now)) != "saved":
        # The traits beside the account changed, or the profile did.
        _of_version(ports, member_id, version)
        waiting.once_more()
    note_likeness(ports, member, after)
    for letter in post:
        send_letter(ports, letter.channel, letter.to, letter.letter)
    return after


def _of_version(ports: Ports, member_id: str, version: str) -> Member:
    member = known_member(ports, member_id)
    if str(member.version) != version:
        raise VersionStale
    return member


def _codes(
    ports: Ports, member_id: str, moves: Sequence[Move], now: datetime
) -> dict[Channel, NewCode]:
    """A code for each address that begins to wait."""
    codes: dict[Channel, NewCode] = {}
    for move in moves:
        if move.to is not None:
            take_allowance(ports, CODES, member_id, now)
            take_code_of_address(ports, CODES, move.channel, move.to, now)
            codes[move.channel] = new_code(ports, member_id, move.channel, move.to, now)
    return codes


def _post(
    ports: Ports,
    member: Member,
    program: Program,
    moves: Sequence[Move],
    codes: dict[Channel, NewCode],
) -> list[_Post]:
    """What the new and the old addresses are told."""
    last = ports.people.last_consent(member.member_id) if moves else None
    post: list[_Post] = []
    for move in moves:
        if move.to is not None:
            taken = ports.people.find(identify(move.channel.kind, move.to)) is not None
            digits = codes[move.channel].digits
            letter = taken_letter(program.name)
            if not taken:
                letter = letter_with_code(program, digits, last, move.channel)
            post.append(_Post(move.channel, move.to, letter))
        told = _told_of(member, move.channel)
        if told is not None:
            post.append(_Post(*told, change_letter(program.name, _CALLED[move.channel])))
    return post


def _told_of(member: Member, channel: Channel) -> tuple[Channel, str] | None:
    """Who is told that a channel's address changes: the old one, else the other channel's."""
    for other in (channel, *Channel):
        address = member.person.reached_by(other)
        if address is not None:
            return other, address
    return None


def _write(
    ports: Ports,
    member: Member,
    after: Member,
    moves: Sequence[Move],
    codes: dict[Channel, NewCode],
    now: datetime,
) -> PeopleWrite:
    reach = reach_of(ports, member.member_id)
    given_up = [move.channel for move in moves if move.to is None]
    left = [(channel, member.person.reached_by(channel)) for channel in given_up]
    at = whole_milliseconds(now)  # to change some of the details is to say that the others hold
    return PeopleWrite(
        member.member_id,
        member=after,
        releases=tuple(identify(channel.kind, text) for channel, text in left if text is not None),
        traits=_traits(ports, after, now if given_up else None),
        codes=tuple(code.kept for code in codes.values()),
        reach=reach_change(reach, member=after),
        freshness=FreshnessChange(confirmed_at=at, active_at=at),
    )


def _traits(
    ports: Ports, after: Member, contact_changed_at: datetime | None
) -> TraitsChange | None:
    kept = ports.people.traits(after.member_id)
    wishes = ports.people.preferences(after.member_id).preferences
    traits = of_member(kept or Traits(), ports.programs.active(), after, wishes)
    if contact_changed_at is not None:
        traits = replace(traits, contact_changed_at=whole_milliseconds(contact_changed_at))
    return changed_traits(kept, traits)
