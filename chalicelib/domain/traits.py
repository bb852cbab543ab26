"""Traits: pseudonymous facts of a member, kept beside its account for offers to target.

Nothing here names a person; the packed form stays below 2 KB.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.instants import parsed, printed

MOST_BYTES = 2_048


@dataclass(frozen=True, slots=True)
class Traits:
    """country: ISO 3166 alpha-2; birth_month: 1 to 12; interests: categories the member named;
    purposes: the consent purposes that are in force; profiling: whether one of them is of that
    kind, without which interests and birth month are empty; contact_changed_at: when its e-mail or
    phone last changed."""

    contact_changed_at: datetime | None = None
    country: str | None = None
    birth_month: int | None = None
    interests: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    profiling: bool = False


def behaviour_allowed(traits: Traits) -> bool:
    """Whether an offer may depend on what this member does, likes or is. Whoever asks for a fact
    beyond the purchase at hand asks this first."""
    return traits.profiling


def packed_traits(traits: Traits) -> str:
    """The stored text: a JSON object without what is empty."""
    changed = traits.contact_changed_at
    values = {
        "contact_changed_at": printed(changed) if changed else None,
        "country": traits.country,
        "birth_month": traits.birth_month,
        "interests": traits.interests,
        "purposes": traits.purposes,
        "profiling": traits.profiling,
    }
    filled = {name: value for name, value in values.items() if value}
    text = json.dumps(filled, separators=(",", ":"), ensure_ascii=False)
    assert len(text.encode()) <= MOST_BYTES, "traits outgrew their item"  # noqa: S101  # documentation that runs
    return text


def unpacked_traits(text: str) -> Traits:
    """The traits that a stored text holds; facts that a newer release added are left aside."""
    values = json.loads(text)
    changed = values.get("contact_changed_at")
    return Traits(
        contact_changed_at=parsed(changed) if changed else None,
        country=values.get("country"),
        birth_month=values.get("birth_month"),
        interests=tuple(values.get("interests", ())),
        purposes=tuple(values.get("purposes", ())),
        profiling=values.get("profiling", False),
    )
