"""All that support needs to know of a member at once, in one view.

What is shown of it, and to whom, is as everywhere else; nothing is read here that staff could not
read piece by piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.consents import Consent
from chalicelib.domain.entries import EntryKind
from chalicelib.domain.erasures import Erasure
from chalicelib.domain.freshness import Freshness
from chalicelib.domain.interactions import Interaction
from chalicelib.domain.likeness import Pair
from chalicelib.domain.members import Member
from chalicelib.domain.payment_methods import CardReference
from chalicelib.domain.preferences import Preferences
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.redemptions import RedemptionFile
from chalicelib.usecases.current import standing_in
from chalicelib.usecases.list_cards import list_cards
from chalicelib.usecases.open_review import UnderReview
from chalicelib.usecases.ports import Hold, Ports, Restriction
from chalicelib.usecases.read_account import AccountAsOf, read_account
from chalicelib.usecases.read_consents import read_consents
from chalicelib.usecases.read_duplicates import duplicates_of
from chalicelib.usecases.read_interactions import read_interactions
from chalicelib.usecases.read_letters import AnnouncedOffer, read_letters
from chalicelib.usecases.read_member import MaskedMember, read_member, sees_all
from chalicelib.usecases.read_preferences import read_preferences
from chalicelib.usecases.read_purchases import read_purchases
from chalicelib.usecases.read_reviews import review_of
from chalicelib.usecases.read_statement import StatementEntry, read_statement

NEWEST = 10
"""Of each list that the member's own routes have pages of."""

_LOOKED_THROUGH = 100
"""Newest entries that are looked through for redemptions that are open."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a member, or the law, asked for: each None where nobody did. An erasure is open."""

    erasure: Erasure | None
    hold: Hold | None
    restriction: Restriction | None


@dataclass(frozen=True, slots=True)
class MemberFile:
    """in_full: whether the profile is not masked. Lists are newest first, and cut short."""

    profile: Member | MaskedMember
    fresh: Freshness
    in_full: bool
    account: AccountAsOf
    consents: Sequence[Consent]
    preferences: Preferences
    entries: Sequence[StatementEntry]
    redemptions: Sequence[RedemptionFile]
    purchases: Sequence[PurchaseFile]
    cards: Sequence[CardReference]
    interactions: Sequence[Interaction]
    announcements: Sequence[AnnouncedOffer]
    duplicates: Sequence[Pair]
    review: UnderReview | None
    rights: Rights


def read_member_file(
    ports: Ports, caller: Caller, member_id: str, reason: str | None, now: datetime
) -> MemberFile:
    """All of a member's file. reason: why staff want to see all of the profile, and where things
    were bought. Raises MemberNotFound, MemberErased."""
    entries = read_statement(ports, member_id, None, _LOOKED_THROUGH, now)
    return MemberFile(
        profile=read_member(ports, caller, member_id, reason),
        fresh=ports.roll.fresh(member_id),
        in_full=sees_all(caller, reason),
        account=read_account(ports, member_id, now),
        consents=read_consents(ports, member_id),
        preferences=read_preferences(ports, member_id).preferences,
        entries=entries[:NEWEST],
        redemptions=_open_redemptions(ports, entries, now),
        purchases=read_purchases(ports, member_id, None, NEWEST).purchases,
        cards=list_cards(ports, member_id)[:NEWEST],
        interactions=read_interactions(ports, member_id, None, NEWEST).interactions,
        announcements=read_letters(ports, member_id, NEWEST),
        duplicates=duplicates_of(ports, member_id),
        review=review_of(ports, standing_in(ports, member_id).entry.account_id),
        rights=_rights(ports, member_id),
    )


def _open_redemptions(
    ports: Ports, entries: Sequence[StatementEntry], now: datetime
) -> list[RedemptionFile]:
    causes = (row.entry.cause for row in entries if row.entry.kind is EntryKind.REDEEM)
    files = (ports.ledger.redemption(cause.partition(":")[2]) for cause in causes)
    return [file for file in files if file is not None and file.status(now) == "issued"]


def _rights(ports: Ports, member_id: str) -> Rights:
    erasure = ports.erasures.newest(member_id)
    return Rights(
        erasure=erasure if erasure is not None and erasure.is_open else None,
        hold=ports.erasures.hold(member_id),
        restriction=ports.erasures.restriction(member_id),
    )
