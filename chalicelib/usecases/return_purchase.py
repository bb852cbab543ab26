"""A till takes something back: the points of what no longer remains go, exactly."""

from dataclasses import asdict, dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.callers import Caller
from chalicelib.domain.entries import EntryKind, Why, commitment_to
from chalicelib.domain.explanations import Explanation, explained
from chalicelib.domain.fingerprints import differing, fingerprint
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.program import Program
from chalicelib.domain.purchase_texts import pack_return
from chalicelib.domain.purchases import PurchaseFile, ReturnRecord, Taken, Terms
from chalicelib.domain.refusals import ConflictingReplay
from chalicelib.domain.returns import NOTHING_TAKEN, Returned, Rows, returned_rows, take
from chalicelib.usecases.current import current
from chalicelib.usecases.ports import Outcome, Ports, Write
from chalicelib.usecases.read_purchase import read_purchase
from chalicelib.usecases.settle import Attempts, Plan, preview, settle


@dataclass(frozen=True, slots=True)
class ReturnPurchase:
    """returned: lines, or an amount in minor units."""

    purchase_id: str
    return_id: str
    returned: Returned


@dataclass(frozen=True, slots=True)
class PurchaseReturned:
    return_id: str
    points: Taken
    explanation: tuple[Explanation, ...]


def return_purchase(
    ports: Ports, caller: Caller, command: ReturnPurchase, now: datetime, *, dry_run: bool = False
) -> Outcome[PurchaseReturned]:
    """Return a part or all of a purchase, once for each return id.

    Raises PurchaseNotFound, ReturnExceedsPurchase, InvalidContent, ConflictingReplay, TryAgain.
    """
    returning = _Returning(ports, caller, command, now)
    return (preview if dry_run else settle)(ports, returning.decide, returning.replay)


class _Returning:
    """One return on its way in."""

    def __init__(
        self, ports: Ports, caller: Caller, command: ReturnPurchase, now: datetime
    ) -> None:
        self._ports = ports
        self._caller = caller
        self._command = command
        self._now = now
        self._salt = ports.entropy(16)

    def decide(self, _: Attempts) -> Plan[PurchaseReturned] | Outcome[PurchaseReturned]:
        file = read_purchase(self._ports, self._caller, self._command.purchase_id)
        program = self._ports.programs.version(file.record.program_version)
        earlier = self._earlier(file, program)
        if earlier is not None:
            return Outcome(earlier, replayed=True)
        rows = returned_rows(file, self._command.returned)
        if file.account_id is not None:
            return self._from_account(file, file.account_id, program, rows)
        record = self._record(file, rows, NOTHING_TAKEN, (), whole_milliseconds(self._now))
        return Plan(Write((record,)), _answer(program, record))

    def replay(self) -> PurchaseReturned | None:
        file = read_purchase(self._ports, self._caller, self._command.purchase_id)
        return self._earlier(file, self._ports.programs.version(file.record.program_version))

    def _from_account(
        self, file: PurchaseFile, account_id: str, program: Program, rows: Rows
    ) -> Plan[PurchaseReturned]:
        cause = causes.of_purchase(file.record.name, file.next_number)
        at = current(self._ports, account_id, cause, self._now)
        after, taken, why = take(at.account, Terms(program, at.program, at.today), file, rows)
        entries = at.entries(
            after,
            kind=EntryKind.RETURN,
            cause=cause,
            program_version=program.version,
            why=why,
            commitment=commitment_to(self._salt, pack_return(self._command.return_id, rows)),
        )
        record = self._record(file, rows, taken, why, entries[-1].at)
        return Plan(Write((record,), entries), _answer(program, record))

    def _earlier(self, file: PurchaseFile, program: Program) -> PurchaseReturned | None:
        """The answer of the same return where it landed before."""
        for record in file.returns:
            if record.return_id == self._command.return_id:
                differs = differing(record.fingerprint, self._content())
                if differs:
                    raise ConflictingReplay(differing=differs)
                return _answer(program, record)
        return None

    def _record(
        self, file: PurchaseFile, rows: Rows, taken: Taken, why: tuple[Why, ...], at: datetime
    ) -> ReturnRecord:
        return ReturnRecord(
            name=file.record.name,
            number=file.next_number,
            return_id=self._command.return_id,
            at=at,
            lines=rows,
            taken=taken,
            why=why,
            fingerprint=self._content(),
            salt=self._salt,
        )

    def _content(self) -> dict[str, str]:
        returned = self._command.returned
        if isinstance(returned, int):
            return fingerprint({"amount_minor": returned})
        return fingerprint({"lines": [asdict(line) for line in returned]})


def _answer(program: Program, record: ReturnRecord) -> PurchaseReturned:
    return PurchaseReturned(record.return_id, record.taken, explained(program, record.why))
