"""A member's statement: every entry with what it says of itself, and the proof of the chain."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.applied_offers import OFFER, offer_of
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
from chalicelib.domain.offers import Offer
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
    one it was merged into), that one's since then, then its own. In the member's language. Raises
    MemberNotFound."""
    entries = statement_entries(ports, member_id, before, limit)
    head = ports.ledger.head(member_id)
    teller = _Teller(ports, head.traits.language if head is not None else None)
    rows = [StatementEntry(entry, entry.account(), teller.explained(entry)) for entry in entries]
    if before is None:
        unwritten = as_of_now(ports, Head(entries[0], Traits()), now).expiry()
        told = [
            StatementEntry(entry, entry.account(), teller.explained(entry), written=False)
            for entry in unwritten
        ]
        rows = [*told, *rows][:limit]
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


class _Teller:
    """Says in one language what entries are about. What they name is read once a page."""

    def __init__(self, ports: Ports, language: str | None) -> None:
        self._ports, self._language = ports, language
        self._names: dict[str, str] = {}

    def explained(self, entry: Entry) -> tuple[Explanation, ...]:
        """An entry's reasons."""
        language = self._language
        match entry.kind:
            case EntryKind.EARN | EntryKind.RETURN:
                return self._of_purchase(entry)
            case EntryKind.REDEEM | EntryKind.CANCEL:
                came_back = entry.kind is EntryKind.CANCEL
                return tuple(
                    redeemed(row, self._reward(row.rule), came_back=came_back, language=language)
                    for row in entry.why
                )
            case EntryKind.EXPIRE:
                return expired(entry.why, language)
            case EntryKind.ADJUST:
                return adjusted(entry.why, entry.points, language)
            case EntryKind.TRANSFER_IN | EntryKind.TRANSFER_OUT:
                return transferred(entry.why, language)
            case EntryKind.MERGE:
                return moved_together(entry.why, language)
            case EntryKind.BONUS:
                return tuple(self._bonus(entry, row) for row in entry.why)
            case EntryKind.STATUS:
                return reviewed(entry.why, language)
            case EntryKind.OPEN | EntryKind.ERASE:
                return ()

    def _of_purchase(self, entry: Entry) -> tuple[Explanation, ...]:
        returned = (row.rule for row in entry.why if row.rule.startswith(REWARD))
        rewards = (rule.removeprefix(REWARD) for rule in returned)
        named = {reward_id: self._reward(reward_id) for reward_id in rewards}
        program = self._ports.programs.version(entry.program_version)
        return explained(program, entry.why, named, self._language, self._offers(entry))

    def _offers(self, entry: Entry) -> Mapping[str, Offer]:
        """The offers that an entry of a purchase names, in the version that gave points: the
        purchase knows which, and is read only where there are any. Of a member who shared the
        account and was erased, the purchase says no more; then it is the version of today."""
        ids = [offer_id for row in entry.why if (offer_id := offer_of(row.rule))]
        if not ids:
            return {}
        try:
            file = self._ports.ledger.purchase(causes.name_of_purchase(entry.cause))
        except MemberErased:
            found = (self._ports.offers.get(offer_id) for offer_id in ids)
            return {offer.offer_id: offer for offer in found if offer is not None}
        return offers_given(self._ports, file.record) if isinstance(file, PurchaseFile) else {}

    def _bonus(self, entry: Entry, why: Why) -> Explanation:
        """An offer's gift, or for bringing somebody, or for answering a survey."""
        if why.rule.startswith(OFFER):
            return explain_gift(self._ports, entry, why, self._language)
        for_bringing = referred(why, self._language)
        if for_bringing is not None:
            return for_bringing
        survey_id = why.rule.removeprefix(causes.of_operation(SURVEY, ""))
        if survey_id not in self._names:
            survey = self._ports.surveys.get(survey_id)
            self._names[survey_id] = survey.name if survey is not None else survey_id
        return answered(why, self._names[survey_id], self._language)

    def _reward(self, reward_id: str) -> str:
        if reward_id not in self._names:
            reward = self._ports.rewards.get(reward_id)
            self._names[reward_id] = reward.name if reward is not None else reward_id
        return self._names[reward_id]
