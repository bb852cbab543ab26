"""A member grants or withdraws consents; every change is one more record, none is ever changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.consents import (
    Consent,
    ConsentRecord,
    Statement,
    granted_purposes,
    recorded,
    statement_errors,
)
from chalicelib.domain.findings import Findings
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.traits import Traits
from chalicelib.usecases.keep_traits import changed_traits
from chalicelib.usecases.ports import PeopleWrite, Ports
from chalicelib.usecases.read_consents import in_order, last_record
from chalicelib.usecases.save_people import save_people
from chalicelib.usecases.settle import Waiting

_SOURCE = "member"


def set_consents(
    ports: Ports, member_id: str, statements: Sequence[Statement], now: datetime
) -> list[Consent]:
    """Record what is said about some purposes; the others stay. All consents after it.

    Raises MemberNotFound, InvalidContent, UseErasure, TryAgain.
    """
    waiting = Waiting(ports.patience)
    while True:
        last = last_record(ports, member_id)
        _check(ports, statements)
        records = recorded(last, statements, _SOURCE, whole_milliseconds(now))
        if not records:
            return in_order(last)
        if save_people(ports, _write(ports, member_id, records)) == "saved":
            return in_order(records[-1])
        waiting.once_more()


def _check(ports: Ports, statements: Sequence[Statement]) -> None:
    findings = Findings()
    findings.add(statement_errors(statements, ports.programs.active().purposes))
    findings.settle()


def _write(ports: Ports, member_id: str, records: tuple[ConsentRecord, ...]) -> PeopleWrite:
    kept = ports.people.traits(member_id)
    granted = granted_purposes(records[-1], ports.programs.active().purposes)
    traits = replace(kept or Traits(), purposes=granted)
    return PeopleWrite(member_id, consents=records, traits=changed_traits(kept, traits))
