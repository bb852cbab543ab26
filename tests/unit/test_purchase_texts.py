"""What is stored of purchases and their returns: texts of earlier releases are read and compared as
they were written."""

import pytest

from chalicelib.domain.earning import Tender
from chalicelib.domain.fingerprints import fingerprint
from chalicelib.domain.purchase_texts import (
    pack_purchase,
    pack_waiting,
    unpack_purchase,
    unpack_waiting,
)
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.returned import Returned, ReturnedLine
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase, purchase_name
from tests.ledger_world import NOW, TILL, fake_world, line, purchase

BEFORE_TENDERS_NAMED_REDEMPTIONS = (
    '["p-1","2026-03-14T12:00:00.000Z","EUR",[["1","sku-1",1,1000]],[["card",900],["cash",100]]]'
)


def test_tenders_of_an_earlier_release_are_read_and_written_as_they_were() -> None:
    bought = unpack_purchase(BEFORE_TENDERS_NAMED_REDEMPTIONS)
    assert bought.tenders == (Tender("card", 900), Tender("cash", 100))
    assert pack_purchase(bought) == BEFORE_TENDERS_NAMED_REDEMPTIONS


def test_a_tender_keeps_the_redemption_that_it_names() -> None:
    bought = purchase("p-1", line(), tenders=(Tender("points", 0, "red_1"), Tender("card", 900)))
    assert unpack_purchase(pack_purchase(bought)) == bought


def test_a_tender_that_names_no_redemption_is_compared_as_it_was_before_any_could() -> None:
    world, ledger = fake_world()
    bought = purchase("p-1", line(), tenders=(Tender("card", 900),))
    post_purchase(world.ports, TILL, PostPurchase(bought, None), NOW)
    file = ledger.purchase(purchase_name(world.ports, TILL, "p-1"))
    assert isinstance(file, PurchaseFile)
    said = fingerprint({"tenders": [{"kind": "card", "amount_minor": 900}]})
    assert file.record.fingerprint["tenders"] == said["tenders"]


@pytest.mark.parametrize(
    "returned", [1, (ReturnedLine("1", 2, 0),), (ReturnedLine("ä", 0, 7), ReturnedLine("2", 1, 1))]
)
def test_a_return_that_waits_is_read_as_it_was_sent(returned: Returned) -> None:
    assert unpack_waiting(pack_waiting("r-ü", returned)) == ("r-ü", returned)
