"""A member whose every stored field holds a canary, put there by the real stores.

Whoever stores something new of members adds a function that plants it, and names it in PLANTED.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from chalicelib.domain import causes
from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.announcements import Sending
from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.consents import Consent, ConsentRecord
from chalicelib.domain.entries import Entry, EntryKind, Why, next_entry, opening_entry
from chalicelib.domain.erasures import Erasure, ErasureStatus, Place
from chalicelib.domain.exports import Export
from chalicelib.domain.freshness import Freshness, FreshnessChange
from chalicelib.domain.identifiers import Channel, Identifier, Kind
from chalicelib.domain.interactions import (
    Answers,
    Complaint,
    Content,
    Enquiry,
    Feedback,
    Interaction,
    InteractionKind,
    Warranty,
)
from chalicelib.domain.members import Member
from chalicelib.domain.notices import Told
from chalicelib.domain.payment_methods import CardReference, Wallet
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.purchases import NOTHING_EARNED, ClaimRecord, PurchaseRecord, ReturnRecord
from chalicelib.domain.reach import Reach
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionRecord, SpentOn
from chalicelib.domain.register import REGISTER
from chalicelib.domain.returned import RefusedReturn
from chalicelib.domain.traits import Traits
from chalicelib.usecases.ports import (
    Cause,
    Hold,
    KeptPreferences,
    OperationRecord,
    PeopleWrite,
    Ports,
    ReachChange,
    Restriction,
    TraitsChange,
    Verdict,
    Write,
)
from tests.register.filled import Canaries

OPERATION = "adjustment"

_ACTING_FOR_ITSELF: Mapping[str, Any] = {
    "status": AccountStatus.ACTIVE,
    "moved_to": None,
    "sharers": 0,
    "household": (),
}
"""Others' accounts would have to be there, too."""


@dataclass(frozen=True, slots=True)
class Plot:
    """Where canaries are planted: whose they are, and when."""

    ports: Ports
    member_id: str
    now: datetime
    canaries: Canaries

    def commit(self, cause: str, *records: Cause) -> None:
        """Write records, and an entry that names the cause of them."""
        head = self.ports.ledger.head(self.member_id)
        assert head is not None
        entry = self.entry(head.entry, cause)
        assert self.ports.ledger.commit(Write(records, (entry,))) is Verdict.COMMITTED

    def entry(self, before: Entry, cause: str) -> Entry:
        """The next entry, whose account holds a canary in every field that can be filled at once:
        who owes points has none."""
        owing = {"lots": ()} if before.seq % 2 else {"debt": 0}
        return next_entry(
            before,
            self.canaries.filled(Account, **_ACTING_FOR_ITSELF, **owing),
            kind=EntryKind.ADJUST,
            cause=cause,
            now=self.now,
            program_version=self.ports.programs.active().version,
            why=(self.canaries.filled(Why),),
        )


def person(plot: Plot) -> None:
    """Profile, preferences, consents, traits, identifiers, and the account's first entry."""
    canaries, member_id = plot.canaries, plot.member_id
    member = canaries.filled(Member, member_id=member_id, version=1)
    said = canaries.filled(Consent)
    saved = plot.ports.people.save(
        PeopleWrite(
            member_id,
            member=member,
            claims=(Identifier(Kind.EMAIL, f"{token_hex(8)}@example.com"),),
            preferences=KeptPreferences(canaries.filled(Preferences), 1),
            consents=(ConsentRecord(1, said, {said.purpose: said}),),
            traits=TraitsChange(None, canaries.filled(Traits)),
            opened=opening_entry(member_id, AccountStatus.ACTIVE, plot.now),
            reach=ReachChange(Reach(), canaries.filled(Reach, version=1)),
        )
    )
    assert saved == "saved"
    before = plot.ports.behaviours.kept(member_id)
    assert before is not None
    assert plot.ports.behaviours.keep(member_id, before, canaries.filled(Behaviour))


def cards(plot: Plot) -> None:
    """A card on file and one that was taken off."""
    before = Wallet(plot.member_id)
    on_file = tuple(plot.canaries.filled(CardReference) for _ in range(2))
    wallet = replace(
        before, version=1, customer_id=plot.canaries.text(), customers=1, references=on_file
    )
    assert plot.ports.payment_methods.save(before, wallet, None, plot.now) == "saved"
    removed = replace(
        wallet,
        version=2,
        references=on_file[:1],
        removed=frozenset({on_file[1].payment_method_id}),
    )
    assert plot.ports.payment_methods.save(wallet, removed, None, plot.now) == "saved"


def told(plot: Plot) -> None:
    """What it was told of points that expire."""
    notices = plot.canaries.filled(Told, member_id=plot.member_id, version=1)
    assert plot.ports.notices.keep(notices)


def announcements(plot: Plot) -> None:
    """An offer that it was told of."""
    sending = plot.canaries.filled(Sending, member_id=plot.member_id, version=1)
    assert plot.ports.announcements.keep(None, sending)


