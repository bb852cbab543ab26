"""A member asks to be forgotten, or thinks better of it; `erase_member.py` does what comes of it.

Must not know how anything is erased.
"""

from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.erasures import Erasure, ErasureStatus, cancelled, requested
from chalicelib.domain.instants import whole_milliseconds
from chalicelib.domain.names import new_id
from chalicelib.domain.refusals import Conflict, MemberErased, NotFound
from chalicelib.usecases.one_person import same_person
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.settle import Waiting


def request_erasure(ports: Ports, caller: Caller, member_id: str, now: datetime) -> Erasure:
    """The member's erasure: the one that is open, or else a new one.

    Raises MemberNotFound, MemberErased, TryAgain, StoreUnavailable.
    """
    account_id = same_person(ports, member_id)[0]
    days = ports.programs.active().erasure.cool_off_days
    waiting = Waiting(ports.patience)
    while True:
        before = ports.erasures.newest(account_id)
        if before is not None and before.is_open:
            return _asked_for(ports, before, now)
        new = new_id("era", ports.entropy(16))
        erasure = requested(new, account_id, caller.source, whole_milliseconds(now), days)
        if ports.erasures.request(erasure, before):
            _note(ports, caller, erasure, "erasure.requested", now)
            return _asked_for(ports, erasure, now)
        waiting.once_more()


def cancel_erasure(ports: Ports, caller: Caller, erasure_id: str, now: datetime) -> Erasure:
    """The erasure, which will not come; cancelling twice is cancelling once.

    Raises NotFound for one that is unknown or another's, MemberErased, Conflict (`erasure_begun`),
    TryAgain, StoreUnavailable.
    """
    waiting = Waiting(ports.patience)
    while True:
        erasure = of_caller(ports, caller, erasure_id)
        match erasure.status:
            case ErasureStatus.CANCELLED:
                return erasure
            case ErasureStatus.ERASED:
                raise MemberErased
            case ErasureStatus.ERASING:
                raise Conflict(reason="erasure_begun")
        after = cancelled(erasure)
        if ports.erasures.cancel(after):
            _note(ports, caller, after, "erasure.cancelled", now)
            return after
        waiting.once_more()


def of_caller(ports: Ports, caller: Caller, erasure_id: str) -> Erasure:
    """An erasure that the caller may change: staff any, a member its own.

    Raises NotFound, MemberErased where the member is gone that it was for.
    """
    erasure = ports.erasures.get(erasure_id)
    if erasure is None:
        raise NotFound(what="erasure")
    own = same_person(ports, caller.member_id) if caller.member_id is not None else None
    if own is not None and erasure.member_id not in own:
        raise NotFound(what="erasure")
    return erasure


def read_erasure(ports: Ports, erasure_id: str) -> Erasure:
    """An erasure, for whoever knows its id. Raises NotFound."""
    erasure = ports.erasures.get(erasure_id)
    if erasure is None:
        raise NotFound(what="erasure")
    return erasure


def _asked_for(ports: Ports, erasure: Erasure, now: datetime) -> Erasure:
    """Whoever asks again has it begun again, where a worker was not told."""
    if erasure.erase_after <= now:
        ports.erase_queue.erase(erasure.erasure_id)
    return erasure


def _note(ports: Ports, caller: Caller, erasure: Erasure, action: str, now: datetime) -> None:
    ports.audit.record(
        who=caller.source,
        role=caller.role,
        action=action,
        member_id=erasure.member_id,
        reason=None,
        at=now,
        subject=erasure.erasure_id,
    )
