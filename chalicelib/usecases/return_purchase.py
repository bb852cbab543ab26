"""A till takes something back: the points of what no longer remains go, exactly. What comes back
before its purchase waits for it."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TypeVar

from chalicelib.domain import causes
from chalicelib.domain.callers import Caller
from chalicelib.domain.explanations import Explanation, explained
from chalicelib.domain.fingerprints import differing, fingerprint
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.purchases import PurchaseFile, ReturnRecord, Taken
from chalicelib.domain.redemptions import RedemptionRecord
from chalicelib.domain.refusals import ConflictingReplay, InvalidContent, TooManyReturnsWaiting
from chalicelib.domain.returned import (
    MOST_WAITING,
    AwaitedPurchase,
    Returned,
    WaitingReturn,
    repeated_lines,
)
from chalicelib.domain.returns import returned_rows
from chalicelib.usecases.apply_return import (
    Given,
    SentReturn,
    apply_return,
    flowing_back,
    return_of_nobodys,
)
from chalicelib.usecases.choose_offers import granted_to
from chalicelib.usecases.heirs import current_of
from chalicelib.usecases.pay_with_points import paid_with
from chalicelib.usecases.ports import Outcome, Ports, Write
from chalicelib.usecases.post_purchase import purchase_name
from chalicelib.usecases.settle import Attempts, Plan, preview, settle
from chalicelib.usecases.told_offers import offers_given


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


@dataclass(frozen=True, slots=True)
class ReturnKept:
    """The return waits: its purchase has not come yet, or had not when the return came."""

    return_id: str


Reply = PurchaseReturned | ReturnKept

Kept = TypeVar("Kept", ReturnRecord, WaitingReturn)


def return_purchase(
    ports: Ports, caller: Caller, command: ReturnPurchase, now: datetime, *, dry_run: bool = False
) -> Outcome[Reply]:
    """Return a part or all of a purchase, once for each return id; keep it where the purchase has
    not come yet.

    Raises ReturnExceedsPurchase, InvalidContent, ConflictingReplay, TooManyReturnsWaiting,
    TryAgain.
    """
    returning = _Returning(ports, caller, command, now)
    return (preview if dry_run else settle)(ports, returning.decide, returning.replay)


class _Returning:
    """One return on its way in."""

    def __init__(
        self, ports: Ports, caller: Caller, command: ReturnPurchase, now: datetime
    ) -> None:
        self._ports = ports
        self._command = command
        self._now = now
        self._name = purchase_name(ports, caller, command.purchase_id)
        self._sent = SentReturn(command.return_id, _content(command.returned), ports.entropy(16))

    def decide(self, _: Attempts) -> Plan[Reply] | Outcome[Reply]:
        file = self._ports.ledger.purchase(self._name)
        earlier = self._earlier(file)
        if earlier is not None:
            return Outcome(earlier, replayed=True)
        if not isinstance(file, PurchaseFile):
            return self._keep(file or AwaitedPurchase(self._name, ()))
        if file.account_id is not None:
            return self._from_account(file, file.account_id)
        rows = returned_rows(file, self._command.returned)
        record = return_of_nobodys(file, self._sent, rows)
        record = replace(record, at=whole_milliseconds(self._now))
        return Plan(Write((record,)), self._answer(file, record, ()))

    def replay(self) -> Reply | None:
        return self._earlier(self._ports.ledger.purchase(self._name))

    def _from_account(self, file: PurchaseFile, account_id: str) -> Plan[Reply]:
        rows = returned_rows(file, self._command.returned)
        cause = causes.of_purchase(self._name, file.next_number)
        at = current_of(self._ports, account_id, cause, self._now, file.member_id)
        rules = self._ports.programs.version(file.record.program_version)
        redemptions = paid_with(self._ports, file.record.purchase)
        given = Given(redemptions, granted_to(self._ports, file))
        applied = apply_return(at, rules, file, self._sent, rows, given)
        answer = self._answer(file, applied.record, redemptions)
        budgets = flowing_back((applied.record,))
        return Plan(Write((applied.record,), applied.entries, budgets=budgets), answer)

    def _keep(self, awaited: AwaitedPurchase) -> Plan[Reply]:
        returned = self._command.returned
        errors = [] if isinstance(returned, int) else list(repeated_lines(returned))
        if errors:
            raise InvalidContent(errors=errors)
        if len(awaited.returns) >= MOST_WAITING:
            raise TooManyReturnsWaiting(limit=MOST_WAITING)
        record = WaitingReturn(
            name=self._name,
            number=awaited.next_number,
            return_id=self._command.return_id,
            at=whole_milliseconds(self._now),
            returned=returned,
            fingerprint=self._sent.fingerprint,
        )
        return Plan(Write((record,)), ReturnKept(self._command.return_id))

    def _earlier(self, file: PurchaseFile | AwaitedPurchase | None) -> Reply | None:
        """The answer of the same return where it landed before: it waits, had waited, or was
        applied at once."""
        if file is None:
            return None
        waiting = file.waiting if isinstance(file, PurchaseFile) else file.returns
        if self._is_among(waiting):
            return ReturnKept(self._command.return_id)
        if not isinstance(file, PurchaseFile):
            return None
        record = self._is_among(file.returns)
        if record is None:
            return None
        return self._answer(file, record, paid_with(self._ports, file.record.purchase))

    def _is_among(self, records: tuple[Kept, ...]) -> Kept | None:
        """The record of this very return. Raises ConflictingReplay where it was another one."""
        for record in records:
            if record.return_id == self._command.return_id:
                differs = differing(record.fingerprint, self._sent.fingerprint)
                if differs:
                    raise ConflictingReplay(differing=differs)
                return record
        return None

    def _answer(
        self, file: PurchaseFile, record: ReturnRecord, redemptions: tuple[RedemptionRecord, ...]
    ) -> PurchaseReturned:
        program = self._ports.programs.version(file.record.program_version)
        names = {paid.reward.reward_id: paid.reward.name for paid in redemptions}
        return PurchaseReturned(
            record.return_id,
            record.taken,
            explained(
                program,
                record.why,
                names,
                file.record.language,
                offers_given(self._ports, file.record),
            ),
        )


def _content(returned: Returned) -> dict[str, str]:
    if isinstance(returned, int):
        return fingerprint({"amount_minor": returned})
    return fingerprint({"lines": [asdict(line) for line in returned]})
