"""What members told us: interactions, the surveys that some answer, reminders that are due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chalicelib.domain.interactions import Interaction
from chalicelib.domain.surveys import Survey, Tally
from chalicelib.usecases.ports.ledger import Verdict, Write


@dataclass(frozen=True, slots=True)
class Sums:
    """answers: how many there are. tally: as `domain.surveys.counted` calls them."""

    answers: int
    tally: Tally


class Surveys(Protocol):
    """Surveys and competitions. Every method may raise StoreUnavailable; reads are consistent."""

    def get(self, survey_id: str) -> Survey | None:
        """A survey as it is."""
        ...

    def all(self) -> list[Survey]:
        """Every survey, newest first."""
        ...

    def put(self, survey: Survey, at: datetime) -> bool:
        """Write a version if the stored one is its predecessor (or nothing, for version 1); False
        when somebody was faster."""
        ...

    def as_created(self, survey_id: str) -> Survey | None:
        """Version 1 of a survey, whatever became of it."""
        ...

    def sums(self, survey_id: str) -> Sums:
        """What was answered, without a word of who did."""
        ...


@dataclass(frozen=True, slots=True)
class Reminder:
    """A hint that a member is to be reminded of an interaction on a day."""

    day: date
    member_id: str
    interaction_id: str


class Interactions(Protocol):
    """Interactions, sealed with the member's own key. Every method may raise StoreUnavailable;
    those that write for a member raise MemberErased once its erasure has begun, and those that open
    or seal something MemberNotFound where nobody has such a key. Reads are consistent, but for
    `due`."""

    def get(self, member_id: str, interaction_id: str) -> Interaction | None:
        """One interaction, opened."""
        ...

    def page(
        self, member_id: str, after: tuple[datetime, str] | None, limit: int
    ) -> list[Interaction]:
        """Interactions, newest first, those behind the one of an instant and an id."""
        ...

    def add(self, interaction: Interaction) -> bool:
        """Keep a new one, and what is due of it; False when one has its id."""
        ...

    def answer(self, interaction: Interaction, survey: Survey, write: Write) -> Verdict:
        """Keep a new one that answers a survey, count its answers, and write to the ledger what
        they give: all of it or nothing. As `Ledger.commit`; CAUSE_TAKEN where one has its id."""
        ...

    def change(self, before: Interaction, after: Interaction) -> bool:
        """Put the next version over its predecessor, and what is due of it in place of what was;
        False when somebody else was faster."""
        ...

    def due(self, until: date) -> Iterator[Reminder]:
        """Whom to remind by a day, included; those of earlier days first within a shard. Hints."""
        ...

    def forget(self, reminder: Reminder) -> None:
        """Drop a hint that leads nowhere."""
        ...
