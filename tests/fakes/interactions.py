"""Interactions in memory: what `DynamoInteractions` promises, without a seal."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from chalicelib.domain.interactions import Answers, Interaction, Warranty
from chalicelib.domain.refusals import MemberErased
from chalicelib.domain.surveys import Survey, counted
from chalicelib.usecases.ports import Reminder, StoreUnavailable, Verdict, Write
from tests.fakes.ledger import FakeLedger
from tests.fakes.surveys import FakeSurveys


class FakeInteractions:
    """The `Interactions` port over a fake ledger and fake surveys.

    gone: members whose erasure has begun. lose_replies: so many of the next writes that land say
    nevertheless that it is unknown.
    """

    def __init__(self, ledger: FakeLedger, surveys: FakeSurveys) -> None:
        self._ledger = ledger
        self._surveys = surveys
        self._lock = threading.RLock()
        self._kept: dict[tuple[str, str], Interaction] = {}
        self._due: set[Reminder] = set()
        self.gone: set[str] = set()
        self.lose_replies = 0

    def get(self, member_id: str, interaction_id: str) -> Interaction | None:
        return self._kept.get((member_id, interaction_id))

    def page(
        self, member_id: str, after: tuple[datetime, str] | None, limit: int
    ) -> list[Interaction]:
        with self._lock:
            own = [kept for (whose, _), kept in self._kept.items() if whose == member_id]
        places = {(kept.at, kept.interaction_id): kept for kept in own}
        behind = (place for place in places if after is None or place < after)
        return [places[place] for place in sorted(behind, reverse=True)][:limit]

    def add(self, interaction: Interaction) -> bool:
        with self._lock:
            self._check_here(interaction)
            if self._place(interaction) in self._kept:
                return False
            self._put(interaction)
            self._due |= _due_of(interaction)
            self._reply()
            return True

    def answer(self, interaction: Interaction, survey: Survey, write: Write) -> Verdict:
        assert isinstance(interaction.content, Answers)
        with self._lock:
            self._check_here(interaction)
            if self._place(interaction) in self._kept:
                return Verdict.CAUSE_TAKEN
            try:
                verdict = self._ledger.commit(write)
            except StoreUnavailable:
                record = write.causes[0]
                if record in self._ledger.causes.values():
                    self._answered(interaction, survey)
                raise
            if verdict is Verdict.COMMITTED:
                self._answered(interaction, survey)
            return verdict

    def change(self, before: Interaction, after: Interaction) -> bool:
        with self._lock:
            self._check_here(after)
            kept = self._kept.get(self._place(after))
            if kept is None or kept.version != before.version:
                return False
            self._put(after)
            self._due = (self._due - _due_of(before)) | _due_of(after)
            self._reply()
            return True

    def due(self, until: date) -> Iterator[Reminder]:

        due = (hint for hint in self._due if hint.day <= until)
        yield from sorted(due, key=lambda hint: (hint.day, hint.member_id, hint.interaction_id))

    def forget(self, reminder: Reminder) -> None:
        self._due.discard(reminder)

    def erase(self, member_id: str) -> None:
        """Somebody erases the member, whose hints stay as they are."""
        self.gone.add(member_id)
        for place in [place for place in self._kept if place[0] == member_id]:
            del self._kept[place]

    def hint(self, reminder: Reminder) -> None:
        """Put a hint that leads nowhere."""
        self._due.add(reminder)

    def _answered(self, interaction: Interaction, survey: Survey) -> None:
        assert isinstance(interaction.content, Answers)
        self._put(interaction)
        self._surveys.count(survey.survey_id, counted(survey, interaction.content.answers))

    def _put(self, interaction: Interaction) -> None:
        self._kept[self._place(interaction)] = replace(interaction)

    def _check_here(self, interaction: Interaction) -> None:
        if interaction.member_id in self.gone:
            raise MemberErased

    def _reply(self) -> None:
        if self.lose_replies:
            self.lose_replies -= 1
            raise StoreUnavailable("written, and nobody says so")

    @staticmethod
    def _place(interaction: Interaction) -> tuple[str, str]:
        return interaction.member_id, interaction.interaction_id


def _due_of(interaction: Interaction) -> set[Reminder]:
    content = interaction.content
    if not isinstance(content, Warranty) or content.remind_on is None:
        return set()
    return {Reminder(content.remind_on, interaction.member_id, interaction.interaction_id)}
