"""A member's profile over HTTP."""

from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.api.access_reasons import ACCESS_REASON
from chalicelib.api.member_models import AddressBody, AttributeBody, NameBody, Text
from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.account import AccountStatus
from chalicelib.domain.callers import Scope
from chalicelib.domain.freshness import Freshness
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.instants import printed
from chalicelib.domain.members import Member, Name, PostalAddress
from chalicelib.domain.profile_patch import KEEP, AddressPatch, Keep, NamePatch, ProfilePatch
from chalicelib.domain.refusals import (
    InvalidContent,
    MemberNotFound,
    StepUpRequired,
    TooManyRequests,
    VersionStale,
)
from chalicelib.usecases.change_member import change_member
from chalicelib.usecases.read_member import MaskedMember, known_member, read_member

routes = Routes(__name__)


class PendingAddresses(msgspec.Struct, frozen=True, omit_defaults=True):
    """Addresses that wait for their code."""

    email: str | None = None
    phone: str | None = None


class ProfileAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """masked: what tells who it is was left out or cut short. verified: the addresses that were
    proved. details_confirmed_at: when the member last said that all of it is right, by joining,
    changing or confirming it. contact_bounced: proved addresses from which messages come back, so
    that nobody writes there. year_of_birth: in place of the date, where masked."""

    member_id: str
    card_number: str
    status: AccountStatus
    masked: bool
    verified: list[Channel]
    enrolled_at: Instant
    details_confirmed_at: Instant
    contact_bounced: list[Channel] | None = None
    email: str | None = None
    phone: str | None = None
    name: NameBody | None = None
    birth_date: str | None = None
    year_of_birth: int | None = None
    postal_address: AddressBody | None = None
    locale: str | None = None
    external_id: str | None = None
    attributes: dict[str, str | bool | int] | None = None
    referred_by: str | None = None
    pending: PendingAddresses | None = None


class NamePatchBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    given: Text | UnsetType | None = UNSET
    family: Text | UnsetType | None = UNSET


class AddressPatchBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    street: Text | UnsetType | None = UNSET
    city: Text | UnsetType | None = UNSET
    country: Text | UnsetType | None = UNSET
    postal_code: Text | UnsetType | None = UNSET
    region: Text | UnsetType | None = UNSET


class ProfilePatchBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A JSON merge patch (RFC 7396): null removes."""

    email: Text | UnsetType | None = UNSET
    phone: Text | UnsetType | None = UNSET
    name: NamePatchBody | UnsetType | None = UNSET
    birth_date: Text | UnsetType | None = UNSET
    postal_address: AddressPatchBody | UnsetType | None = UNSET
    locale: Text | UnsetType | None = UNSET
    attributes: dict[str, AttributeBody | None] | UnsetType | None = UNSET


def profile_exists(call: Call[Any, Any], member_id: str) -> str:
    """The profile's ETag. Raises MemberNotFound."""
    return str(known_member(call.ports, member_id).version)


@routes.get(
    "/v1/members/{member_id}",
    opens=(Scope.SELF, Scope.MEMBERS_READ),
    summary="Read a profile: masked for staff who do not say why (X-Access-Reason)",
    audited="member.profile.read",
    answers={200: ProfileAnswer},
    refuses=(MemberNotFound, InvalidContent),
    headers={ACCESS_REASON: "Why a member of staff needs the whole profile; it is recorded."},
    exists=profile_exists,
)
def get_profile(call: Call[None, None], member_id: str) -> Answer:
    read = read_member(call.ports, call.caller, member_id, call.reason)
    is_masked = isinstance(read, MaskedMember)
    member = read.member if isinstance(read, MaskedMember) else read
    answer = profile_answer(read, call.ports.roll.fresh(member_id))
    return Answer(200, answer, etag=str(member.version), unmasked=not is_masked)


@routes.patch(
    "/v1/members/{member_id}",
    opens=(Scope.SELF,),
    summary="Change a profile by a JSON merge patch; a new address waits for its code",
    body=ProfilePatchBody,
    answers={200: ProfileAnswer},
    refuses=(MemberNotFound, VersionStale, StepUpRequired, TooManyRequests),
    if_match=True,
    exists=profile_exists,
)
def patch_profile(call: Call[ProfilePatchBody, None], member_id: str) -> Answer:
    patch = profile_patch(call.body)
    member = change_member(call.ports, call.caller, member_id, patch, call.if_match, call.now)
    fresh = call.ports.roll.fresh(member_id)
    return Answer(200, profile_answer(member, fresh), etag=str(member.version))


Value = TypeVar("Value")


def profile_patch(body: ProfilePatchBody) -> ProfilePatch:
    """A change of a profile, as it was written."""
    name, address = body.name, body.postal_address
    return ProfilePatch(
        email=_said(body.email),
        phone=_said(body.phone),
        name=(
            NamePatch(_said(name.given), _said(name.family))
            if isinstance(name, NamePatchBody)
            else _said(name)
        ),
        birth_date=_said(body.birth_date),
        postal_address=(
            AddressPatch(
                _said(address.street),
                _said(address.city),
                _said(address.country),
                _said(address.postal_code),
                _said(address.region),
            )
            if isinstance(address, AddressPatchBody)
            else _said(address)
        ),
        locale=_said(body.locale),
        attributes=_said(body.attributes),
    )


def _said(value: Value | UnsetType) -> Value | Keep:
    return KEEP if isinstance(value, UnsetType) else value


def profile_answer(read: Member | MaskedMember, fresh: Freshness) -> ProfileAnswer:
    """A profile, whole or masked, and how fresh it is."""
    if isinstance(read, MaskedMember):
        return _profile(read.member, fresh, masked=True, year_of_birth=read.year_of_birth)
    return _profile(read, fresh, masked=False, year_of_birth=None)


def _profile(
    member: Member, fresh: Freshness, *, masked: bool, year_of_birth: int | None
) -> ProfileAnswer:
    confirmed_at = max(member.enrolled_at, fresh.confirmed_at or member.enrolled_at)
    person, pending = member.person, member.pending
    return ProfileAnswer(
        member_id=member.member_id,
        card_number=member.card_number,
        status=member.status,
        masked=masked,
        verified=sorted(member.verified),
        enrolled_at=printed(member.enrolled_at),
        details_confirmed_at=printed(confirmed_at),
        contact_bounced=sorted(fresh.bouncing & member.verified) or None,
        email=person.email,
        phone=person.phone,
        name=NameBody(person.name.given, person.name.family) if person.name != Name() else None,
        birth_date=str(person.birth_date) if person.birth_date else None,
        year_of_birth=year_of_birth,
        postal_address=_address(person.postal_address),
        locale=person.locale,
        external_id=person.external_id,
        attributes=dict(person.attributes) or None,
        referred_by=person.referred_by,
        pending=(
            PendingAddresses(pending.get(Channel.EMAIL), pending.get(Channel.PHONE))
            if pending
            else None
        ),
    )


def _address(address: PostalAddress | None) -> AddressBody | None:
    if address is None:
        return None
    return AddressBody(
        address.street, address.city, address.country, address.postal_code, address.region
    )
