"""No figure of an account passes 2^53 - 1, beyond which JSON readers elsewhere round: what would is
refused before it is written, however generous a program is."""

from dataclasses import replace

import pytest

from chalicelib.domain.account import Account, Lot
from chalicelib.domain.adjustments import adjust
from chalicelib.domain.program import EarningRate
from chalicelib.domain.refusals import InvalidContent
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.resolve_member import MemberId
from tests.fakes.programs import FakePrograms
from tests.ledger_world import NOW, PROGRAM, TILL, fake_world, line, purchase

LARGEST = 2**53 - 1
LAVISH = replace(PROGRAM, base=EarningRate(1_000_000, 1), rules=())


def test_a_purchase_that_earns_more_than_can_be_told_is_refused_and_not_kept() -> None:
    world, _ = fake_world()
    ports = replace(world.ports, programs=FakePrograms(LAVISH))
    member = world.member()
    lines = [line(str(number), 10**12) for number in range(200)]
    command = PostPurchase(purchase("p-1", *lines), MemberId(member))

    with pytest.raises(InvalidContent) as refused:
        post_purchase(ports, TILL, command, NOW)

    assert [error.pointer for error in refused.value.errors] == ["/lines"]
    assert world.available(member) == 0


def test_an_adjustment_fills_an_account_to_the_brim_and_not_beyond() -> None:
    nearly = Account(lots=(Lot(None, LARGEST - 5),))

    full, _ = adjust(nearly, 5, PROGRAM, NOW.date(), allow_debt=False)

    assert full.available == LARGEST
    with pytest.raises(InvalidContent):
        adjust(full, 1, PROGRAM, NOW.date(), allow_debt=False)
    with pytest.raises(InvalidContent):
        adjust(Account(debt=LARGEST), -1, PROGRAM, NOW.date(), allow_debt=True)
