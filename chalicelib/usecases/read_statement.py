"""A member's statement: every entry with what it says of itself, and the proof of the chain."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.earning import REWARD
from chalicelib.domain.entries import Entry, EntryKind, Why, first_broken
from chalicelib.domain.explanations import (
    Explanation,
    adjusted,
    answered,
    expired,
    explained,
    moved_together,
    redeemed,
    referred,
    reviewed,
    transferred,
)
from chalicelib.domain.offers import OFFER, Offer
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.domain.traits import Traits
from chalicelib.usecases.answer_survey import SURVEY
from chalicelib.usecases.current import as_of_now, own_head
from chalicelib.usecases.give_gift import explain_gift
from chalicelib.usecases.ports import Head, Ports
from chalicelib.usecases.told_offers import offers_given
from chalicelib.usecases.trail import trail_of

_PAGE = 100


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """written: False for what has expired and no entry tells yet; the next one written will."""

    entry: Entry
    after: Account
    explanation: tuple[Explanation, ...]
    written: bool = True


@dataclass(frozen=True, slots=True)
class Proof:
    """account_id: whose chain it is. entries: how many there are. head: the newest hash. broken_at:
    the first number that does not hold, None when all do."""

    account_id: str
    entries: int
    head: bytes
    broken_at: int | None


@dataclass(frozen=True, slots=True)
class Before:
    """Where a statement goes on: below an entry's number, of the account that it is an entry of."""

    seq: int
    account_id: str


def read_statement(
    ports: Ports, member_id: str, before: Before | None, limit: int, now: datetime
) -> list[StatementEntry]:
    """Entries, newest first, those below `before`; first of all what has expired by now, so that it
    agrees with the account. Of a member for whom another account stands in (a household's, or the
    one it was merged into), that one's since then, then its own. Raises MemberNotFound."""
    entries = statement_entries(ports, member_id, before, limit)
    names: dict[str, str] = {}
    rows = [
        StatementEntry(entry, entry.account(), _explanation(ports, entry, names))
        for entry in entries
    ]
    if before is None:
        unwritten = as_of_now(ports, Head(entries[0], Traits()), now).expiry()
        rows = [
            *(
                StatementEntry(entry, entry.account(), expired(entry.why), written=False)
                for entry in unwritten
            ),
            *rows,
        ][:limit]
    return rows


def statement_entries(
    ports: Ports, member_id: str, before: Before | None, limit: int
) -> list[Entry]:
    """The entries that a statement tells of, newest first, those below `before`. Raises
    MemberNotFound."""
    if before is not None and before.account_id == member_id:
        own_head(ports, member_id)
        return ports.ledger.entries(member_id, before.seq, limit)
    own = ports.ledger.entries(member_id, None, limit)
    if not own:
        raise MemberNotFound()
    if own[0].account().status is AccountStatus.ERASED:
        raise MemberErased
    parts = trail_of(ports, own)
    # What the member shares no longer is left out, wherever the last page had ended.
    passed = [part.account_id for part in parts]
    below = None
    if before is not None and before.account_id in passed:
        parts, below = parts[passed.index(before.account_id) :], before.seq
    found: list[Entry] = []
    for part in parts:
        page = ports.ledger.entries(part.account_id, below, limit)
        found += [entry for entry in page if entry.seq >= part.first_seq]
        below = None
        if len(found) >= limit:
            break
    return [*found, *own][:limit]


def prove_chain(ports: Ports, member_id: str) -> Proof:
    """Recompute an account's chain from its first entry on. Raises MemberNotFound."""
    head = own_head(ports, member_id)
    oldest_first = list(reversed(list(_all_entries(ports, member_id, head.entry.seq + 1))))
    return Proof(
        account_id=head.entry.account_id,
        entries=head.entry.seq,
        head=head.entry.hash,
        broken_at=first_broken(oldest_first, member_id)
        or (head.entry.seq if len(oldest_first) != head.entry.seq else None),
    )


def _all_entries(ports: Ports, member_id: str, before: int) -> Iterator[Entry]:
    while before > 1:
        page = ports.ledger.entries(member_id, before, _PAGE)
        if not page:
            return
        yield from page
        before = page[-1].seq


def _explanation(ports: Ports, entry: Entry, names: dict[str, str]) -> tuple[Explanation, ...]:
    match entry.kind:
        case EntryKind.EARN | EntryKind.RETURN:
            returned = (row.rule for row in entry.why if row.rule.startswith(REWARD))
            rewards = (rule.removeprefix(REWARD) for rule in returned)
            named = {reward_id: _name(ports, reward_id, names) for reward_id in rewards}
            program = ports.programs.version(entry.program_version)
            return explained(program, entry.why, named, offers=_offers(ports, entry))
        case EntryKind.REDEEM | EntryKind.CANCEL:
            came_back = entry.kind is EntryKind.CANCEL
            return tuple(
                redeemed(row, _name(ports, row.rule, names), came_back=came_back)
                for row in entry.why
            )
        case EntryKind.EXPIRE:
            return expired(entry.why)
        case EntryKind.ADJUST:
            return adjusted(entry.why, entry.points)
        case EntryKind.TRANSFER_IN | EntryKind.TRANSFER_OUT:
            return transferred(entry.why)
        case EntryKind.MERGE:
            return moved_together(entry.why)
        case EntryKind.BONUS:
            return tuple(_bonus(ports, entry, row, names) for row in entry.why)
        case EntryKind.STATUS:
            return reviewed(entry.why)
        case EntryKind.OPEN | EntryKind.ERASE:
            return ()


def _offers(ports: Ports, entry: Entry) -> Mapping[str, Offer]:
    """The offers that an entry of a purchase names, in the version that gave points: the purchase
    knows which, and is read only where there are any."""
    if not any(row.rule.startswith(OFFER) for row in entry.why):
        return {}
    file = ports.ledger.purchase(causes.name_of_purchase(entry.cause))
    return offers_given(ports, file.record) if isinstance(file, PurchaseFile) else {}


def _bonus(ports: Ports, entry: Entry, why: Why, names: dict[str, str]) -> Explanation:
    """A bonus: an offer's gift, for bringing somebody, or for answering a survey, whose name is
    read once a page."""
    if why.rule.startswith(OFFER):
        return explain_gift(ports, entry, why)
    for_bringing = referred(why)
    if for_bringing is not None:
        return for_bringing
    survey_id = why.rule.removeprefix(causes.of_operation(SURVEY, ""))
    if survey_id not in names:
        survey = ports.surveys.get(survey_id)
        names[survey_id] = survey.name if survey is not None else survey_id
    return answered(why, names[survey_id])


def _name(ports: Ports, reward_id: str, names: dict[str, str]) -> str:
    """A reward's name, read once a page."""
    if reward_id not in names:
        reward = ports.rewards.get(reward_id)
        names[reward_id] = reward.name if reward is not None else reward_id
    return names[reward_id]
