"""A change of a profile, read against the profile as it is; everything wrong with it at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from chalicelib.domain import person_fields
from chalicelib.domain.findings import Findings, Unacceptable
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.members import (
    AttributeValue,
    Member,
    Person,
    with_waiting,
    without_address,
)
from chalicelib.domain.profile_patch import Keep, ProfilePatch, merged_address, merged_name
from chalicelib.domain.program import Program
from chalicelib.usecases.identify import identify, phone
from chalicelib.usecases.mailboxes import lasting_email
from chalicelib.usecases.postal_formats import postal_address

Value = TypeVar("Value")

_READ = {Channel.EMAIL: lasting_email, Channel.PHONE: phone}


@dataclass(frozen=True, slots=True)
class Move:
    """A channel's address is to be replaced (`to`) or was given up (None)."""

    channel: Channel
    to: str | None


def read_patch(
    member: Member, patch: ProfilePatch, program: Program, today: date
) -> tuple[Member, list[Move]]:
    """The member after the change, its version untouched, and how its addresses move.

    today: in the program's zone. Raises InvalidContent.
    """
    findings = Findings()
    after = replace(member, person=_person(member.person, patch, program, today, findings))
    moves: list[Move] = []
    for channel in Channel:
        said = patch.address(channel)
        if said is None:
            findings.read(f"/{channel}", _check_reachable, after, channel)
            if member.person.reached_by(channel) is not None:
                moves.append(Move(channel, None))
            after = without_address(after, channel)
        elif not isinstance(said, Keep):
            to = findings.read(f"/{channel}", _READ[channel], said)
            after = with_waiting(after, channel, to if _is_new(member, channel, to) else None)
            if channel in after.pending:
                moves.append(Move(channel, to))
    findings.settle()
    return after, moves


def _person(
    person: Person, patch: ProfilePatch, program: Program, today: date, findings: Findings
) -> Person:
    name, address = patch.name, patch.postal_address
    if not isinstance(name, Keep):
        merged = merged_name(name, person.name)
        person = replace(person, name=person_fields.name(merged, findings, "/name"))
    if not isinstance(address, Keep):
        raw = merged_address(address, person)
        read = postal_address(raw, findings, "/postal_address") if raw else None
        person = replace(person, postal_address=read)
    if not isinstance(patch.birth_date, Keep):
        born = _optional(
            findings,
            "/birth_date",
            patch.birth_date,
            lambda text: person_fields.birth_date(text, today),
        )
        person = replace(person, birth_date=born)
    if not isinstance(patch.locale, Keep):
        locale = _optional(findings, "/locale", patch.locale, person_fields.locale)
        person = replace(person, locale=locale)
    return replace(person, attributes=_attributes(person, patch, program, findings))


def _attributes(
    person: Person, patch: ProfilePatch, program: Program, findings: Findings
) -> dict[str, AttributeValue]:
    said = patch.attributes
    if isinstance(said, Keep):
        return dict(person.attributes)
    if said is None:
        return {}
    set_ones = {name: value for name, value in said.items() if value is not None}
    kept = {name: value for name, value in person.attributes.items() if name not in said}
    read = person_fields.attributes(set_ones, program.attributes, findings, "/attributes")
    return kept | read


def _optional(
    findings: Findings, pointer: str, text: str | None, reading: Callable[[str], Value]
) -> Value | None:
    return None if text is None else findings.read(pointer, reading, text)


def _is_new(member: Member, channel: Channel, to: str | None) -> bool:
    """Whether an address is another than the member's own."""
    if to is None:
        return False
    own = member.person.reached_by(channel)
    return own is None or identify(channel.kind, own) != identify(channel.kind, to)


def _check_reachable(member: Member, channel: Channel) -> None:
    """What is given up must not be the last address that was verified."""
    left = [other for other in member.verified if other is not channel]
    if member.person.reached_by(channel) is not None and not left:
        raise Unacceptable("last_address", "Verify another address before you give this one up.")
