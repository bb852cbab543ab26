"""A code came back: whoever sends it reads the address that it was sent to.

A sign-up becomes a member by it, or leads to the member whose the address had become in the
meantime. A till's member becomes active. An address that waited takes its predecessor's place.
A token's subject is linked by the first success that carries one.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chalicelib.domain import codes
from chalicelib.domain.account import AccountStatus
from chalicelib.domain.allowances import VERIFICATIONS
from chalicelib.domain.callers import Caller, CallerKind
from chalicelib.domain.codes import Code
from chalicelib.domain.consents import ConsentRecord, Evidence, How, asked_by_code, confirmed
from chalicelib.domain.entries import opening_entry
from chalicelib.domain.freshness import FreshnessChange
from chalicelib.domain.identifiers import Channel, Identifier, Kind, card_number
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.members import Member, with_proved_alone, with_verified
from chalicelib.domain.program import Program
from chalicelib.domain.reach import Reach
from chalicelib.domain.refusals import CodeRefused, Conflict, MemberErased
from chalicelib.domain.sign_ups import Joined, SignUp
from chalicelib.domain.traits import Traits
from chalicelib.usecases.change_status import change_status
from chalicelib.usecases.find_subject import SubjectRef, address_of, find_subject
from chalicelib.usecases.identify import identify
from chalicelib.usecases.keep_traits import after_consents, changed_traits, first_traits
from chalicelib.usecases.note_likeness import note_likeness
from chalicelib.usecases.ports import KeptPreferences, PeopleWrite, Ports, Taken, TraitsChange
from chalicelib.usecases.reach_of import reach_change, reach_of
from chalicelib.usecases.read_newcomer import Joining, joining
from chalicelib.usecases.save_people import save_people
from chalicelib.usecases.send_letter import MEANS
from chalicelib.usecases.settle import Waiting
from chalicelib.usecases.take_allowance import take_allowance_of_network


@dataclass(frozen=True, slots=True)
class VerifyChannel:
    """digits: what the person typed. address: the caller's on the network. request_id: the evidence
    of what the code confirms."""

    ref: SubjectRef
    channel: Channel
    digits: str
    address: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class _Proof:
    """What was proved: that the address is read by whoever asks. link: the token's subject to be
    linked to the member, if it is not linked yet."""

    code: Code
    channel: Channel
    address: str
    link: str | None
    at: datetime
    request_id: str

    @property
    def identifier(self) -> Identifier:
        return identify(self.channel.kind, self.address)


def verify_channel(ports: Ports, caller: Caller, command: VerifyChannel, now: datetime) -> Joining:
    """Verify a channel by its code; the member that it leads to.

    Raises CodeRefused, Conflict (`identifier_taken`), TooManyRequests, TryAgain.
    """
    take_allowance_of_network(ports, VERIFICATIONS, command.address, now)
    subject = find_subject(ports, command.ref, now)
    proof = _proof(ports, caller, subject, command, now)
    waiting = Waiting(ports.patience)
    while subject is not None:
        match _save(ports, subject, proof):
            case Member() as member:
                note_likeness(ports, subject if isinstance(subject, Member) else None, member)
                return joining(member)
            case "code_spent":
                raise CodeRefused
            case "stale":
                subject = find_subject(ports, command.ref, now)
            case Taken(kind=Kind.SUBJECT):
                proof = replace(proof, link=None)
            case Taken(kind=Kind.CARD_NUMBER) if isinstance(subject, SignUp):
                renumbered = replace(subject.member, card_number=card_number(ports.entropy(8)))
                subject = replace(subject, member=renumbered)
            case Taken() if isinstance(subject, Member):
                raise Conflict("identifier_taken")
            case Taken():
                pass  # the sign-up's address became somebody's just now: it leads to them
            case None:
                pass  # it led to somebody who is going: it leads to nobody in a moment
        waiting.once_more()
    raise CodeRefused


def _save(
    ports: Ports, subject: SignUp | Member, proof: _Proof
) -> Member | Literal["stale", "code_spent"] | Taken | None:
    """The member that was proved, or what stood in the way; None while the address of a sign-up
    leads to somebody who is being erased."""
    try:
        member, write = _plan(ports, subject, proof)
        saved = save_people(ports, write)
    except MemberErased:
        if isinstance(subject, Member):
            raise
        return None
    return member if saved == "saved" else saved


def _proof(
    ports: Ports,
    caller: Caller,
    subject: SignUp | Member | None,
    command: VerifyChannel,
    now: datetime,
) -> _Proof:
    """The try is counted before anything is compared, and for unknown ids as for known ones."""
    ref, channel = command.ref, command.channel
    named = subject.member_id if subject is not None else ref.signup_id or ref.member_id or ""
    code = ports.people.try_code(named, channel, now)
    address = address_of(subject, channel) if subject is not None else None
    if code is None or address is None:
        raise CodeRefused
    if not codes.matches(ports.namer, code, address, command.digits):
        raise CodeRefused
    unlinked = caller.kind is CallerKind.MEMBER and caller.member_id is None
    link = caller.subject if unlinked else None
    return _Proof(code, channel, address, link, now, command.request_id)


def _plan(ports: Ports, subject: SignUp | Member, proof: _Proof) -> tuple[Member, PeopleWrite]:
    if isinstance(subject, Member):
        if subject.code_goes_to(proof.channel) != proof.address:
            raise CodeRefused  # the address was changed or given up just now
        last = ports.people.last_consent(subject.member_id)
        return _confirmed(ports, subject, proof, _opted_in(last, proof))
    owner_id = ports.people.find(proof.identifier)
    owner = ports.people.member(owner_id) if owner_id is not None else None
    if owner is None:
        return _joined(subject, proof, ports.programs.active())
    member, write = _confirmed(ports, owner, proof)
    joined = Joined(subject.signup_id, owner.member_id, subject.good_until)
    return member, replace(write, joined=joined)


def _joined(sign_up: SignUp, proof: _Proof, program: Program) -> tuple[Member, PeopleWrite]:
    """The sign-up becomes a member."""
    member = replace(
        with_proved_alone(sign_up.member, proof.channel),
        enrolled_at=whole_milliseconds(proof.at),
        linked=proof.link is not None,
    )
    wanted = sign_up.preferences
    consents = (*sign_up.consents, *_opted_in(sign_up.consents[-1], proof))
    return member, PeopleWrite(
        member.member_id,
        member=member,
        claims=(
            proof.identifier,
            Identifier(Kind.CARD_NUMBER, member.card_number),
            *_linked(proof),
        ),
        preferences=KeptPreferences(wanted, version=1) if wanted else None,
        consents=consents,
        traits=first_traits(member, wanted, consents[-1], program),
        opened=opening_entry(member.member_id, member.status, proof.at),
        spent=proof.code,
        joined=Joined(sign_up.signup_id, member.member_id, sign_up.good_until),
        reach=reach_change(Reach(), member=member, preferences=wanted, consents=consents),
    )


def _opted_in(last: ConsentRecord | None, proof: _Proof) -> tuple[ConsentRecord, ...]:
    """Records of the consents that the letter with the code named: it confirms them, too."""
    if last is None:
        return ()
    asked = asked_by_code(last, MEANS[proof.channel])
    evidence = Evidence(How.CONFIRMATION, proof.request_id)
    at = whole_milliseconds(proof.at)
    return confirmed(last, [said.purpose for said in asked], "confirmation", at, evidence)


def _confirmed(
    ports: Ports, member: Member, proof: _Proof, consents: tuple[ConsentRecord, ...] = ()
) -> tuple[Member, PeopleWrite]:
    """A member's address is proved, and what its letter said confirms consents, too. Its account
    becomes active first: if only that lands, the code is still good and the same request again does
    the rest."""
    claims, releases = _moved(member, proof)
    if claims and ports.people.find(proof.identifier) is not None:
        raise Conflict(
            "identifier_taken"
        )  # before anything is written: the write would say so late
    if member.status is not AccountStatus.ACTIVE:
        cause = ("verification", proof.code.digest)
        change_status(ports, member.member_id, AccountStatus.ACTIVE, cause, proof.at)
    links = proof.link is not None and not member.linked
    after = replace(
        with_verified(member, proof.channel, proof.address), linked=member.linked or links
    )
    reach, at = reach_of(ports, member.member_id), whole_milliseconds(proof.at)
    fresh = FreshnessChange(at, at, healed={proof.channel: at})
    change = reach_change(reach, member=after, consents=consents, healed=proof.channel)
    if after == member and not consents:
        healed = change if change.after.bouncing != reach.bouncing else None
        write = PeopleWrite(member.member_id, spent=proof.code, reach=healed, freshness=fresh)
        return member, write
    after = replace(after, version=member.version + 1)
    return after, PeopleWrite(
        member.member_id,
        member=after,
        claims=(*claims, *(_linked(proof) if links else ())),
        releases=releases,
        consents=consents,
        traits=_traits(ports, member, proof, consents),
        spent=proof.code,
        reach=change,
        freshness=fresh,
    )


def _moved(member: Member, proof: _Proof) -> tuple[tuple[Identifier, ...], tuple[Identifier, ...]]:
    """The identifier that begins to lead to the member and the one that ceases to."""
    before = member.person.reached_by(proof.channel)
    if not _waited(member, proof):
        return (), ()
    if before is None:
        return (proof.identifier,), ()
    former = identify(proof.channel.kind, before)
    return ((), ()) if former == proof.identifier else ((proof.identifier,), (former,))


def _traits(
    ports: Ports, member: Member, proof: _Proof, consents: tuple[ConsentRecord, ...]
) -> TraitsChange | None:
    """A member whose contact changed must have signed in of late to redeem."""
    change = after_consents(ports, member.member_id, consents[-1]) if consents else None
    if not _waited(member, proof) or member.status is not AccountStatus.ACTIVE:
        return change
    kept = change.before if change else ports.people.traits(member.member_id)
    traits = change.after if change else kept or Traits()
    return changed_traits(kept, replace(traits, contact_changed_at=whole_milliseconds(proof.at)))


def _waited(member: Member, proof: _Proof) -> bool:
    return member.pending.get(proof.channel) == proof.address


def _linked(proof: _Proof) -> tuple[Identifier, ...]:
    return () if proof.link is None else (Identifier(Kind.SUBJECT, proof.link),)
