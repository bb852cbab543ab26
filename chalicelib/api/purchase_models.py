"""The bodies and answers of purchases and claims, and how bodies become commands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from chalicelib.api.points import (
    MOST_LINES,
    Currency,
    EarnedPoints,
    ExplainedPoints,
    Identity,
    Minor,
    Moment,
    TierAnswer,
    Word,
    moment,
)
from chalicelib.api.return_models import KeptRefusal, KeptReturn, WaitedReturn
from chalicelib.api.shell import Instant
from chalicelib.domain.applied_offers import NotAppliedReason
from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.findings import Unacceptable
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.refusals import FieldError, InvalidContent
from chalicelib.usecases.identify import identify
from chalicelib.usecases.post_purchase import PostPurchase
from chalicelib.usecases.resolve_member import MemberId, MemberRef

RESERVED_ID = "quote"
"""Stands in a route where purchases stand."""


class LineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """amount_minor: the whole line after discounts. eligible: false where it must not earn."""

    line_id: Identity
    sku: Word
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    amount_minor: Minor
    category: Word | None = None
    brand: Word | None = None
    eligible: bool = True


class TenderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of what was paid, such as `card`, `cash` or `gift_card`. redemption_id: the member's
    redemption that paid it, whose points come back when the purchase does."""

    kind: Word
    amount_minor: Minor
    redemption_id: Word | None = None


class MemberBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly one of these names the member."""

    member_id: Word | None = None
    card_number: Word | None = None
    phone: Word | None = None
    email: Annotated[str, msgspec.Meta(min_length=1, max_length=320)] | None = None
    payment_fingerprint: Word | None = None


class PurchaseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A purchase as the till posts it. member: null for a purchase that is claimed later."""

    purchase_id: Identity
    member: MemberBody | None
    occurred_at: Moment
    currency: Currency
    lines: Annotated[list[LineBody], msgspec.Meta(min_length=1, max_length=MOST_LINES)]
    tenders: Annotated[list[TenderBody], msgspec.Meta(max_length=20)] | None = None
    channel: Word | None = None
    store_id: Word | None = None
    external: Word | None = None


class NotApplied(msgspec.Struct, frozen=True):
    """An offer that the member could have had, and why it gave nothing. missing: how much more
    would do, in `unit`, null where nothing can be counted. of: the offer that applied instead.
    text: all of that in the member's language."""

    offer_id: str
    version: int
    reason: NotAppliedReason
    missing: int | None
    unit: Literal["minor", "units", "points"] | None
    of: str | None
    text: str


class GivenOffer(msgspec.Struct, frozen=True):
    """What an offer gave to a purchase; `points` are among those that it earned."""

    offer_id: str
    version: int
    points: int


class PurchaseAnswer(msgspec.Struct, frozen=True):
    """points: what it earned, and the account after it and after all of `returns_applied`: returns
    that came before the purchase. claim_code: for the receipt, where the purchase was posted
    without a member."""

    purchase_id: str
    member_id: str | None
    points: EarnedPoints
    returns_applied: list[WaitedReturn]
    explanation: list[ExplainedPoints]
    not_applied: list[NotApplied]
    tier: TierAnswer | None
    claim_code: str | msgspec.UnsetType = msgspec.UNSET


class ClaimBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    member: MemberBody


class ClaimCodeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    claim_code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class ClaimAnswer(msgspec.Struct, frozen=True):
    purchase_id: str
    member_id: str
    points: EarnedPoints
    explanation: list[ExplainedPoints]
    tier: TierAnswer | None


class KeptPurchase(msgspec.Struct, frozen=True):
    """A purchase as it was posted, what it gave, and its returns. points: as they were answered, or
    those of its claim. returns_refused: those that came before it and did not fit it."""

    purchase_id: str
    member_id: str | None
    occurred_at: Instant
    posted_at: Instant
    currency: str
    lines: list[LineBody]
    tenders: list[TenderBody]
    channel: str | None
    store_id: str | None
    external: str | None
    program_version: int
    points: EarnedPoints
    offers: list[GivenOffer]
    returns: list[KeptReturn]
    returns_refused: list[KeptRefusal]


