"""The rows of the snapshot, made of what the ledger and the members' own facts say.

Every fact is a column, by the same function that decides at the till. Nothing here names a person.
Knows neither storage nor SQL.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from chalicelib.domain.applied_offers import AWARD, OFFER
from chalicelib.domain.condition_sql import column_of
from chalicelib.domain.entries import Entry, EntryKind
from chalicelib.domain.fact_list import FACTS, Facts
from chalicelib.domain.facts import ATTRIBUTE
from chalicelib.domain.instants import local_date, printed
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import PurchaseFile, PurchaseRecord, ReturnRecord
from chalicelib.domain.purposes import PurposeKind, by_name
from chalicelib.domain.reach import Reach, audiences
from chalicelib.domain.redemptions import RedemptionEnd, RedemptionRecord
from chalicelib.domain.snapshot_columns import MEMBERS, Cell, Row

_REACHED = {
    "reach_mail": MessageChannel.MAIL,
    "reach_sms": MessageChannel.SMS,
    "reach_push": MessageChannel.PUSH,
}


def member_row(
    member_id: str,
    facts: Facts,
    reach: Reach,
    program: Program,
    *,
    seq: int,
    profiling: bool,
    merged: bool,
    as_of: datetime,
    activated: Iterable[str] = (),
) -> Row:
    """A member. seq: of the newest entry of its account; merged: whether another member stands for
    the same person; activated: ids of the offers that it has opted in to."""
    open_on = {
        audience.channel
        for audience in audiences(reach)
        if (purpose := by_name(program.purposes).get(audience.purpose)) is not None
        and purpose.kind is PurposeKind.MARKETING
    }
    given = {name: value for name, value in facts.items() if name.startswith(ATTRIBUTE)}
    attributes = {name.removeprefix(ATTRIBUTE): value for name, value in given.items() if value}
    return {
        **_unknown(member_id, as_of, program.zone),
        **{column_of(name): _cell(facts[name]) for name in FACTS},
        **{column: channel in open_on for column, channel in _REACHED.items()},
        "seq": seq,
        "profiling": profiling,
        "merged": merged,
        "activated": sorted(activated),
        "attributes": json.dumps(attributes, ensure_ascii=False, sort_keys=True),
    }


def unknown_row(member_id: str, as_of: datetime, zone: str) -> Row:
    """A member of whom nothing could be read: it is there, and matches nothing."""
    return _unknown(member_id, as_of, zone)


def gone_row(member_id: str, as_of: datetime, zone: str) -> Row:
    """A member who was erased."""
    return {**_unknown(member_id, as_of, zone), "gone": True}


def purchase_row(file: PurchaseFile, zone: str) -> Row | None:
    """A purchase that counts for a member; None while it counts for nobody."""
    record = file.record
    if file.member_id is None or record.is_redacted:
        return None
    return {
        "event": f"{record.name}/purchase",
        "member_id": file.member_id,
        "name": record.name,
        **_when(record.purchase.occurred_at, zone),
        "kind": "purchase",
        "amount_minor": record.purchase.amount_minor,
        "points": file.earned.earned,
        "store": record.purchase.store_id,
        "channel": record.purchase.channel,
    }


def return_row(file: PurchaseFile, event: ReturnRecord, zone: str) -> Row | None:
    """What came back of a purchase: below zero, so that sums are what was kept."""
    purchase = purchase_row(file, zone)
    if purchase is None:
        return None
    return {
        **purchase,
        **_when(event.at, zone),
        "event": f"{event.name}/{event.number}",
        "kind": "return",
        "amount_minor": -sum(amount_minor for _, _, amount_minor in event.lines),
        "points": -event.taken.taken,
    }


def line_rows(record: PurchaseRecord, member_id: str, zone: str) -> list[Row]:
    """The lines of a purchase that are of something."""
    day = local_date(record.purchase.occurred_at, zone).isoformat()
    return [
        {
            "event": f"{record.name}/line/{index}",
            "member_id": member_id,
            "name": record.name,
            "day": day,
            "sku": line.sku,
            "category": line.category,
        }
        for index, line in enumerate(record.purchase.lines)
    ]


def use_rows(record: PurchaseRecord, member_id: str, program: Program) -> list[Row]:
    """What offers gave to a purchase. program: the version that it was priced with."""
    when = _when(record.purchase.occurred_at, program.zone)
    return [
        {
            "event": f"{record.name}/use/{applied.offer_id}",
            "member_id": member_id,
            "offer_id": applied.offer_id,
            "version": applied.version,
            "number": applied.number,
            "name": record.name,
            **when,
            "kind": "use",
            "points": applied.points,
            "cost_minor": _cost_minor(applied.points, program),
        }
        for applied in record.offers
        if applied.points  # what a challenge only counts is no use yet
    ]


def taken_back_rows(file: PurchaseFile, event: ReturnRecord, program: Program) -> list[Row]:
    """What a return took of what offers had given: below zero."""
    applied = {
        prefix + one.offer_id: one for one in file.record.offers for prefix in (OFFER, AWARD)
    }
    return [
        {
            "event": f"{event.name}/{event.number}/use/{applied[why.rule].offer_id}",
            "member_id": file.member_id,
            "offer_id": applied[why.rule].offer_id,
            "version": applied[why.rule].version,
            "number": applied[why.rule].number,
            "name": event.name,
            **_when(event.at, program.zone),
            "kind": "taken_back",
            "points": why.points,
            "cost_minor": -_cost_minor(-why.points, program),
        }
        for why in event.why
        if why.rule in applied and why.points < 0
    ]


def gift_rows(entry: Entry, numbers: Mapping[str, tuple[int, int]], program: Program) -> list[Row]:
    """What offers gave without a purchase. numbers: the number and version of each by its id."""
    if entry.kind is not EntryKind.BONUS:
        return []
    return [
        {
            "event": f"{entry.account_id}/{entry.seq}/use/{offer_id}",
            "member_id": entry.account_id,
            "offer_id": offer_id,
            "version": numbers[offer_id][1],
            "number": numbers[offer_id][0],
            "name": entry.cause,
            **_when(entry.at, program.zone),
            "kind": "use",
            "points": why.points,
            "cost_minor": _cost_minor(why.points, program),
        }
        for why in entry.why
        if (offer_id := why.rule.removeprefix(OFFER)) in numbers and why.rule.startswith(OFFER)
    ]


def reward_rows(
    record: RedemptionRecord, program: Program, end: RedemptionEnd | None = None
) -> list[Row]:
    """What an offer saved a member with a redemption; below zero where an end takes it back."""
    applied = record.offer
    if applied is None:
        return []
    sign = 1 if end is None else -1
    return [
        {
            "event": f"{record.redemption_id}/{0 if end is None else 1}",
            "member_id": record.account_id,
            "offer_id": applied.offer_id,
            "version": applied.version,
            "number": applied.number,
            "name": record.redemption_id,
            **_when(record.at if end is None else end.at, program.zone),
            "kind": "use" if end is None else "taken_back",
            "points": sign * applied.points,
            "cost_minor": sign * _cost_minor(applied.points, program),
        }
    ]


def _unknown(member_id: str, as_of: datetime, zone: str) -> dict[str, Cell]:
    """Every column, so that a reader finds all of them in every file."""
    nothing: dict[str, Cell] = dict.fromkeys(MEMBERS)
    flags = ("gone", "merged", "profiling", *_REACHED)
    return {
        **nothing,
        **dict.fromkeys(flags, False),
        "member_id": member_id,
        "as_of": printed(as_of),
        "day": local_date(as_of, zone).isoformat(),
        "seq": 0,
    }


def _cell(value: int | str | bool | frozenset[str] | None) -> Cell:
    return sorted(value) if isinstance(value, frozenset) else value


def _when(at: datetime, zone: str) -> dict[str, Cell]:
    return {"at": printed(at), "day": local_date(at, zone).isoformat()}


def _cost_minor(points: int, program: Program) -> int:
    return -(-points * program.thousand_points_minor // 1_000)


assert set(_REACHED) <= set(MEMBERS)  # noqa: S101  # documentation that runs
