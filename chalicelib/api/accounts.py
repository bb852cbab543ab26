"""A member's points over HTTP: the account, the statement and its proof."""

import msgspec

from chalicelib.api.points import (
    ExplainedPoints,
    Moment,
    TierAnswer,
    explained_points,
    member_exists,
    moment,
    tier_answer,
)
from chalicelib.api.proof_models import (
    EntryProof,
    InclusionAnswer,
    RootDate,
    entry_proof,
    inclusion_answer,
)
from chalicelib.api.roots import root_day
from chalicelib.api.shell import Answer, Call, Instant, Page, Routes, cursor_after, position_of
from chalicelib.domain.account import Account
from chalicelib.domain.allowances import PROOFS
from chalicelib.domain.callers import Scope
from chalicelib.domain.entries import Entry
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import (
    FieldError,
    InvalidContent,
    MemberNotFound,
    NotFound,
    NotInRoot,
)
from chalicelib.usecases.prove_inclusion import prove_inclusion
from chalicelib.usecases.read_account import AccountAsOf, read_account
from chalicelib.usecases.read_statement import (
    Before,
    StatementEntry,
    prove_chain,
    read_statement,
)

routes = Routes(__name__)

_YEARS = range(1900, 2201)  # near the ends of the calendar there are no months to count


class AsOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """as_of: an instant, inclusive; now when it is left out."""

    as_of: Moment | None = None


class PendingPoints(msgspec.Struct, frozen=True):
    points: int
    matures_on: str


class HeldPoints(msgspec.Struct, frozen=True):
    """Points that cannot be spent until somebody has looked at the account. since: the day."""

    points: int
    since: str


class ExpiringPoints(msgspec.Struct, frozen=True):
    """expires_on: the last day, null for never."""

    points: int
    expires_on: str | None


class Lifetime(msgspec.Struct, frozen=True):
    """Sums since joining; earned: of purchases, less what returns took."""

    earned: int
    redeemed: int
    purchases: int
    spend_minor: int


class AccountAnswer(msgspec.Struct, frozen=True):
    """expiring: the available points by their last day; sums to `available`. held: null unless the
    account is under review."""

    available: int
    pending: list[PendingPoints]
    held: HeldPoints | None
    expiring: list[ExpiringPoints]
    debt: int
    status: str
    lifetime: Lifetime
    as_of: Instant
    tier: TierAnswer | None


class StatementPage(Page, frozen=True, forbid_unknown_fields=True):
    """proof: show of each entry what it takes to compute its hash anew."""

    proof: bool = False


class EntryAnswer(msgspec.Struct, frozen=True):
    """account_id: whose entry it is: the member's own, or of the household whose account it shares.
    points: signed, the change of available + pending - debt. held_after: those of the pending
    points that are held for a review. seq, hash (hexadecimal): null for what
    has expired and is written down with the next entry."""

    account_id: str
    seq: int | None
    kind: str
    points: int
    available_after: int
    pending_after: int
    held_after: int
    debt_after: int
    at: Instant
    cause: str
    explanation: list[ExplainedPoints]
    hash: str | None
    proof: EntryProof | msgspec.UnsetType = msgspec.UNSET


class ProofQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """root: prove also that the newest entry of then is under the signed root of this day."""

    root: RootDate | None = None


class Entries(msgspec.Struct, frozen=True):
    items: list[EntryAnswer]
    next_cursor: str | None


class ProofAnswer(msgspec.Struct, frozen=True):
    """broken_at: the first `seq` that does not hold. head: the newest hash, hexadecimal."""

    account_id: str
    valid: bool
    entries: int
    head: str
    broken_at: int | msgspec.UnsetType = msgspec.UNSET
    inclusion: InclusionAnswer | msgspec.UnsetType = msgspec.UNSET


@routes.get(
    "/v1/members/{member_id}/account",
    opens=(Scope.SELF, Scope.MEMBERS_LOOKUP),
    summary="Read what a member has",
    query=AsOf,
    audited="member.account.read",
    answers={200: AccountAnswer},
    refuses=(MemberNotFound, InvalidContent),
    exists=member_exists,
)
def get_account(call: Call[None, AsOf], member_id: str) -> Answer:
    errors: list[FieldError] = []
    as_of = moment(call.query.as_of, "/as_of", errors, _YEARS)
    if errors:
        raise InvalidContent(errors=errors)
    return Answer(200, account_answer(read_account(call.ports, member_id, call.now, as_of)))


