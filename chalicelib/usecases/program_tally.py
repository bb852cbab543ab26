"""Adds up what a version of the program would change, page by page of the ledger.

Sums alone: whose points they are does not leave this place. Writes nothing.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import partial

from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.entries import Why
from chalicelib.domain.program_plan import Compared, Switch, gifts_waiting, repriced, tiers_of
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.current import standing_in
from chalicelib.usecases.ledger_pass import Place, Sums
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.ports.books import AccountBook, Book, PurchaseBook

LARGEST_KEPT = 5


@dataclass(slots=True)
class Tally:
    """What was found so far; a mutable sum, as JSON can say it.

    members: those of households each. moves: `from>to` (ids of tiers, empty for none) -> members.
    gift_points: [active, planned], gift_members: who would be given any by the planned version.
    purchases: looked at, more and less: those of them that would earn more, or less. rules: id ->
    points [active, planned]. largest: the purchases' largest changes, [active, planned].
    unreadable: partitions that were passed over, as not to be read by this release.
    """

    members: int = 0
    moves: dict[str, int] = field(default_factory=dict)
    gift_points: list[int] = field(default_factory=lambda: [0, 0])
    gift_members: int = 0
    purchases: int = 0
    more: int = 0
    less: int = 0
    rules: dict[str, list[int]] = field(default_factory=dict)
    largest: list[list[int]] = field(default_factory=list)
    unreadable: int = 0

    def add_account(
        self, members: int, tiers: tuple[str | None, str | None], gifts: Compared
    ) -> None:
        """Count an account that so many members share."""
        self.members += members
        if tiers[0] != tiers[1]:
            move = f"{tiers[0] or ''}>{tiers[1] or ''}"
            self.moves[move] = self.moves.get(move, 0) + members
        self.gift_members += 1 if gifts.planned else 0
        self._add(self.gift_points, gifts.active, gifts.planned)

    def add_purchase(self, active: Iterable[Why], planned: Iterable[Why]) -> None:
        """Count a purchase by what either version's rules give for it."""
        before, after = _by_rule(active), _by_rule(planned)
        for rule in sorted(before.keys() | after.keys()):
            self._add(self.rules.setdefault(rule, [0, 0]), before.get(rule, 0), after.get(rule, 0))
        earned = [sum(before.values()), sum(after.values())]
        self.purchases += 1
        self.more += 1 if earned[1] > earned[0] else 0
        self.less += 1 if earned[1] < earned[0] else 0
        self._keep_largest([earned])

    def add(self, other: "Tally") -> None:
        """Count all that another tally found elsewhere."""
        self.members += other.members
        for move, members in other.moves.items():
            self.moves[move] = self.moves.get(move, 0) + members
        self._add(self.gift_points, *other.gift_points)
        self.gift_members += other.gift_members
        self.purchases += other.purchases
        self.more += other.more
        self.less += other.less
        for rule, points in other.rules.items():
            self._add(self.rules.setdefault(rule, [0, 0]), *points)
        self._keep_largest(other.largest)
        self.unreadable += other.unreadable

    def _keep_largest(self, changes: list[list[int]]) -> None:
        changed = [change for change in self.largest + changes if change[0] != change[1]]
        changed.sort(key=lambda change: (-abs(change[1] - change[0]), change))
        self.largest = changed[:LARGEST_KEPT]

    @staticmethod
    def _add(sums: list[int], active: int, planned: int) -> None:
        sums[0] += active
        sums[1] += planned


class ProgramVisitor:
    """The visitor of a plan's pass: every account, and every purchase that the switch covers."""

    def __init__(self, ports: Ports, switch: Switch) -> None:
        self._ports = ports
        self._switch = switch

    def start(self) -> Sums:
        return asdict(Tally())

    def visit(self, sums: Sums, books: tuple[Book, ...], place: Place) -> Sums:
        del place  # nothing is written, so that it matters to nobody which page this is
        tally = Tally(**sums)
        accounts: dict[str, Account] = {}
        for book in books:
            if book.unreadable:
                tally.unreadable += 1
            elif isinstance(book, AccountBook) and book.entries:
                self._account(tally, book)
            elif isinstance(book, PurchaseBook) and book.file is not None:
                self._purchase(tally, book.file, accounts)
        return asdict(tally)

    def _account(self, tally: Tally, book: AccountBook) -> None:
        account = book.entries[-1].account()
        if account.moved_to is not None:  # who has it is counted there
            return
        if account.status is AccountStatus.ERASED:
            return
        gifts = gifts_waiting(account, self._switch)
        tally.add_account(1 + account.sharers, tiers_of(account, self._switch), gifts)

    def _purchase(self, tally: Tally, file: PurchaseFile, accounts: dict[str, Account]) -> None:
        account_id = file.account_id
        if (
            account_id is None
            or file.record.is_redacted
            or not self._switch.covers(file.record.purchase)
        ):
            return
        rules = self._ports.programs.version(file.record.program_version)
        account = partial(self._account_of, account_id, accounts)
        active, planned = (
            repriced(program, rules, file, account)
            for program in (self._switch.active, self._switch.planned)
        )
        tally.add_purchase(active, planned)

    def _account_of(self, account_id: str, known: dict[str, Account]) -> Account:
        """The account that a purchase went to, read once a page; an empty one if it is gone."""
        if account_id not in known:
            try:
                known[account_id] = standing_in(self._ports, account_id).entry.account()
            except MemberNotFound:
                known[account_id] = Account()
        return known[account_id]


def _by_rule(why: Iterable[Why]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in why:
        sums[row.rule] = sums.get(row.rule, 0) + row.points
    return sums
