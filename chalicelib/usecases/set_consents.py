"""A member grants or withdraws consents; every change is one more record, none is ever changed.

What needs a double opt-in is granted at once and in force when its letter's link came back.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.consents import (
    Consent,
    ConsentRecord,
    Evidence,
    How,
    Statement,
    recorded,
    statement_errors,
)
from chalicelib.domain.findings import Findings
from chalicelib.domain.freshness import FreshnessChange
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.usecases.ask_to_confirm import OptIn, opt_ins, take_and_address
from chalicelib.usecases.keep_traits import after_consents
from chalicelib.usecases.ports import PeopleWrite, Ports
from chalicelib.usecases.reach_of import reach_change, reach_of
from chalicelib.usecases.read_consents import in_order, last_record
from chalicelib.usecases.save_people import save_people
from chalicelib.usecases.settle import Waiting

_SOURCE = "member"
_NO_REQUEST = Evidence(How.APP)


def set_consents(
    ports: Ports,
    member_id: str,
    statements: Sequence[Statement],
    now: datetime,
    evidence: Evidence = _NO_REQUEST,
) -> list[Consent]:
    """Record what is said about some purposes; the others stay. All consents after it.

    Said again, what waits for its double opt-in gets another letter. Raises MemberNotFound,
    InvalidContent, UseErasure, TooManyRequests, TryAgain, StoreUnavailable.
    """
    said = {statement.purpose for statement in statements}
    letters: list[OptIn] | None = None
    waiting = Waiting(ports.patience)
    while True:
        last = last_record(ports, member_id)
        _check(ports, statements)
        records = recorded(
            last,
            statements,
            _SOURCE,
            whole_milliseconds(now),
            asked=ports.programs.active().asks_for,
            evidence=evidence,
        )
        after = records[-1] if records else last
        if letters is None:  # counted once, however often it is tried
            letters = take_and_address(ports, member_id, opt_ins(after, said), now)
        if not records or save_people(ports, write_of(ports, member_id, records)) == "saved":
            for letter in letters:
                letter.send(ports, after, now)
            return in_order(after)
        waiting.once_more()


def write_of(ports: Ports, member_id: str, records: tuple[ConsentRecord, ...]) -> PeopleWrite:
    """What has to be written for these records: with all that rests on a consent."""
    reach = reach_of(ports, member_id)  # first: what is read after it, it vouches for
    return PeopleWrite(
        member_id,
        consents=records,
        traits=after_consents(ports, member_id, records[-1]),
        reach=reach_change(reach, consents=records),
        freshness=FreshnessChange(active_at=records[-1].said.at),
    )


def _check(ports: Ports, statements: Sequence[Statement]) -> None:
    findings = Findings()
    findings.add(statement_errors(statements, ports.programs.active().asks_for))
    findings.settle()
