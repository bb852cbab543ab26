"""Consents: per purpose what a member said last, and every time it was said. Append-only.

Each record carries all consents as they stood after it: the newest record is the consents.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.purposes import LOYALTY_TERMS, Purpose, PurposeKind, purpose_of
from chalicelib.domain.refusals import FieldError, UseErasure

_LONGEST_POLICY_VERSION = 40

NOTHING_SAID: Mapping[str, Purpose] = MappingProxyType({})
"""Of the purposes: each is what its bare name stands for."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says about one purpose, under one version of the policy."""

    purpose: str
    granted: bool
    policy_version: str


class How(StrEnum):
    """On which way a statement reached us."""

    APP = "app"
    TILL = "till"
    SIGN_UP = "sign_up"
    CONFIRMATION = "confirmation"
    UNSUBSCRIBE_LINK = "unsubscribe_link"
    COMPLAINT = "complaint"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a statement can be proved by. request_id: of the request, as its log line names it."""

    how: How
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """A statement that was recorded: when, who passed it on, and what was asked then.

    kind, channel: of the purpose as it was asked for: a program that changes cannot stretch what
    somebody consented to. confirmed: nothing is missing for it to count; False while a double
    opt-in waits. evidence: None in records of older releases.
    """

    purpose: str
    granted: bool
    policy_version: str
    at: datetime
    source: str
    kind: PurposeKind = PurposeKind.OTHER
    channel: MessageChannel | None = None
    confirmed: bool = True
    evidence: Evidence | None = None

    @property
    def in_force(self) -> bool:
        """Whether anything may rest on it."""
        return self.granted and self.confirmed

    @property
    def waits(self) -> bool:
        """Whether a double opt-in is missing."""
        return self.granted and not self.confirmed

    @property
    def channels(self) -> tuple[MessageChannel, ...]:
        """The channels on which it lets a member be written to."""
        return Purpose(self.purpose, self.kind, self.channel).channels


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """The record number `seq` (from 1) of a member, and all consents after it, by purpose."""

    seq: int
    said: Consent
    standing: Mapping[str, Consent]


def purposes_in_force(last: ConsentRecord, asked: Iterable[str]) -> tuple[str, ...]:
    """The purposes whose consent is in force, of those that the program asks for, sorted."""
    granted = {consent.purpose for consent in last.standing.values() if consent.in_force}
    return tuple(sorted(granted.intersection(asked)))


def allows_profiling(last: ConsentRecord) -> bool:
    """Whether what a member does and likes may be used for what it is offered."""
    standing = last.standing.values()
    return any(said.in_force and said.kind is PurposeKind.PROFILING for said in standing)


def recorded(
    last: ConsentRecord | None,
    statements: Sequence[Statement],
    source: str,
    at: datetime,
    *,
    asked: Mapping[str, Purpose] = NOTHING_SAID,
    evidence: Evidence | None = None,
) -> tuple[ConsentRecord, ...]:
    """The records that follow `last`: one for each statement that says something new.

    asked: the purposes as the program asks for them; one with double opt-in is granted and not yet
    confirmed. Raises UseErasure when the loyalty terms would be withdrawn.
    """
    standing = dict(last.standing) if last else {}
    seq = last.seq if last else 0
    if last:  # as in an account: who reads the instants alone finds the order of the records
        at = max(at, last.said.at)
    records: list[ConsentRecord] = []
    for statement in statements:
        if statement.purpose == LOYALTY_TERMS and not statement.granted:
            raise UseErasure
        purpose = asked.get(statement.purpose) or purpose_of(statement.purpose)
        before = standing.get(statement.purpose)
        if before and _asked_and_said(before) == (statement, purpose.kind, purpose.channel):
            continue
        said = Consent(
            statement.purpose,
            statement.granted,
            statement.policy_version,
            at=at,
            source=source,
            kind=purpose.kind,
            channel=purpose.channel,
            confirmed=not (statement.granted and purpose.double_opt_in),
            evidence=evidence,
        )
        standing[said.purpose] = said
        seq += 1
        records.append(ConsentRecord(seq, said, dict(standing)))
    return tuple(records)


def confirmed(
    last: ConsentRecord, purposes: Iterable[str], source: str, at: datetime, evidence: Evidence
) -> tuple[ConsentRecord, ...]:
    """The records that follow `last` when these purposes are confirmed; none for those that wait
    for nothing."""
    at = max(at, last.said.at)
    standing, seq = dict(last.standing), last.seq
    records: list[ConsentRecord] = []
    for purpose in purposes:
        before = standing.get(purpose)
        if before is None or not before.waits:
            continue
        seq += 1
        said = replace(before, confirmed=True, at=at, source=source, evidence=evidence)
        standing[purpose] = said
        records.append(ConsentRecord(seq, said, dict(standing)))
    return tuple(records)


def asked_by_code(last: ConsentRecord | None, channel: MessageChannel) -> tuple[Consent, ...]:
    """Consents that a code sent on this channel confirms too: those that were said on joining.

    Every letter with a code names them, so that whoever sends the code back has read of them. Who
    grants one later, in the app, gets a letter of its own.
    """
    standing = last.standing.values() if last is not None else ()
    joining = (How.SIGN_UP, How.TILL)
    return tuple(
        said
        for said in sorted(standing, key=lambda said: said.purpose)
        if said.waits and said.channel is channel and said.evidence and said.evidence.how in joining
    )


def _asked_and_said(
    consent: Consent,
) -> tuple[Statement, PurposeKind, MessageChannel | None]:
    said = Statement(consent.purpose, consent.granted, consent.policy_version)
    return said, consent.kind, consent.channel


def statement_errors(
    statements: Sequence[Statement], purposes: Collection[str], pointer: str = "/consents"
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


def joining_errors(statements: Sequence[Statement], purposes: Collection[str]) -> list[FieldError]:
    """The same for statements made on joining, where the loyalty terms must be granted."""
    errors = statement_errors(statements, purposes)
    if not any(said.purpose == LOYALTY_TERMS and said.granted for said in statements):
        errors.append(TERMS_REQUIRED)
    return errors
