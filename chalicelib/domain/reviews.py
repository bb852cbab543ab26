"""What is known of an account that somebody looks at. Knows no account: it is a part of one."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Suspicion(StrEnum):
    """Why an account is looked at. refunds: much of what was bought came back. referral: who was
    brought is perhaps who brought. staff: somebody of support wants to look."""

    REFUNDS = "refunds"
    REFERRAL = "referral"
    STAFF = "staff"


class ReviewOutcome(StrEnum):
    """What somebody who looked decides: held points are the member's, or they are not."""

    RELEASE = "release"
    FORFEIT = "forfeit"


@dataclass(frozen=True, slots=True)
class Review:
    """since: the day on which the account came under review, in the program's zone. behind: the
    number of the account's newest entry by then, which names the review."""

    since: date
    suspicion: Suspicion
    behind: int


REVIEW_OPENED = "review:opened"
REVIEW_RELEASED = "review:released"
REVIEW_FORFEITED = "review:forfeited"
"""The reasons of the entries that begin and end a review."""


@dataclass(frozen=True, slots=True)
class WrittenOff:
    """Points that reviews took and no return has asked for since. on: the day of the last one."""

    points: int
    on: date