@routes.get(
    "/v1/members/{member_id}/entries",
    opens=(Scope.SELF, Scope.RECORDS_READ),
    summary="Read a member's statement, newest first",
    query=StatementPage,
    audited="member.statement.read",
    answers={200: Entries},
    refuses=(MemberNotFound,),
    exists=member_exists,
)
def list_entries(call: Call[None, StatementPage], member_id: str) -> Answer:
    before = None
    if call.query.cursor is not None:
        seq, account_id = position_of(call, member_id, call.query.cursor)
        before = Before(int(seq), str(account_id))
    limit = call.query.limit
    rows = read_statement(call.ports, member_id, before, limit, call.now)
    more = len(rows) == limit and rows[-1].entry.seq > 1
    cursor = _cursor_after(call, member_id, rows[-1].entry) if more else None
    return Answer(200, Entries([entry_answer(row, call.query.proof) for row in rows], cursor))


@routes.get(
    "/v1/members/{member_id}/entries/proof",
    opens=(Scope.SELF, Scope.RECORDS_READ),
    summary="Recompute the chain of a member's entries",
    query=ProofQuery,
    audited="member.proof.read",
    answers={200: ProofAnswer},
    refuses=(MemberNotFound, NotFound, NotInRoot),
    exists=member_exists,
    rationed=PROOFS,
)
def get_proof(call: Call[None, ProofQuery], member_id: str) -> Answer:
    """With the statement (`?proof=true`) and the root, it can be checked without us."""
    proof = prove_chain(call.ports, member_id)
    answer = ProofAnswer(
        proof.account_id,
        proof.broken_at is None,
        proof.entries,
        proof.head.hex(),
        msgspec.UNSET if proof.broken_at is None else proof.broken_at,
    )
    if call.query.root is None:
        return Answer(200, answer)
    inclusion = prove_inclusion(call.ports, proof.account_id, root_day(call.query.root))
    return Answer(200, msgspec.structs.replace(answer, inclusion=inclusion_answer(inclusion)))


def _cursor_after(call: Call[None, StatementPage], member_id: str, entry: Entry) -> str:
    return cursor_after(call, member_id, [entry.seq, entry.account_id])


def account_answer(found: AccountAsOf) -> AccountAnswer:
    """An account as it is answered."""
    account: Account = found.account
    lifetime = account.lifetime
    return AccountAnswer(
        available=account.available,
        pending=_pending(account),
        held=_held(account),
        expiring=[
            ExpiringPoints(lot.points, str(lot.expires_on) if lot.expires_on else None)
            for lot in account.lots
        ],
        debt=account.debt,
        status=account.status,
        # Below zero where what a purchase had counted has moved to another account since.
        lifetime=Lifetime(
            earned=max(0, lifetime.earned),
            redeemed=max(0, lifetime.redeemed),
            purchases=max(0, lifetime.purchases),
            spend_minor=max(0, lifetime.spend_minor),
        ),
        as_of=printed(found.as_of),
        tier=tier_answer(found.tier),
    )


def _held(account: Account) -> HeldPoints | None:
    if account.under_review is None:
        return None
    return HeldPoints(account.withheld_points, str(account.under_review.since))


def _pending(account: Account) -> list[PendingPoints]:
    """What waits, a row a day: when it would expire does not matter to who waits for it."""
    sums: dict[str, int] = {}
    for lot in account.pending:
        sums[str(lot.matures_on)] = sums.get(str(lot.matures_on), 0) + lot.points
    return [PendingPoints(points, day) for day, points in sums.items()]


def entry_answer(row: StatementEntry, with_proof: bool) -> EntryAnswer:
    """An entry as it is answered."""
    entry, after = row.entry, row.after
    return EntryAnswer(
        account_id=entry.account_id,
        seq=entry.seq if row.written else None,
        kind=entry.kind,
        points=entry.points,
        available_after=after.available,
        pending_after=after.pending_points,
        held_after=after.withheld_points,
        debt_after=after.debt,
        at=printed(entry.at),
        cause=entry.cause,
        explanation=explained_points(row.explanation),
        hash=entry.hash.hex() if row.written else None,
        proof=entry_proof(entry) if with_proof and row.written else msgspec.UNSET,
    )
