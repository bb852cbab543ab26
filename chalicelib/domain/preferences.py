"""Preferences: how, how often and about what a member wants to hear. Knows no storage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from chalicelib.domain.refusals import FieldError

MOST_CATEGORIES = 20
LONGEST_CATEGORY_BYTES = 40
"""So that all of them fit beside the other traits of an account."""

MOST_MESSAGES_PER_WEEK = 50


class MessageChannel(StrEnum):
    """How messages may come."""

    MAIL = "mail"
    SMS = "sms"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No message from `start` to `until`, in the program's zone; may span midnight."""

    start: time
    until: time


@dataclass(frozen=True, slots=True)
class Preferences:
    """channels: those that may be used at all, as far as consents allow. categories: of interest,
    named as on purchase lines. language: BCP 47, None for the program's. max_messages_per_week:
    None for the program's own limit."""

    channels: tuple[MessageChannel, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    max_messages_per_week: int | None = None
    quiet_hours: QuietHours | None = None


def category_errors(categories: Sequence[str], pointer: str) -> list[FieldError]:
    """What is wrong with the categories of interest."""
    errors: list[FieldError] = []
    if len(categories) > MOST_CATEGORIES:
        detail = f"At most {MOST_CATEGORIES} categories can be of interest."
        errors.append(FieldError(pointer, "too_many", detail))
    for place, category in enumerate(categories):
        fits = 0 < len(category.encode()) <= LONGEST_CATEGORY_BYTES and category.isprintable()
        if not fits or category != category.strip():
            detail = f"1 to {LONGEST_CATEGORY_BYTES} bytes of printable text are needed."
            errors.append(FieldError(f"{pointer}/{place}", "malformed", detail))
    return errors
