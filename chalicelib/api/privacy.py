"""What is held of people and why: the notice that everybody can read, and the officers' record."""

import re
from typing import Literal

import msgspec

from chalicelib.api.privacy_models import (
    Language,
    NoticeAnswer,
    RecordAnswer,
    notice_answer,
    record_answer,
    record_csv,
)
from chalicelib.api.shell import PUBLIC, Answer, Call, Routes
from chalicelib.domain.callers import Scope
from chalicelib.usecases.read_program import program_if_any

routes = Routes(__name__)

_CSV = "text/csv; charset=utf-8"
_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8})[A-Za-z0-9-]*\s*(?:;\s*q\s*=\s*([0-9.]{1,5})\s*)?", re.ASCII
)


class NoticeQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """language: goes before Accept-Language; English where neither names one that there is."""

    language: Literal["en", "de"] | None = None


class RecordQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """format: `csv` gives the rows alone, for a spreadsheet."""

    format: Literal["json", "csv"] = "json"


@routes.get(
    "/v1/privacy/notice",
    opens=PUBLIC,
    summary="Read what is held of members, why, for how long, and who sees it",
    query=NoticeQuery,
    headers={"Accept-Language": "The languages that you read; German and English are there."},
    answers={200: NoticeAnswer},
)
def get_privacy_notice(call: Call[None, NoticeQuery]) -> Answer:
    """Made of the register that tests hold complete: what is not in here is not stored."""
    language = call.query.language or wanted(call.headers.get("accept-language", ""))
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    answer = notice_answer(program_if_any(call.ports), language)
    return Answer(200, answer, headers=headers)


@routes.get(
    "/v1/privacy/record",
    opens=(Scope.AUDIT_READ,),
    summary="Read the record of processing: every stored field",
    query=RecordQuery,
    answers={200: RecordAnswer},
    also=_CSV,
)
def get_privacy_record(call: Call[None, RecordQuery]) -> Answer:
    """What Article 30 of the GDPR asks for, field by field."""
    if call.query.format == "csv":
        return Answer(200, record_csv())
    return Answer(200, record_answer(program_if_any(call.ports)))


def wanted(accepted: str) -> Language:
    """The language of an Accept-Language header that is asked for most, of those there are."""
    asked: list[tuple[float, Language]] = []
    for part in accepted.split(",")[:20]:
        match = _RANGE.fullmatch(part)
        if match is None:
            continue
        name, quality = match[1].lower(), _quality(match[2])
        if name == "de" and quality > 0:
            asked.append((quality, "de"))
        elif name == "en" and quality > 0:
            asked.append((quality, "en"))
    return max(asked, key=lambda one: one[0])[1] if asked else "en"


def _quality(text: str | None) -> float:
    """0 for what is no number: such a range is passed over."""
    if text is None:
        return 1.0
    try:
        return float(text)
    except ValueError:
        return 0.0
