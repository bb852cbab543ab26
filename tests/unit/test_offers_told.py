"""What a member is told of offers, at the till and in its statement."""

from chalicelib.domain.offers import BasketTerms, BonusPoints, OfferText
from chalicelib.domain.purchases import PurchaseRecord
from chalicelib.domain.redaction import redacted_purchase
from chalicelib.domain.traits import Traits
from chalicelib.usecases.read_statement import read_statement
from chalicelib.usecases.return_purchase import PurchaseReturned
from tests.ledger_world import NOW, PROGRAM, fake_world, line
from tests.offer_world import Shop


def test_a_statement_tells_of_offers_also_where_who_shared_the_account_was_erased() -> None:
    world, ledger = fake_world()
    shop, mia = Shop(world), world.member()
    shop.launch("bonus", BonusPoints(50))
    shop.post("p", mia, line(amount_minor=1_000))
    for key, cause in ledger.causes.items():
        if isinstance(cause, PurchaseRecord):
            ledger.causes[key] = redacted_purchase(cause, PROGRAM.zone)
    newest, *_ = read_statement(shop.world.ports, mia, None, 5, NOW)
    assert [row.text for row in newest.explanation][1:] == ["bonus: 50 points"]


def test_a_member_who_reads_german_is_told_all_in_german() -> None:
    world, ledger = fake_world()
    shop, mia = Shop(world), world.member()
    ledger.keep_traits(mia, Traits(language="de"))
    texts = {"en": OfferText("Coffee week"), "de": OfferText("Kaffeewoche")}
    shop.launch("bonus", BonusPoints(50), texts=texts)
    shop.launch("more", BonusPoints(70), texts=texts, basket=BasketTerms(minimum_minor=1_420))
    posted = shop.post("p", mia, line(amount_minor=1_000)).answer
    said = ["1 Punkt für je 1,00 EUR, auf 10,00 EUR", "Kaffeewoche: 50 Punkte"]
    assert [row.text for row in posted.explanation] == said
    assert [told.text for told in posted.not_applied] == ["Kaffeewoche: noch 4,20 EUR"]
    newest, *_ = read_statement(shop.world.ports, mia, None, 5, NOW)
    assert newest.explanation == posted.explanation
    returned = shop.world.give_back("p", "r", 1_000).answer
    assert isinstance(returned, PurchaseReturned)
    assert returned.explanation[-1].text == "Kaffeewoche: 50 Punkte, zurückgenommen"
