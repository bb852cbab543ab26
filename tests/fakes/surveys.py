"""Surveys and their sums, in memory."""

import threading
from collections import Counter
from datetime import datetime

from chalicelib.domain.surveys import Survey
from chalicelib.usecases.ports import StoreUnavailable, Sums


class FakeSurveys:
    """The `Surveys` port without a store.

    lose_replies: so many of the next writes that land say nevertheless that it is unknown.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._versions: dict[str, list[Survey]] = {}
        self._answers: Counter[str] = Counter()
        self._tally: dict[str, Counter[str]] = {}
        self.lose_replies = 0

    def get(self, survey_id: str) -> Survey | None:
        versions = self._versions.get(survey_id)
        return versions[-1] if versions else None

    def all(self) -> list[Survey]:
        return [versions[-1] for versions in reversed(self._versions.values())]

    def put(self, survey: Survey, at: datetime) -> bool:  # noqa: ARG002  # kept in their order here
        with self._lock:
            versions = self._versions.setdefault(survey.survey_id, [])
            if survey.version != len(versions) + 1:
                return False
            versions.append(survey)
            if self.lose_replies:
                self.lose_replies -= 1
                raise StoreUnavailable("written, and nobody says so")
            return True

    def as_created(self, survey_id: str) -> Survey | None:
        return next(iter(self._versions.get(survey_id, [])), None)

    def sums(self, survey_id: str) -> Sums:
        return Sums(self._answers[survey_id], dict(self._tally.get(survey_id, {})))

    def count(self, survey_id: str, counted: tuple[str, ...]) -> None:
        """Count an answer, as who keeps one does."""
        with self._lock:
            self._answers[survey_id] += 1
            self._tally.setdefault(survey_id, Counter()).update(counted)
