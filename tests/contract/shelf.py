"""A ledger of one's own with a little of everything in it, to be gone through, real or fake."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from pynamodb.connection import Connection

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.program import (
    Expiry,
    ExpiryKind,
    Pending,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
)
from chalicelib.domain.traits import Traits
from chalicelib.storage.books import DynamoBooks
from chalicelib.storage.ledger_items import traits_item
from chalicelib.storage.reconciliations import DynamoReconciliations
from chalicelib.storage.tables import ConfigItem, LedgerItem
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.adjust_points import AdjustPoints, adjust_points
from chalicelib.usecases.change_status import change_status
from chalicelib.usecases.claim_purchase import claim_purchase
from chalicelib.usecases.decide_adjustment import decide_adjustment
from chalicelib.usecases.end_redemption import cancel_redemption, use_redemption
from chalicelib.usecases.ports import Books, Ports
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.resolve_member import MemberId
from tests.fakes.books import FakeBooks
from tests.ledger_world import (
    ANNA,
    BEN,
    NOW,
    PROGRAM,
    TILL,
    World,
    dynamo_world,
    fake_world,
    line,
    new_name,
    purchase,
)
from tests.own_tables import own_tables

LATER = NOW + timedelta(days=200)
"""After all that happens."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """books: the ledger in pages of about so many items. table: its name, "" of a fake."""

    world: World
    books: Callable[[int], Books]
    keep_traits: Callable[[str, Traits], None]
    table: str = ""

    def ports(self, page_items: int = 500) -> Ports:
        """The ports over this ledger, gone through in pages of so many items."""
        return replace(self.world.ports, books=self.books(page_items))


def in_memory() -> Shelf:
    """A fake one. A page of it has so many partitions, not items."""
    world, ledger = fake_world(new_name("shelf"))
    return Shelf(world, lambda page: FakeBooks(ledger, page), ledger.keep_traits)


@contextmanager
def in_dynamodb(connection: Connection) -> Iterator[Shelf]:
    """A real one, in tables of its own."""
    with own_tables(connection, LedgerItem, ConfigItem) as (table, _):
        world = dynamo_world(new_name("shelf"))
        ports = replace(world.ports, reconciliations=DynamoReconciliations())
        yield Shelf(replace(world, ports=ports), DynamoBooks, _keep_traits, table)


def _keep_traits(account_id: str, traits: Traits) -> None:
    transact([Put(traits_item(account_id, traits))])


def fill(shelf: Shelf) -> None:
    """A little of everything that happens to points."""
    world = shelf.world
    ports = world.ports
    mia = world.member("mia", status=AccountStatus.PENDING_VERIFICATION, points=300)
    shelf.keep_traits(mia, Traits(country="DE"))
    change_status(ports, mia, AccountStatus.ACTIVE, ("code",), NOW)
    tom = world.member("tom")
    world.buy("p", mia, 5_000, 2_500)
    world.give_back("p", "r-1", 1_000)
    world.buy("all-back", tom, 1_000)
    world.give_back("all-back", "r-1", 1_000)
    world.buy("guest", None, 2_000)
    world.give_back("guest", "r-1", 500)
    claim_purchase(ports, TILL, world.purchase_id("guest"), MemberId(tom), NOW)
    world.give_back("guest", "r-2", 700)
    world.buy("nobody", None, 2_000)
    mug = world.reward(stock=3, member_limit=2)
    used, cancelled = (
        world.redeem(mia, mug, key).answer.record.redemption_id for key in ("k1", "k2")
    )
    use_redemption(ports, TILL, used, "u", NOW)
    cancel_redemption(ports, TILL, cancelled, "c", NOW)
    world.adjust(mia, 7, "a1")
    for number, approve in enumerate((True, False)):
        command = AdjustPoints(mia, 900, "a broken machine", False, f"big-{number}")
        asked = adjust_points(ports, ANNA, command, NOW).answer.adjustment_id
        decide_adjustment(ports, BEN, asked, approve=approve, now=NOW)
    _let_time_pass(world)


def _let_time_pass(world: World) -> None:
    """Zoe reaches a tier, its gift and her points wait, mature and expire; then she buys again."""
    soon = NOW + timedelta(days=1)
    world.ports.programs.add(SHORT_LIVED, soon)
    world.ports.programs.activate(SHORT_LIVED.version, soon)
    zoe = MemberId(world.member("zoe"))
    for label, days in (("z-1", 0), ("z-2", 100), ("z-3", 101)):
        at = soon + timedelta(days=days)
        bought = purchase(world.purchase_id(label), line(), at=at)
        post_purchase(world.ports, TILL, PostPurchase(bought, zoe), at)


SHORT_LIVED = replace(
    PROGRAM,
    version=2,
    pending=Pending(14),
    expiry=Expiry(ExpiryKind.AFTER_EARNING, 1),
    tiers=Tiers(
        TierBasis.VISITS,
        TierWindow.SINCE_JOINING,
        (Tier("bronze", "Bronze", 1, gift_points=30), Tier("silver", "Silver", 3, 150)),
    ),
)
