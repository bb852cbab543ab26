"""Members as sealed fields and back: each field is one JSON text, sealed by itself.

Knows which fields there are and how they are written; must not know where they are put.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from chalicelib.domain.identifiers import Channel
from chalicelib.domain.members import Member, Person
from chalicelib.domain.preferences import Preferences
from chalicelib.usecases.ports import Vault


@dataclass(frozen=True, slots=True)
class Seal:
    """A member's own seal: the vault with the member's wrapped key at hand."""

    vault: Vault
    member_id: str
    wrapped_key: bytes

    def closed(self, values: Mapping[str, object]) -> dict[str, bytes]:
        """Each value that is not empty, sealed under its name."""
        return {
            name: self.vault.seal(
                self.member_id, self.wrapped_key, name, msgspec.json.encode(value)
            )
            for name, value in values.items()
            if value is not None and value != {}
        }

    def opened(self, sealed: Mapping[str, bytes]) -> dict[str, Any]:
        """The values again. ValueError where one was tampered with or moved."""
        return {
            name: msgspec.json.decode(
                self.vault.open(self.member_id, self.wrapped_key, name, value)
            )
            for name, value in sealed.items()
        }


def sealed_member(member: Member, seal: Seal) -> dict[str, bytes]:
    """All that is personal of a member."""
    person: dict[str, object] = msgspec.to_builtins(member.person)
    return seal.closed(
        person
        | {
            "card_number": member.card_number,
            "pending": dict(member.pending),
            "enrolled_as": dict(member.enrolled_as),
        }
    )


def opened_member(
    sealed: Mapping[str, bytes],
    seal: Seal,
    *,
    version: int,
    enrolled_at: datetime,
    verified: frozenset[Channel],
    linked: bool,
) -> Member:
    """The member that sealed fields and what stands beside them make."""
    values = seal.opened(sealed)
    card_number = values.pop("card_number")
    pending = msgspec.convert(values.pop("pending", {}), dict[Channel, str])
    enrolled_as = values.pop("enrolled_as", {})
    return Member(
        member_id=seal.member_id,
        card_number=card_number,
        version=version,
        person=msgspec.convert(values, Person),
        enrolled_at=enrolled_at,
        verified=verified,
        pending=pending,
        linked=linked,
        enrolled_as=enrolled_as,
    )


def sealed_preferences(preferences: Preferences, seal: Seal) -> dict[str, bytes]:
    """Preferences, sealed as one field: they say what somebody is interested in, and when."""
    return seal.closed({"preferences": msgspec.to_builtins(preferences)})


def opened_preferences(sealed: Mapping[str, bytes], seal: Seal) -> Preferences:
    """The preferences again."""
    return msgspec.convert(seal.opened(sealed)["preferences"], Preferences)