def purchase_command(body: PurchaseBody) -> PostPurchase:
    """What a till posted, as a command. InvalidContent lists what is wrong across fields."""
    errors: list[FieldError] = []
    occurred_at = moment(body.occurred_at, "/occurred_at", errors)
    if body.purchase_id == RESERVED_ID:
        detail = "This is the name of a route; give the purchase another id."
        errors.append(FieldError("/purchase_id", "reserved", detail))
    errors += _repeated("lines", "line_id", (line.line_id for line in body.lines))
    paid_with = [tender.redemption_id for tender in body.tenders or ()]
    errors += _redemptions(paid_with, body.member is not None)
    named = msgspec.structs.asdict(body.member) if body.member is not None else None
    member = _member(named, errors) if named is not None else None
    if errors or occurred_at is None:
        raise InvalidContent(errors=errors)
    purchase = Purchase(
        purchase_id=body.purchase_id,
        occurred_at=occurred_at,
        currency=body.currency,
        lines=tuple(
            Line(
                line_id=line.line_id,
                sku=line.sku,
                quantity=line.quantity,
                amount_minor=line.amount_minor,
                category=line.category,
                brand=line.brand,
                eligible=line.eligible,
            )
            for line in body.lines
        ),
        tenders=tuple(
            Tender(tender.kind, tender.amount_minor, tender.redemption_id)
            for tender in body.tenders or ()
        ),
        channel=body.channel,
        store_id=body.store_id,
        external=body.external,
    )
    return PostPurchase(purchase, member)


def member_ref(body: MemberBody) -> MemberRef:
    """Whom a till names. InvalidContent unless it is exactly one well-formed identifier."""
    errors: list[FieldError] = []
    member = _member(msgspec.structs.asdict(body), errors)
    if member is None:
        raise InvalidContent(errors=errors)
    return member


def purchase_rules(raw: Mapping[str, object]) -> list[FieldError]:
    """What is wrong with a purchase beyond the types of its fields."""
    errors: list[FieldError] = []
    member = raw.get("member")
    errors += _repeated("lines", "line_id", _each(raw.get("lines"), "line_id"))
    # Only null is nobody: a member that is missing or of a wrong type is told of elsewhere.
    has_member = "member" not in raw or member is not None
    errors += _redemptions(list(_each(raw.get("tenders"), "redemption_id")), has_member)
    if isinstance(member, dict):
        _member(member, errors)
    return errors


def _each(rows: object, field: str) -> Iterator[object]:
    """A field of each row of what may be a list of objects."""
    for row in rows if isinstance(rows, list) else ():
        yield row.get(field) if isinstance(row, dict) else None


def _redemptions(named: Sequence[object], has_member: bool) -> Iterator[FieldError]:
    """What is wrong with the redemptions that tenders name."""
    yield from _repeated("tenders", "redemption_id", named)
    for place, redemption_id in enumerate(named):
        if redemption_id is not None and not has_member:
            detail = "Only a member's purchase can be paid with a redemption."
            yield FieldError(f"/tenders/{place}/redemption_id", "member_required", detail)


def _repeated(rows: str, field: str, values: Iterable[object]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for place, value in enumerate(values):
        if not isinstance(value, str):
            continue
        if value in seen:
            detail = f"Each {field} can stand here once."
            yield FieldError(f"/{rows}/{place}/{field}", "duplicate", detail)
        seen.add(value)


def _member(named: Mapping[str, object], errors: list[FieldError]) -> MemberRef | None:
    given = {name: named[name] for name in MemberBody.__struct_fields__ if named.get(name)}
    if len(given) != 1:
        detail = "Name the member by exactly one of its identifiers."
        errors.append(FieldError("/member", "one_of", detail))
        return None
    name, value = given.popitem()
    if not isinstance(value, str):
        return None  # its type is wrong, which is told elsewhere
    if name == "member_id":
        return MemberId(value)
    try:
        return identify(Kind(name), value)
    except Unacceptable as wrong:
        errors.append(FieldError(f"/member/{name}", wrong.code, wrong.detail))
        return None
