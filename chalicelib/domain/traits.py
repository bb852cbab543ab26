"""Traits: pseudonymous facts of a member, kept beside its account for offers to target.

Nothing here names a person; the packed form stays below 6 KB.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.instants import parsed, printed

MOST_BYTES = 6_144
MOST_ATTRIBUTES = 10
LONGEST_ATTRIBUTE_BYTES = 60
"""So that all that a member can have of everything fits."""

MOST_LISTS = 30
MOST_ACTIVATED = 50


@dataclass(frozen=True, slots=True)
class Traits:
    """country: ISO 3166 alpha-2; birth_month: 1 to 12; interests: categories the member named;
    purposes: the consent purposes that are in force; profiling: whether one of them is of that
    kind, without which interests, birth month and attributes are empty; contact_changed_at: when
    its e-mail or phone last changed; language: ISO 639, such as `de`; joined_on: in the program's
    zone; attributes: the first ten that the program declares, by name; lists: static segments that
    the member is on; activated: offers that it has opted in to, the newest last."""

    contact_changed_at: datetime | None = None
    country: str | None = None
    birth_month: int | None = None
    interests: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    profiling: bool = False
    language: str | None = None
    joined_on: date | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    lists: tuple[str, ...] = ()
    activated: tuple[str, ...] = ()


def language_of(tag: str) -> str:
    """The language of a BCP 47 tag: `de` of `de-AT`."""
    return tag.partition("-")[0].lower()


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
        "language": traits.language,
        "joined_on": traits.joined_on.isoformat() if traits.joined_on else None,
        "attributes": dict(traits.attributes),
        "lists": traits.lists,
        "activated": traits.activated,
    }
    filled = {name: value for name, value in values.items() if value}
    text = json.dumps(filled, separators=(",", ":"), ensure_ascii=False)
    assert len(text.encode()) <= MOST_BYTES, "traits outgrew their item"  # noqa: S101  # documentation that runs
    return text


def unpacked_traits(text: str) -> Traits:
    """The traits that a stored text holds; facts that a newer release added are left aside."""
    values = json.loads(text)
    changed, joined = values.get("contact_changed_at"), values.get("joined_on")
    return Traits(
        contact_changed_at=parsed(changed) if changed else None,
        country=values.get("country"),
        birth_month=values.get("birth_month"),
        interests=tuple(values.get("interests", ())),
        purposes=tuple(values.get("purposes", ())),
        profiling=values.get("profiling", False),
        language=values.get("language"),
        joined_on=date.fromisoformat(joined) if joined else None,
        attributes=tuple(values.get("attributes", {}).items()),
        lists=tuple(values.get("lists", ())),
        activated=tuple(values.get("activated", ())),
    )
