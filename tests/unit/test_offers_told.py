"""What a member is told of offers, at the till and in its statement."""

from dataclasses import replace

from chalicelib.domain.offers import Activation, BasketTerms, BonusPoints, OfferStatus, OfferText
from chalicelib.domain.purchases import PurchaseRecord
from chalicelib.domain.redaction import redacted_purchase
from chalicelib.domain.traits import MOST_ACTIVATED, Traits
from chalicelib.usecases.activate_offer import activate_offer
from chalicelib.usecases.keep_traits import change_traits
from chalicelib.usecases.read_statement import read_statement
from chalicelib.usecases.return_purchase import PurchaseReturned
from tests.ledger_world import NOW, PROGRAM, fake_world, line
from tests.offer_world import Shop
from tests.people_world import fake_people_world, token


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


def test_of_what_a_member_activated_goes_first_what_no_purchase_can_have_any_more() -> None:
    world, _ = fake_people_world()
    offers = world.ports.offers
    shop = Shop(replace(fake_world()[0], ports=world.ports))
    mia = world.member("mia")
    shop.launch("live", BonusPoints(50))
    shop.launch("over", BonusPoints(50), status=OfferStatus.ENDED, ended_at=NOW)
    shop.launch("next", BonusPoints(50), activation=Activation.OPT_IN)
    gone = tuple(f"off_gone{number}" for number in range(MOST_ACTIVATED - 2))

    def activate(before: tuple[str, ...]) -> tuple[str, ...]:
        change_traits(world.ports, mia, lambda kept: replace(kept, activated=before))
        activate_offer(world.ports, token("mia", mia), mia, "off_next", NOW)
        kept = world.ports.people.traits(mia)
        assert kept is not None
        return kept.activated

    assert "off_gone0" not in offers.live().by_id
    full = activate(("off_live", "off_over", *gone))
    assert full == (*gone[1:], "off_over", "off_live", "off_next")
    assert activate(("off_over", "off_live")) == ("off_over", "off_live", "off_next")


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
