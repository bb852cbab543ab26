"""Surveys and the sums of their answers in the table `config`. Knows no HTTP and no members.

A survey's sums are spread over counters (shards), so that many can answer at once: each holds how
many answers it has counted (`n`), and how often each was given (`c_<question>_<answer>`).
"""

from collections import Counter
from datetime import datetime

from pynamodb.expressions.operand import Path

from chalicelib.domain.due import shard_of
from chalicelib.domain.surveys import Survey
from chalicelib.storage import keys
from chalicelib.storage.documents import decoded, encoded
from chalicelib.storage.reading import get, raw_partition
from chalicelib.storage.tables import ConfigItem, IntAttribute
from chalicelib.storage.versions import CreatedItem, VersionedItem, newest_first, put_version
from chalicelib.storage.writing import Update
from chalicelib.usecases.ports import Sums

_ANSWERS = "n"
_COUNTED = "c_"


class SurveyItem(VersionedItem, discriminator="survey"):
    """The newest version of a survey."""

    def survey(self) -> Survey:
        return decoded(Survey, self.document, self.schema)


class CreatedSurveyItem(CreatedItem, discriminator="survey_created"):
    """Version 1 of a survey: what a repeated creation is answered with."""


class SurveySumsItem(ConfigItem, discriminator="survey_sums"):
    """One shard's counters. Those of answers have no attributes here: they are named by them."""

    n = IntAttribute()


def count_answer(survey_id: str, counted: tuple[str, ...], whose: str) -> Update:
    """Count an answer in the shard that `whose` leads to."""
    item = SurveySumsItem(keys.survey_sums(survey_id), keys.survey_shard(shard_of(whose)))
    named = [Path(f"{_COUNTED}{name}") for name in counted]
    discriminator = Path("t").set("survey_sums")
    return Update(item, [discriminator, *(path.add(1) for path in (Path(_ANSWERS), *named))])


class DynamoSurveys:
    """The `Surveys` port over the bound tables."""

    def get(self, survey_id: str) -> Survey | None:
        item = get(SurveyItem, keys.SURVEY, survey_id)
        return item.survey() if item else None

    def all(self) -> list[Survey]:
        return [item.survey() for item in newest_first(SurveyItem, keys.SURVEY)]

    def put(self, survey: Survey, at: datetime) -> bool:
        item = SurveyItem(keys.SURVEY, survey.survey_id)
        item.version, item.document = survey.version, encoded(survey)
        created = CreatedSurveyItem(keys.survey_created(survey.survey_id), keys.ONLY)
        return put_version(item, created, at)

    def as_created(self, survey_id: str) -> Survey | None:
        item = get(CreatedSurveyItem, keys.survey_created(survey_id), keys.ONLY)
        return decoded(Survey, item.document, item.schema) if item else None

    def sums(self, survey_id: str) -> Sums:
        tally: Counter[str] = Counter()
        for item in raw_partition(SurveySumsItem, keys.survey_sums(survey_id)):
            tally.update({name: int(value["N"]) for name, value in item.items() if "N" in value})
        answers = tally.pop(_ANSWERS, 0)
        return Sums(answers, {name.removeprefix(_COUNTED): n for name, n in tally.items()})
