"""What offers cost the till in DynamoDB calls, and what is stored of them with a purchase."""

from dataclasses import replace

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.conditions import Leaf, Op
from chalicelib.domain.offers import (
    BasketTerms,
    BonusPoints,
    Budget,
    LineMatch,
    Multiplier,
    Offer,
    OfferStatus,
    OfferText,
)
from chalicelib.domain.redaction import redacted_purchase
from chalicelib.storage import keys
from chalicelib.storage.documents import SCHEMA
from chalicelib.storage.live_offers import LiveOfferItem
from chalicelib.storage.offer_documents import encoded_offer
from chalicelib.storage.offers import DynamoOffers
from chalicelib.storage.purchase_items import PurchaseItem
from chalicelib.storage.redaction import redact
from chalicelib.storage.tables import LedgerItem
from tests.counted import calls_of
from tests.ledger_world import TILL, dynamo_world, line, new_name
from tests.offer_world import LONG_AGO, Shop
from tests.own_tables import own_tables

POST = ["Query", "TransactWriteItems"]


@pytest.fixture
def shop(empty_config: None) -> Shop:  # noqa: ARG001  # it makes the table
    return Shop(dynamo_world(new_name("till"), offers=DynamoOffers()))


def _put_many(number: int) -> None:
    """Many live offers at once, most of them for other products."""
    with LiveOfferItem.batch_write() as batch:
        for n in range(1, number + 1):
            matches = LineMatch(categories=frozenset({"beans" if n % 50 == 0 else f"c{n}"}))
            offer = Offer(
                f"off_{n:03d}",
                10_000 + n,
                1,
                f"Offer {n}",
                Multiplier(110),
                {"en": OfferText(f"Offer {n}")},
                status=OfferStatus.LAUNCHED,
                audience=Leaf("available_points", Op.GTE, 0),
                basket=BasketTerms(matches=matches),
                launched_at=LONG_AGO,
            )
            item = LiveOfferItem(keys.OFFERS_LIVE, keys.live_offer(offer.offer_id))
            item.schema, item.version, item.document = SCHEMA, 1, encoded_offer(offer)
            batch.save(item)


def test_with_500_live_offers_a_purchase_takes_two_calls_and_three_with_an_empty_budget(
    shop: Shop, connection: Connection
) -> None:
    mia = shop.world.member()
    _put_many(497)
    bonus = shop.launch("bonus", BonusPoints(60), budget=Budget("points", 200), member_limit=9)
    shop.post("warm", mia, line("1", 1_000, category="beans"))

    def calls(label: str, *, dry_run: bool = False) -> tuple[list[str], int]:
        with calls_of(connection) as made:
            outcome = shop.post(label, mia, line("1", 1_000, category="beans"), dry_run=dry_run)
        return list(made), len(outcome.answer.explanation)

    made, rows = calls("p1")
    assert made == POST
    assert rows > 10
    assert calls("quote", dry_run=True)[0] == ["Query", "Query", "BatchGetItem"]
    assert calls("p2")[0] == POST
    assert shop.left(bonus) == 20
    # That it is empty is found out by the write, once, and asked from then on.
    assert calls("p3")[0] == [*POST, "Query", "BatchGetItem", "TransactWriteItems"]
    assert calls("p4")[0] == ["Query", "BatchGetItem", "TransactWriteItems"]
    assert shop.left(bonus) == 20


def test_a_purchase_without_offers_stores_nothing_of_them(
    shop: Shop, connection: Connection
) -> None:
    mia, raw = shop.world.member(), list[str]()

    def note(params: dict[str, object], **_: object) -> None:
        raw.append(str(params.get("body") or params))

    connection.client.meta.events.register("before-call.dynamodb.TransactWriteItems", note)
    shop.post("p", mia, line())
    connection.client.meta.events.unregister("before-call.dynamodb.TransactWriteItems", note)
    assert '"o":' not in raw[0].replace("\\", "")
    assert len(raw) == 1


def test_what_is_kept_of_offers_is_read_as_it_was_written(shop: Shop) -> None:
    mia = shop.world.member()
    best = shop.launch("best", BonusPoints(60), budget=Budget("minor", 110, 1), member_limit=9)
    shop.launch("more", BonusPoints(5), basket=BasketTerms(minimum_minor=1_420))
    first = shop.post("p", mia, line())
    again = shop.post("p", mia, line())
    assert again.replayed
    assert again.answer == first.answer
    [kept] = shop.applied("p")
    assert (kept.points, kept.cost, kept.period, kept.shards) == (
        60,
        kept.cost,
        "",
        ((0, kept.cost),),
    )
    assert shop.left(best) == 110 - kept.cost
    assert [told.text for told in first.answer.not_applied] == ["more: 4.20 EUR more"]
    shop.world.give_back("p", "r", 1_000)
    assert (shop.left(best), shop.uses(mia)) == (110, ())


def test_of_a_redacted_purchase_only_what_offers_gave_is_stored(
    shop: Shop, connection: Connection
) -> None:
    shop.launch("best", BonusPoints(60), budget=Budget("points", 110))
    shop.launch("more", BonusPoints(5), basket=BasketTerms(minimum_minor=1_420))
    with own_tables(connection, LedgerItem):
        for label, amount in (("both", 1_000), ("none", 0)):
            shop.post(label, shop.world.member(label), line(amount_minor=amount))
            record = replace(shop.kept(label).record, language="de")
            redact([redacted_purchase(record, "Europe/Berlin")])
        both, none = (PurchaseItem.get(*_place(shop, label)) for label in ("both", "none"))
    assert both.o == '[[["off_best",1,1,60,1000,60,null,[[0,60]]]]]'
    assert [item for item in (both.la, none.la, none.o) if item is not None] == []
    assert both.record().offers[0].points == 60


def _place(shop: Shop, label: str) -> tuple[str, str]:
    name = shop.world.ports.namer.name("purchase", TILL.source, shop.world.purchase_id(label))
    return keys.purchase(name), "0000"
