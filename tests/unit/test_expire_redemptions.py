"""The sweep for expired redemptions, over the ledger in memory."""

from datetime import timedelta

from chalicelib.domain.rewards import OnExpiry
from chalicelib.usecases.expire_redemptions import SWEPT, Expired, expire_redemptions
from tests.ledger_world import NOW, fake_world


def test_a_day_is_closed_only_when_its_end_is_past_and_nothing_of_it_is_left() -> None:
    world, ledger = fake_world()
    member = world.member(points=50)
    reward = world.reward(points=10, valid_days=1, on_expiry=OnExpiry.RETURN)
    world.redeem(member, reward, "k")
    due = NOW + timedelta(days=1)

    ledger.refuse_writes = 10_000  # the store is busy for good
    busy = expire_redemptions(world.ports, due)
    closed_while_busy = ledger.operation(SWEPT, due.date().isoformat())
    ledger.refuse_writes = 0
    done = expire_redemptions(world.ports, due + timedelta(days=1))

    assert busy == Expired(ended=0, left=1)
    assert closed_while_busy is None
    assert done == Expired(ended=1, left=0)
    assert ledger.operation(SWEPT, due.date().isoformat()) is not None
    assert ledger.operation(SWEPT, (due + timedelta(days=1)).date().isoformat()) is None
    assert world.available(member) == 50
