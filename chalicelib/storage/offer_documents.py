"""Offers as JSON text: unlike other documents they hold one of several effects, and a condition.

What a newer release has written is refused, never half read. Pauses are no version's but the
offer's: they are a text of their own, beside the document.
"""

from datetime import datetime
from functools import cache
from typing import Any, get_type_hints

import msgspec

from chalicelib.domain.condition_reading import as_document, from_document
from chalicelib.domain.offers import (
    BonusPoints,
    Multiplier,
    Offer,
    Pause,
    PointsPerUnit,
    RewardPrice,
)
from chalicelib.storage.documents import SCHEMA
from chalicelib.usecases.ports import StoreNewer

_EFFECTS: dict[str, type[Any]] = {
    "multiplier": Multiplier,
    "bonus_points": BonusPoints,
    "points_per_unit": PointsPerUnit,
    "reward_price": RewardPrice,
}
_KIND_OF = {effect: kind for kind, effect in _EFFECTS.items()}


def encoded_offer(offer: Offer) -> str:
    """An offer as JSON text but for its pauses, the same text for equal offers."""
    effect = {"kind": _KIND_OF[type(offer.effect)], **_fields_of(offer.effect)}
    audience = as_document(offer.audience) if offer.audience is not None else None
    parts = {name: getattr(offer, name) for name in _plain_fields()}
    parts |= {"effect": effect, "audience": audience}
    return msgspec.json.encode(parts, order="deterministic").decode()


def decoded_offer(text: str, schema: int) -> Offer:
    """The offer that a text holds, without pauses. StoreNewer when a newer release wrote it."""
    if schema > SCHEMA:
        raise StoreNewer(f"Offer of schema {schema}, this release knows {SCHEMA}")
    raw: dict[str, Any] = msgspec.json.decode(text)
    hints = _plain_fields()
    effect, audience = raw.pop("effect"), raw.pop("audience")
    if not raw.keys() <= hints.keys():
        raise StoreNewer(f"an offer says {sorted(raw.keys() - hints.keys())}")
    try:
        plain = {name: msgspec.convert(part, hints[name]) for name, part in raw.items()}
        kind = _EFFECTS[effect.pop("kind")]
        return Offer(
            effect=msgspec.convert(effect, kind),
            audience=from_document(audience) if audience is not None else None,
            **plain,
        )
    except (msgspec.ValidationError, KeyError, ValueError) as error:
        raise StoreNewer(f"Offer: {error}") from error


def encoded_pauses(pauses: tuple[Pause, ...]) -> str:
    """Pauses as JSON text."""
    return msgspec.json.encode(pauses).decode()


def decoded_pauses(text: str) -> tuple[Pause, ...]:
    """The pauses that a text holds. StoreNewer when a newer release wrote it."""
    try:
        rows = msgspec.json.decode(text, type=tuple[dict[str, datetime | None], ...])
        return tuple(Pause(**row) for row in rows)  # type: ignore[arg-type]  # checked by Pause's own names
    except (msgspec.ValidationError, TypeError) as error:
        raise StoreNewer(f"pauses: {error}") from error


@cache
def _plain_fields() -> dict[str, Any]:
    """The types of all fields that JSON tells apart by itself."""
    hints = get_type_hints(Offer, localns={"Condition": object})
    other = ("effect", "audience", "pauses")
    return {name: hint for name, hint in hints.items() if name not in other}


def _fields_of(effect: object) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(effect)
    return fields
