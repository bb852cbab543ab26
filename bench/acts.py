"""The operations whose cost is told, each ready to be done as often as is asked.

All go by the demo shop's program: points that wait and expire, and tiers.
"""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain.account import Account, Lot
from chalicelib.domain.entries import EntryKind, next_entry
from chalicelib.domain.import_rows import BalanceRow, HistoryRow, Named, Row
from chalicelib.usecases.claim_purchase import claim_purchase
from chalicelib.usecases.end_redemption import use_redemption
from chalicelib.usecases.expire_points import expire_account
from chalicelib.usecases.import_row import ImportRow, import_row
from chalicelib.usecases.ports import Write
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.resolve_member import MemberId
from infrastructure.local.demo_shop import PROGRAM
from tests.ledger_world import NOW, TILL, World
from tests.neighbours import Neighbours
from tests.realistic import realistic

Act = Callable[[int], object]
"""Does an operation for the time of this number, from 0 on."""

_RICH = Account(lots=(Lot(None, 1_000_000),))
_EXPIRED = Account(lots=(Lot(NOW.date() - timedelta(days=9), 50), Lot(None, 10)))
_FIVE, _TWENTY = 5, 20


class Counter:
    """A till, its members and what they do at it. rounds: how often each act can be done."""

    def __init__(self, world: World, rounds: int) -> None:
        self._world = world
        self._near = near = Neighbours(world, PROGRAM)
        self._member = self._member_with("rich", _RICH)
        self._friend = near.member("friend")
        self._late = [self._member_with(f"late{n}", _EXPIRED) for n in range(rounds)]
        self._quiet = [self._member_with(f"quiet{n}", _EXPIRED) for n in range(rounds)]
        self._reward = world.reward(points=60, stock=1_000_000)
        self._issued = [
            near.redeem(self._member, self._reward, f"issued-{n}").answer.record.redemption_id
            for n in range(2 * rounds)
        ]
        self._sent: list[str] = []

    def acts(self) -> dict[str, Act]:
        """By what they are called, in an order in which they can be done."""
        near, member = self._near, self._member
        return {
            "purchase of 5 lines": lambda n: self._buy(f"five-{n}", member, _FIVE),
            "purchase of 20 lines": lambda n: self._buy(f"twenty-{n}", member, _TWENTY),
            "the same purchase again": lambda n: self._buy(f"five-{n}", member, _FIVE),
            "part of it returned": lambda n: near.give_back(f"five-{n}", "r", 5),
            "purchase after points expired": lambda n: self._buy(f"q-{n}", self._late[n], _FIVE),
            "purchase without a member": lambda n: self._buy(f"guest-{n}", None, _FIVE),
            "its claim": self._claim,
            "balance": lambda _: near.account(member),
            "redemption": lambda n: near.redeem(member, self._reward, f"redeem-{n}"),
            "its use": self._use,
            "another's cancellation": self._cancel,
            "adjustment": lambda n: near.adjust(member, 5, f"a-{n}"),
            "transfer": self._send,
            "its calling back": lambda n: near.call_back(member, self._sent[n]),
            "imported row of history": lambda n: self._import(n, _history(n)),
            "imported balance": lambda n: self._import(n, _balance(n)),
            "the daily worker's entry": lambda n: expire_account(near.ports, self._quiet[n], NOW),
        }

    def _member_with(self, label: str, account: Account) -> str:
        """A member whose account is this one by now."""
        member_id = self._world.member(label)
        head = self._world.ports.ledger.head(member_id)
        assert head is not None
        entry = next_entry(head.entry, account, kind=EntryKind.ADJUST, cause="bench", now=NOW)
        self._world.ports.ledger.commit(Write((), (entry,)))
        return member_id

    def _buy(self, label: str, member_id: str | None, lines: int) -> object:
        bought = realistic(self._world.purchase_id(label), lines)
        member = MemberId(member_id) if member_id is not None else None
        return post_purchase(self._near.ports, TILL, PostPurchase(bought, member), NOW)

    def _claim(self, number: int) -> object:
        purchase_id = self._world.purchase_id(f"guest-{number}")
        return claim_purchase(self._near.ports, TILL, purchase_id, MemberId(self._member), NOW)

    def _use(self, number: int) -> object:
        return use_redemption(self._near.ports, TILL, self._issued[2 * number], f"u-{number}", NOW)

    def _cancel(self, number: int) -> object:
        return self._near.cancel(self._issued[2 * number + 1], f"c-{number}")

    def _send(self, number: int) -> None:
        sent = self._near.send(self._member, self._friend, 1, f"s-{number}").answer
        self._sent.append(sent.transfer_id)

    def _import(self, number: int, row: Row) -> object:
        command = ImportRow("bench", self._world.name, number, row, self._member)
        return import_row(self._near.ports, command, NOW, dry_run=False)


def _history(number: int) -> Row:
    at = NOW - timedelta(days=9)
    return HistoryRow(f"h-{number}", Named("card_number", "-"), at, amount_minor=499, points=4)


def _balance(number: int) -> Row:
    return BalanceRow(f"b-{number}", Named("card_number", "-"), 50, None, allow_debt=False)
