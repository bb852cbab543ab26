"""A change of a profile: for each field a new value, None to remove it, or KEEP."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

from chalicelib.domain.identifiers import Channel
from chalicelib.domain.members import AttributeValue, Name, Person, PostalAddress


class Keep(Enum):
    """Stands where nothing is said about a field."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class NamePatch:
    given: str | Keep | None = KEEP
    family: str | Keep | None = KEEP


@dataclass(frozen=True, slots=True)
class AddressPatch:
    street: str | Keep | None = KEEP
    city: str | Keep | None = KEEP
    country: str | Keep | None = KEEP
    postal_code: str | Keep | None = KEEP
    region: str | Keep | None = KEEP


@dataclass(frozen=True, slots=True)
class ProfilePatch:
    """What a member may change of its own profile, as somebody wrote it."""

    email: str | Keep | None = KEEP
    phone: str | Keep | None = KEEP
    name: NamePatch | Keep | None = KEEP
    birth_date: str | Keep | None = KEEP
    postal_address: AddressPatch | Keep | None = KEEP
    locale: str | Keep | None = KEEP
    attributes: Mapping[str, AttributeValue | None] | Keep | None = KEEP

    def address(self, channel: Channel) -> str | Keep | None:
        """What is said about a channel's address."""
        return self.email if channel is Channel.EMAIL else self.phone


def merged(new: Value | Keep | None, old: Value | None) -> Value | None:
    """The new value, or the old one where nothing is said."""
    return old if isinstance(new, Keep) else new


def merged_name(patch: NamePatch | Keep | None, old: Name) -> Name:
    """A name after a change of its parts."""
    if isinstance(patch, Keep):
        return old
    if patch is None:
        return Name()
    return Name(merged(patch.given, old.given), merged(patch.family, old.family))


def merged_address(patch: AddressPatch | Keep | None, person: Person) -> PostalAddress | None:
    """An address after a change of its parts; what is required and missing is empty text."""
    if isinstance(patch, Keep):
        return person.postal_address
    if patch is None:
        return None
    old = person.postal_address or PostalAddress(street="", city="", country="")
    return PostalAddress(
        street=merged(patch.street, old.street) or "",
        city=merged(patch.city, old.city) or "",
        country=merged(patch.country, old.country) or "",
        postal_code=merged(patch.postal_code, old.postal_code),
        region=merged(patch.region, old.region),
    )
