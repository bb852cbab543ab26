"""What several routes say of members in the same words: names, addresses, consents, preferences."""

from datetime import time
from typing import Annotated

import msgspec

from chalicelib.domain.consents import Statement
from chalicelib.domain.preferences import (
    MessageChannel,
    Preferences,
    PreferencesDraft,
    QuietHoursDraft,
)

Text = Annotated[str, msgspec.Meta(max_length=1_000)]
"""Text whose own rules are checked with all the others, where its field is known."""

AttributeBody = Text | bool | int


class NameBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    given: Text | None = None
    family: Text | None = None


class AddressBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """street: up to three lines, separated by line breaks. country: ISO 3166-1 alpha-2.
    What else is required, and how postal codes look, is by the country. region: a state."""

    street: Text
    city: Text
    country: Text
    postal_code: Text | None = None
    region: Text | None = None


class ConsentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """policy_version: of the text that the person was shown."""

    purpose: Text
    granted: bool
    policy_version: Text


Consents = Annotated[list[ConsentBody], msgspec.Meta(max_length=50)]


class QuietHoursBody(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from"}
):
    """Times of the day in the program's zone, such as 21:30; may span midnight."""

    start: Text
    until: Text


class PreferencesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """categories: of interest, named as on purchase lines. language: BCP 47, null for the
    program's. max_messages_per_week: 0 to 50, null for the program's own limit."""

    channels: Annotated[list[MessageChannel], msgspec.Meta(max_length=10)] = []
    categories: Annotated[list[Text], msgspec.Meta(max_length=100)] = []
    language: Text | None = None
    max_messages_per_week: int | None = None
    quiet_hours: QuietHoursBody | None = None


def statements(bodies: list[ConsentBody]) -> tuple[Statement, ...]:
    """Consents, as they were written."""
    return tuple(Statement(body.purpose, body.granted, body.policy_version) for body in bodies)


def preferences_draft(body: PreferencesBody) -> PreferencesDraft:
    """Preferences, as they were written."""
    quiet = body.quiet_hours
    return PreferencesDraft(
        channels=tuple(body.channels),
        categories=tuple(body.categories),
        language=body.language,
        max_messages_per_week=body.max_messages_per_week,
        quiet_hours=QuietHoursDraft(quiet.start, quiet.until) if quiet else None,
    )


def preferences_answer(kept: Preferences) -> PreferencesBody:
    """Preferences, in the shape that sets them."""
    quiet = kept.quiet_hours
    return PreferencesBody(
        channels=list(kept.channels),
        categories=list(kept.categories),
        language=kept.language,
        max_messages_per_week=kept.max_messages_per_week,
        quiet_hours=QuietHoursBody(_hour(quiet.start), _hour(quiet.until)) if quiet else None,
    )


def _hour(at: time) -> str:
    return at.isoformat(timespec="minutes")
