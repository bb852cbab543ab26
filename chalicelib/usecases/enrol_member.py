"""A till enrols a member: the identifiers it vouches for lead to the member at once.

The member is `pending_verification` until a channel is verified: it earns and cannot redeem.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.consents import Evidence, How, recorded
from chalicelib.domain.entries import opening_entry
from chalicelib.domain.fingerprints import differing
from chalicelib.domain.identifiers import Identifier, Kind, card_number
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.members import Member, Person
from chalicelib.domain.names import new_id
from chalicelib.domain.program import Program
from chalicelib.domain.reach import Reach
from chalicelib.domain.refusals import AlreadyMember, ConflictingReplay, TryAgain
from chalicelib.usecases.identify import identify
from chalicelib.usecases.keep_traits import first_traits
from chalicelib.usecases.note_likeness import note_likeness
from chalicelib.usecases.ports import KeptPreferences, Outcome, PeopleWrite, Ports, Taken
from chalicelib.usecases.reach_of import reach_change
from chalicelib.usecases.read_newcomer import (
    Joining,
    JoinRequest,
    Newcomer,
    joining,
    read_newcomer,
)
from chalicelib.usecases.save_people import save_people
from chalicelib.usecases.send_letter import NewCode, letter_with_code, new_code, send_letter
from chalicelib.usecases.settle import RETRY_AFTER_SECONDS


def enrol_member(
    ports: Ports,
    caller: Caller,
    request: JoinRequest,
    key: str | None,
    now: datetime,
    request_id: str = "",
) -> Outcome[Joining]:
    """Enrol a member and send the first code. key: the caller's idempotency key, if it sent one.
    request_id: the evidence of what the till says was consented to.

    Raises InvalidContent, AlreadyMember, ConflictingReplay, TryAgain, StoreUnavailable.
    """
    program = ports.programs.active()
    newcomer = read_newcomer(request, program, now, also_wrong=[])
    member = _member(ports, caller, request, newcomer, key, now)
    channel, address = newcomer.first_channel
    code = new_code(ports, member.member_id, channel, address, now)
    evidence = Evidence(How.TILL, request_id)
    while True:
        write = _write(caller, newcomer, member, code, program, evidence)
        match save_people(ports, write):
            case "saved":
                note_likeness(ports, None, member)
                letter = letter_with_code(program, code.digits, write.consents[-1], channel)
                send_letter(ports, channel, address, letter)
                return Outcome(joining(member))
            case Taken(kind=Kind.CARD_NUMBER):
                member = replace(member, card_number=card_number(ports.entropy(8)))
            case Taken(member_id=other):
                raise AlreadyMember(other)
            case "stale" | "code_spent":
                return Outcome(_first_answer(ports, member), replayed=True)


def _member(
    ports: Ports,
    caller: Caller,
    request: JoinRequest,
    newcomer: Newcomer,
    key: str | None,
    now: datetime,
) -> Member:
    # With a key the id follows from it: then the member is the record of the request, too.
    named = ports.namer.id("mem", caller.source, "enrol", key) if key is not None else None
    return Member(
        member_id=named or new_id("mem", ports.entropy(16)),
        card_number=card_number(ports.entropy(8)),
        version=1,
        person=newcomer.person,
        enrolled_at=whole_milliseconds(now),
        enrolled_as=request.fingerprint() if named else {},
    )


def _write(
    caller: Caller,
    newcomer: Newcomer,
    member: Member,
    code: NewCode,
    program: Program,
    evidence: Evidence,
) -> PeopleWrite:
    wanted = newcomer.preferences
    consents = recorded(
        None,
        newcomer.statements,
        caller.source,
        member.enrolled_at,
        asked=program.asks_for,
        evidence=evidence,
    )
    return PeopleWrite(
        member.member_id,
        member=member,
        claims=_identifiers(member.person, member.card_number),
        preferences=KeptPreferences(wanted, version=1) if wanted else None,
        consents=consents,
        traits=first_traits(member, wanted, consents[-1], program),
        opened=opening_entry(member.member_id, member.status, member.enrolled_at),
        codes=(code.kept,),
        reach=reach_change(Reach(), member=member, preferences=wanted, consents=consents),
    )


def _identifiers(person: Person, number: str) -> tuple[Identifier, ...]:
    said = {
        Kind.EMAIL: person.email,
        Kind.PHONE: person.phone,
        Kind.EXTERNAL_ID: person.external_id,
        Kind.CARD_NUMBER: number,
    }
    return tuple(identify(kind, text) for kind, text in said.items() if text is not None)


def _first_answer(ports: Ports, member: Member) -> Joining:
    """What the first request with this key was answered; ConflictingReplay for another one's."""
    earlier = ports.people.member(member.member_id)
    if earlier is None:
        raise TryAgain(retry_after_seconds=RETRY_AFTER_SECONDS)
    differs = differing(earlier.enrolled_as, member.enrolled_as)
    if differs:
        raise ConflictingReplay(differs)
    return Joining(earlier.member_id, earlier.card_number, member.status)
