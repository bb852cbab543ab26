"""Consents: per purpose what a member said last, and every time it was said. Append-only.

Each record carries all consents as they stood after it: the newest record is the consents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.refusals import FieldError, UseErasure

LOYALTY_TERMS = "loyalty_terms"
"""The purpose that membership itself rests on."""

_LONGEST_POLICY_VERSION = 40


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says about one purpose, under one version of the policy."""

    purpose: str
    granted: bool
    policy_version: str


@dataclass(frozen=True, slots=True)
class Consent:
    """A statement that was recorded: when, and who passed it on."""

    purpose: str
    granted: bool
    policy_version: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """The record number `seq` (from 1) of a member, and all consents after it, by purpose."""

    seq: int
    said: Consent
    standing: Mapping[str, Consent]


def granted_purposes(last: ConsentRecord, asked: Sequence[str]) -> tuple[str, ...]:
    """The purposes that stand granted, of those that the program asks for, sorted."""
    granted = {consent.purpose for consent in last.standing.values() if consent.granted}
    return tuple(sorted(granted.intersection(asked)))


def recorded(
    last: ConsentRecord | None, statements: Sequence[Statement], source: str, at: datetime
) -> tuple[ConsentRecord, ...]:
    """The records that follow `last`: one for each statement that says something new.

    Raises UseErasure when the loyalty terms would be withdrawn.
    """
    standing = dict(last.standing) if last else {}
    seq = last.seq if last else 0
    if last:  # as in an account: who reads the instants alone finds the order of the records
        at = max(at, last.said.at)
    records: list[ConsentRecord] = []
    for statement in statements:
        if statement.purpose == LOYALTY_TERMS and not statement.granted:
            raise UseErasure
        before = standing.get(statement.purpose)
        if before and _says(before) == statement:
            continue
        said = Consent(
            statement.purpose, statement.granted, statement.policy_version, at=at, source=source
        )
        standing[said.purpose] = said
        seq += 1
        records.append(ConsentRecord(seq, said, dict(standing)))
    return tuple(records)


def _says(consent: Consent) -> Statement:
    return Statement(consent.purpose, consent.granted, consent.policy_version)


def statement_errors(
    statements: Sequence[Statement], purposes: Sequence[str], pointer: str = "/consents"
) -> list[FieldError]:
    """What is wrong with statements, given the purposes that the program asks for."""
    errors: list[FieldError] = []
    seen: set[str] = set()
    for place, statement in enumerate(statements):
        here = f"{pointer}/{place}"
        if statement.purpose not in {*purposes, LOYALTY_TERMS}:
            known = ", ".join(sorted({*purposes, LOYALTY_TERMS}))
            errors.append(
                FieldError(f"{here}/purpose", "unknown_purpose", f"The program knows {known}.")
            )
        elif statement.purpose in seen:
            errors.append(
                FieldError(f"{here}/purpose", "duplicate", "This purpose is named twice.")
            )
        seen.add(statement.purpose)
        if not _is_policy_version(statement.policy_version):
            detail = f"1 to {_LONGEST_POLICY_VERSION} visible ASCII characters are needed."
            errors.append(FieldError(f"{here}/policy_version", "malformed", detail))
    return errors


def _is_policy_version(text: str) -> bool:
    short = 0 < len(text) <= _LONGEST_POLICY_VERSION
    return short and text.isascii() and text.isprintable() and " " not in text


TERMS_REQUIRED = FieldError(
    "/consents",
    "loyalty_terms_required",
    "The loyalty terms must be granted to become a member.",
)


def joining_errors(statements: Sequence[Statement], purposes: Sequence[str]) -> list[FieldError]:
    """The same for statements made on joining, where the loyalty terms must be granted."""
    errors = statement_errors(statements, purposes)
    if not any(said.purpose == LOYALTY_TERMS and said.granted for said in statements):
        errors.append(TERMS_REQUIRED)
    return errors
