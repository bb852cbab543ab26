"""A till and one member of it, for tests of what is bought and comes back."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.account import Account
from chalicelib.domain.earning import EXCUSED, Line, Tender
from chalicelib.domain.program import Program
from chalicelib.domain.purchases import Earned, Purchase
from chalicelib.domain.returned import Returned, ReturnedLine
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import PurchaseReturned, ReturnPurchase, return_purchase
from tests.fakes.ledger import FakeLedger
from tests.ledger_world import NOW, TILL, World, fake_world

LONG_AGO = NOW - timedelta(days=1_000)


@dataclass
class Counter:
    """A till and its member, under one program. left: quantity and money of each line, by
    purchase."""

    world: World
    ledger: FakeLedger
    member: str
    now: datetime
    left: dict[str, list[list[int]]]

    def buy(
        self, bought: tuple[Line, ...], paid: tuple[Tender, ...] = (), days_ago: int = 0
    ) -> tuple[str, Earned]:
        name = f"p{len(self.left)}"
        at = self.now - timedelta(days=days_ago)
        command = PostPurchase(Purchase(name, at, "EUR", bought, paid), MemberId(self.member))
        self.left[name] = [[one.quantity, one.amount_minor] for one in bought]
        return name, post_purchase(self.world.ports, TILL, command, self.now).answer.points

    def back(self, name: str, rows: list[tuple[int, int]]) -> tuple[int, int]:
        """The points that returning so much of each line takes, and those that are excused."""
        for left, row in zip(self.left[name], rows, strict=True):
            left[0] -= row[0]
            left[1] -= row[1]
        return self._back(name, tuple(ReturnedLine(str(n), *row) for n, row in enumerate(rows)))

    def back_amount(self, name: str, minor: int) -> int:
        """The points that returning an amount takes."""
        return self._back(name, minor)[0]

    def _back(self, name: str, returned: Returned) -> tuple[int, int]:
        command = ReturnPurchase(name, f"r{len(self.ledger.causes)}", returned)
        answer = return_purchase(self.world.ports, TILL, command, self.now).answer
        assert isinstance(answer, PurchaseReturned)
        taken = answer.points
        assert taken.taken == taken.from_pending + taken.from_available + taken.new_debt
        head = self.ledger.head(self.member)
        assert head is not None
        return taken.taken, sum(row.points for row in head.entry.why if row.rule == EXCUSED)

    def account(self) -> Account:
        return read_account(self.world.ports, self.member, self.now).account


def counter_under(program: Program) -> Counter:
    world, ledger = fake_world()
    world.ports.programs.add(replace(program, version=2), LONG_AGO)
    world.ports.programs.activate(2, LONG_AGO)
    return Counter(world, ledger, world.member(), NOW, {})
