"""The postings of purchases, returns, claims, redemptions, adjustments and changes of status: what
their records say that they did to an account. Must not look at an entry.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from chalicelib.domain import causes
from chalicelib.domain.applied_offers import AWARD, OFFER
from chalicelib.domain.checks.postings import Figures, Posting, oldest_told
from chalicelib.domain.earning import EXCUSED, GIFT, REWARD, TIER
from chalicelib.domain.entries import EntryKind, Why
from chalicelib.domain.instants import local_date
from chalicelib.domain.purchases import ClaimRecord, Earned, PurchaseFile, ReturnRecord
from chalicelib.domain.redemptions import RedemptionFile


def postings_of_purchase(
    file: PurchaseFile, commitments: Mapping[int, bytes], zone: str
) -> Iterator[Posting]:
    """What a purchase and its events say that they did to accounts.

    commitments: to their details as stored, by number. zone: of the version that priced it.
    """
    record, version = file.record, file.record.program_version
    before, owner = PurchaseFile(record), record.account_id
    if owner is not None:
        cause, spend = causes.of_purchase(record.name, record.number), record.purchase.amount_minor
        committed = commitments.get(record.number, b"")
        yield _earning(file, zone, owner, cause, record.at, record.earned, (1, spend), committed)
    for event in file.events:
        cause = causes.of_purchase(record.name, event.number)
        after = PurchaseFile(record, (*before.events, event))
        if isinstance(event, ClaimRecord):
            owner, left = event.account_id, before.remaining()
            spend = sum(part.amount_minor for part in left)
            counted = (0 if before.is_gone(left) else 1, spend)
            yield _earning(file, zone, owner, cause, event.at, event.earned, counted, b"")
        elif isinstance(event, ReturnRecord) and owner is not None:
            gone = after.is_gone(after.remaining()) and not before.is_gone(before.remaining())
            committed = commitments.get(event.number, b"")
            yield _returning(file, zone, owner, event, -1 if gone else 0, version, committed)
        before = after


def _earning(
    file: PurchaseFile,
    zone: str,
    account_id: str,
    cause: str,
    at: datetime,
    earned: Earned,
    counted: tuple[int, int],
    commitment: bytes,
) -> Posting:
    lifetime = (earned.earned, 0, *counted, _qualifying(earned.why))
    return Posting(
        account_id=account_id,
        cause=cause,
        at=at,
        kind=EntryKind.EARN,
        points=earned.earned,
        lifetime=lifetime,
        month=_month_of(file, zone, at, lifetime),
        after=(earned.available_after, earned.pending_after, earned.debt_after),
        why=earned.why,
        version=file.record.program_version,
        commitment=commitment,
    )


def _returning(
    file: PurchaseFile,
    zone: str,
    account_id: str,
    event: ReturnRecord,
    purchases: int,
    version: int,
    commitment: bytes,
) -> Posting:
    taken = event.taken
    spend = -sum(amount_minor for _, _, amount_minor in event.lines)
    earned = sum(row.points for row in event.why if not row.rule.startswith((EXCUSED, REWARD)))
    lifetime = (earned, -taken.returned_to_member, purchases, spend, _qualifying(event.why))
    return Posting(
        account_id=account_id,
        cause=causes.of_purchase(event.name, event.number),
        at=event.at,
        kind=EntryKind.RETURN,
        points=taken.returned_to_member - taken.taken,
        lifetime=lifetime,
        month=_month_of(file, zone, event.at, lifetime),
        after=(taken.available_after, taken.pending_after, taken.debt_after),
        why=event.why,
        version=version,
        commitment=commitment,
    )


def _qualifying(why: tuple[Why, ...]) -> int:
    """The points that count for a tier: not what a tier itself or an offer gives, nor what was
    excused or had been spent."""
    return sum(row.points for row in why if not row.rule.startswith(_COUNTING_FOR_NO_TIER))


_COUNTING_FOR_NO_TIER = (EXCUSED, TIER, GIFT, REWARD, OFFER, AWARD)


def _month_of(file: PurchaseFile, zone: str, at: datetime, lifetime: Figures) -> str | None:
    first_day = local_date(file.record.purchase.occurred_at, zone).replace(day=1)
    told = any(lifetime[2:]) and first_day >= oldest_told(at)
    return f"{first_day:%Y-%m}" if told else None


def postings_of_redemption(file: RedemptionFile) -> Iterator[Posting]:
    """What a redemption and its end say that they did to an account."""
    record, end = file.record, file.end
    reward_id = record.reward.reward_id
    yield Posting(
        account_id=record.account_id,
        cause=causes.of_redemption(record.redemption_id),
        at=record.at,
        kind=EntryKind.REDEEM,
        points=-record.points,
        lifetime=(0, record.points, 0, 0, 0),
        after=(record.available_after, None, None),
        why=(Why(reward_id, -record.points, 0),),
        use=record.use,
    )
    if end is not None and end.available_after is not None:
        yield Posting(
            account_id=record.account_id,
            cause=causes.of_redemption_end(record.redemption_id),
            at=end.at,
            kind=EntryKind.CANCEL,
            points=end.returned,
            lifetime=(0, -end.returned, 0, 0, 0),
            after=(end.available_after, None, None),
            why=(Why(reward_id, end.returned, 0),),
        )
