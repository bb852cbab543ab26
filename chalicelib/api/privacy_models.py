"""The privacy notice and the record of processing as they are answered, made of the register."""

import csv
import io
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Literal, TypeVar

import msgspec

from chalicelib.domain.program import Controller, Program
from chalicelib.domain.purposes import Purpose as AskedPurpose
from chalicelib.domain.register import REGISTER, Item, Row, Words, words
from chalicelib.domain.register.rights import RIGHTS

Language = Literal["en", "de"]

Code = TypeVar("Code", bound=StrEnum)


class ControllerAnswer(msgspec.Struct, frozen=True):
    """Who answers for the data. contact: how to reach them about it."""

    name: str
    contact: str


class Said(msgspec.Struct, frozen=True):
    """code: stays the same in every language."""

    code: str
    text: str


class HeldAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of data. goes_to: who gets it beside the host."""

    what: str
    purpose: Said
    legal_basis: Said
    retention: Said
    seen_by: list[Said]
    goes_to: list[Said]


class AskedAnswer(msgspec.Struct, frozen=True):
    """A purpose that the program asks consent for. text: what is asked, where the program says."""

    purpose: str
    kind: str
    text: str | None


class RightAnswer(msgspec.Struct, frozen=True):
    """articles: of the GDPR. call: of this API, with `me` for the member's own id."""

    right: str
    articles: str
    text: str
    call: str | None


class NoticeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """controller: null until the program names one."""

    language: Language
    controller: ControllerAnswer | None
    held: list[HeldAnswer]
    asked: list[AskedAnswer]
    rights: list[RightAnswer]
    host: str


class RecordRow(msgspec.Struct, frozen=True, kw_only=True):
    """One stored field. exported: whether a member's own copy shows it, and in which of its files;
    else `withheld` says why not, where it is personal."""

    place: str
    item: str
    field: str
    words: str
    personal: bool
    purpose: str
    legal_basis: str
    retention: str
    seen_by: list[str]
    goes_to: list[str]
    exported: str | None
    withheld: str | None


class RecordAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The record of processing (Article 30 GDPR). codes: what each code in the rows means."""

    controller: ControllerAnswer | None
    data_subjects: list[str]
    security: list[str]
    host: str
    codes: dict[str, str]
    rows: list[RecordRow]


DATA_SUBJECTS = ["Members of the program", "People who began to sign up", "Staff, by their id"]
SECURITY = [
    "Personal fields are sealed one by one with a key of the member's own (AES-256-GCM), which AWS "
    "KMS wraps; destroying that key destroys them, in backups too.",
    "Identifiers stand in keys as digests only (HMAC-SHA-256 with a secret key).",
    "Every table and bucket is encrypted at rest; everything travels over TLS.",
    "Each function has a role of its own that may do what it needs and nothing else.",
    "Staff see details masked unless they state a reason, and every look is recorded.",
    "Payment card numbers are refused in every text and never stored.",
]


def notice_answer(program: Program | None, language: Language) -> NoticeAnswer:
    """What members are told, in their language."""
    asked = program.asks_for.values() if program is not None else ()
    return NoticeAnswer(
        language=language,
        controller=_controller(program),
        held=[_held(item, item.told, language) for item in REGISTER.items if item.told],
        asked=[_asked(purpose) for purpose in asked],
        rights=[
            RightAnswer(right.right, right.articles, _in(right.words, language), right.call)
            for right in RIGHTS
        ],
        host=_in(words.HOST, language),
    )


def record_answer(program: Program | None) -> RecordAnswer:
    """What a supervisory authority may ask for."""
    return RecordAnswer(
        controller=_controller(program),
        data_subjects=DATA_SUBJECTS,
        security=SECURITY,
        host=words.HOST.en,
        codes=dict(_codes()),
        rows=[_record_row(row) for row in REGISTER.rows],
    )


def record_csv() -> str:
    """The rows of the record as CSV, with a header line; several codes are parted by spaces."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(RecordRow.__struct_fields__)
    for row in REGISTER.rows:
        lines.writerow(_cell(value) for value in msgspec.structs.astuple(_record_row(row)))
    return text.getvalue()


def _cell(value: object) -> object:
    match value:
        case list():
            return " ".join(value)
        case bool():
            return "yes" if value else "no"
        case None:
            return ""
        case _:
            return value


def _controller(program: Program | None) -> ControllerAnswer | None:
    named: Controller | None = program.controller if program is not None else None
    return ControllerAnswer(named.name, named.contact) if named is not None else None


def _held(item: Item, told: Words, language: Language) -> HeldAnswer:
    return HeldAnswer(
        what=_in(told, language),
        purpose=_said(item.purpose, words.PURPOSES, language),
        legal_basis=_said(item.basis, words.BASES, language),
        retention=_said(item.retention, words.RETENTIONS, language),
        seen_by=[_said(reader, words.READERS, language) for reader in item.seen_by],
        goes_to=[_said(recipient, words.RECIPIENTS, language) for recipient in item.goes_to],
    )


def _asked(purpose: AskedPurpose) -> AskedAnswer:
    return AskedAnswer(purpose.purpose, str(purpose.kind), purpose.text)


def _said(code: Code, texts: Mapping[Code, Words], language: Language) -> Said:
    return Said(str(code), _in(texts[code], language))


def _in(said: Words, language: Language) -> str:
    return said.de if language == "de" else said.en


def _codes() -> Iterator[tuple[str, str]]:
    """What every code of a column means."""
    yield from _column("purpose", words.PURPOSES)
    yield from _column("legal_basis", words.BASES)
    yield from _column("retention", words.RETENTIONS)
    yield from _column("seen_by", words.READERS)
    yield from _column("goes_to", words.RECIPIENTS)


def _column(name: str, texts: Mapping[Code, Words]) -> Iterator[tuple[str, str]]:
    yield from ((f"{name}/{code}", said.en) for code, said in texts.items())


def _record_row(row: Row) -> RecordRow:
    item, field = row.item, row.field
    return RecordRow(
        place=str(item.place),
        item=item.name,
        field=field.name,
        words=field.words,
        personal=field.personal,
        purpose=str(item.purpose),
        legal_basis=str(item.basis),
        retention=str(item.retention),
        seen_by=[str(reader) for reader in item.seen_by],
        goes_to=[str(recipient) for recipient in item.goes_to],
        exported=item.section if row.exported else None,
        withheld=field.withheld or None,
    )