def freshness(plot: Plot) -> None:
    """When it was heard of, asked, warned and told, and what came back from either address."""

    def by_channel() -> dict[Channel, datetime]:
        return {channel: plot.canaries.value(datetime) for channel in Channel}

    change = replace(
        plot.canaries.filled(FreshnessChange), bounced=by_channel(), healed=by_channel()
    )
    assert plot.ports.people.save(PeopleWrite(plot.member_id, freshness=change)) == "saved"
    kept = plot.canaries.filled(Freshness, member_id=plot.member_id, version=1)
    assert plot.ports.roll.keep(kept)


def purchase(plot: Plot) -> None:
    """A purchase with a return and one that was refused, and a purchase that was claimed."""
    canaries, member_id = plot.canaries, plot.member_id
    name, claimed = token_hex(11), token_hex(11)
    own = canaries.filled(PurchaseRecord, name=name, account_id=member_id, number=0, named=None)
    came_back = canaries.filled(ReturnRecord, name=name, number=1, committed=b"")
    refused = canaries.filled(RefusedReturn, name=name, number=2)
    plot.commit(causes.of_purchase(name, 0), own, came_back, refused)
    nobodys = canaries.filled(
        PurchaseRecord,
        name=claimed,
        account_id=None,
        named=None,
        number=0,
        earned=NOTHING_EARNED,
        committed=b"",
    )
    claim = canaries.filled(ClaimRecord, name=claimed, account_id=member_id, number=1, named=None)
    plot.commit(causes.of_purchase(claimed, 1), nobodys, claim)


def redemption(plot: Plot) -> None:
    """A redemption that ended, and paid for a purchase."""
    canaries, redemption_id = plot.canaries, f"red_{token_hex(8)}"
    plot.commit(
        causes.of_redemption(redemption_id),
        canaries.filled(RedemptionRecord, redemption_id=redemption_id, account_id=plot.member_id),
        canaries.filled(RedemptionEnd, redemption_id=redemption_id),
        canaries.filled(SpentOn, redemption_id=redemption_id),
    )


def operation(plot: Plot) -> None:
    """A record of an operation that keeps everything that any of them does."""
    before = "ledger/operation/d.answer."
    names = [row.address.removeprefix(before) for row in REGISTER.rows if before in row.address]
    answer: dict[str, int | str | None] = {one: plot.canaries.text() for one in names}
    answer |= {"member_id": plot.member_id, "by": "staff:canary"}
    record = OperationRecord(OPERATION, token_hex(11), {"points": "digest"}, answer)
    plot.commit(causes.of_operation(OPERATION, record.name), record)


def accesses(plot: Plot) -> None:
    """Somebody of staff looked, and said why."""
    plot.ports.audit.record(
        who="staff:canary",
        role=plot.canaries.text(),
        action=plot.canaries.text(),
        member_id=plot.member_id,
        reason=plot.canaries.text(),
        at=plot.now,
        subject=plot.canaries.text(),
    )


def interactions(plot: Plot) -> None:
    """One of each kind of what a member tells us."""
    kinds: tuple[tuple[InteractionKind, type[Content]], ...] = (
        (InteractionKind.ENQUIRY, Enquiry),
        (InteractionKind.COMPLAINT, Complaint),
        (InteractionKind.FEEDBACK, Feedback),
        (InteractionKind.SURVEY, Answers),
        (InteractionKind.WARRANTY, Warranty),
    )
    for kind, content in kinds:
        said = Interaction(
            member_id=plot.member_id,
            interaction_id=f"int_{token_hex(8)}",
            version=1,
            kind=kind,
            at=plot.canaries.value(datetime),
            by=plot.canaries.text(),
            content=plot.canaries.filled(content),
        )
        assert plot.ports.interactions.add(said)


def exports(plot: Plot) -> None:
    """An earlier export."""
    earlier = plot.canaries.filled(
        Export, member_id=plot.member_id, requested_at=plot.now - timedelta(days=1)
    )
    assert plot.ports.exports.add(earlier)


def rights(plot: Plot) -> None:
    """It asked to be forgotten, is held, and restricted."""
    canaries, erasures = plot.canaries, plot.ports.erasures
    asked = canaries.filled(
        Erasure,
        member_id=plot.member_id,
        status=ErasureStatus.REQUESTED,
        version=1,
        members=(),
        place=Place(),
        what={},
        erased_at=None,
    )
    assert erasures.request(asked, None)
    erasures.put_hold(canaries.filled(Hold, member_id=plot.member_id))
    restriction = canaries.filled(Restriction, member_id=plot.member_id)
    assert erasures.put_restriction(restriction, None)


PLANTED: tuple[Callable[[Plot], None], ...] = (
    person,
    cards,
    told,
    announcements,
    freshness,
    purchase,
    redemption,
    operation,
    interactions,
    accesses,
    exports,
    rights,
)
