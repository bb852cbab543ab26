"""What a till does: purchases, also late ones and those of nobody, claims, and returns, also those
that come before their purchase."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import consumes, multiple, rule

from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.purchases import Purchase
from chalicelib.domain.refusals import ConflictingReplay
from chalicelib.domain.returned import Returned, ReturnedLine
from chalicelib.usecases.claim_purchase import claim_by_code, claim_purchase
from chalicelib.usecases.post_purchase import PostPurchase, PurchasePosted, post_purchase
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from tests.ledger_world import PROGRAM, TILL
from tests.property import seen
from tests.property.stage import Stage

Bought = tuple[PostPurchase, PurchasePosted]
Rows = list[tuple[int, int, str | None, str | None]]
"""Minor units, quantity, category and brand of each line."""

bought_lines = st.lists(
    st.tuples(
        st.sampled_from([0, 99, 1_000, 2_550, 7_777]),
        st.integers(1, 3),
        st.sampled_from([None, "beans", "gift_cards"]),
        st.sampled_from([None, "kronos"]),
    ),
    min_size=1,
    max_size=3,
)
paid = st.sampled_from([(), (Tender("card", 500),), (Tender("gift_card", 1_234),)])
shares = st.sampled_from([(1, 2), (1, 1), (1, 3), (2, 1)])
days_ago = st.sampled_from([0, 0, 0, 0, 1, 20, 40, 400, 801, -1])
amounts = st.sampled_from([1, 99, 500, 1_000, 5_000, 20_000])
foreseen = st.sampled_from([99, 20_000, {0: (1, 99)}, {0: (1, 500), 1: (1, 1)}])


class Buying(Stage):
    """Purchases and what becomes of them."""

    def __init__(self) -> None:
        super().__init__()
        self.bought: dict[str, Bought] = {}

    @rule(
        target=Stage.purchases,
        member=st.none() | Stage.members,
        rows=bought_lines,
        tenders=paid,
        ago=days_ago,
    )
    def buy(self, member: str | None, rows: Rows, tenders: tuple[Tender, ...], ago: int) -> Any:
        return self._buy(self.sides.name("p"), member, rows, tenders, ago)

    @rule(
        target=Stage.purchases,
        member=Stage.members,
        redemption_id=Stage.redemptions,
        rows=bought_lines,
    )
    def buy_with_points(self, member: str, redemption_id: str, rows: Rows) -> Any:
        tenders = (Tender("points", 500, redemption_id),)
        return self._buy(self.sides.name("p"), member, rows, tenders, 0)

    @rule(
        target=Stage.purchases,
        name=consumes(Stage.promised),
        member=st.none() | Stage.members,
        rows=bought_lines,
        ago=days_ago,
    )
    def buy_what_came_back_already(
        self, name: str, member: str | None, rows: Rows, ago: int
    ) -> Any:
        return self._buy(name, member, rows, (), ago)

    def _buy(
        self, name: str, member: str | None, rows: Rows, tenders: tuple[Tender, ...], ago: int
    ) -> Any:
        lines = tuple(
            Line(str(n), "sku-1", quantity, minor, category, brand)
            for n, (minor, quantity, category, brand) in enumerate(rows)
        )
        at = self.now - timedelta(days=ago)
        bought = Purchase(name, at, PROGRAM.currency, lines, tenders)
        command = PostPurchase(bought, MemberId(member) if member else None)
        now = self.now

        def by_the_rules() -> dict[str, Any]:
            posted = self.plain.purchases.post(name, member, lines, tenders, at, now)
            return self.plain.returns.apply_waiting(name, posted, now)

        answer = self.sides.both(
            lambda **how: post_purchase(self.ports, TILL, command, self.now, **how),
            by_the_rules,
            seen.posted,
            quoted=True,
        )
        if answer is None:
            return multiple()
        self.bought[name] = command, answer
        return name

    @rule(name=Stage.purchases, member=Stage.members)
    def claim(self, name: str, member: str) -> None:
        if not self._is_of(name, member):
            self.sides.both(
                lambda: claim_purchase(self.ports, TILL, name, MemberId(member), self.now),
                lambda: self.plain.purchases.claim(name, member, self.now),
                seen.earned,
            )

    @rule(name=Stage.purchases, member=Stage.members)
    def claim_by_receipt(self, name: str, member: str) -> None:
        code = self.bought[name][1].claim_code
        if code and not self._is_of(name, member):
            self.sides.both(
                lambda: claim_by_code(self.ports, member, code.lower(), self.now),
                lambda: self.plain.purchases.claim_by_receipt(name, member, self.now),
                seen.earned,
            )

    def _is_of(self, name: str, member: str) -> bool:
        """Who has a purchase and claims it is told what it was told."""
        bought, account_of = self.plain.purchases.all[name], self.plain.book.account_of
        shares = bought.owner is not None and account_of(bought.owner) == account_of(member)
        return shares or member in (bought.owner, bought.claimer)

    @rule(name=Stage.purchases)
    def repeat_a_purchase_with_more_money(self, name: str) -> None:
        command, _ = self.bought[name]
        first = command.purchase.lines[0]
        dearer = replace(first, amount_minor=first.amount_minor + 1)
        bought = replace(command.purchase, lines=(dearer, *command.purchase.lines[1:]))
        with pytest.raises(ConflictingReplay) as conflict:
            post_purchase(self.ports, TILL, replace(command, purchase=bought), self.now)
        assert conflict.value.differing == ["lines"]

    # --- returns ---------------------------------------------------------------------------------

    @rule(name=Stage.purchases, minor=amounts)
    def return_an_amount(self, name: str, minor: int) -> None:
        self._return(name, minor)

    @rule(name=Stage.purchases, share=shares, first=st.booleans())
    def return_lines(self, name: str, share: tuple[int, int], first: bool) -> None:
        left = self.plain.purchases.all[name].left
        rows = {
            number: (row[0] * share[0] // share[1], row[1] * share[0] // share[1])
            for number, row in enumerate(left)
            if number == 0 or not first
        }
        self._return(name, rows)

    @rule(target=Stage.promised, returned=foreseen)
    def return_what_is_yet_to_be_bought(self, returned: Any) -> str:
        name = self.sides.name("p")
        self._return(name, returned)
        return name

    @rule(name=Stage.promised, returned=foreseen)
    def return_more_of_it(self, name: str, returned: Any) -> None:
        self._return(name, returned)

    def _return(self, name: str, rows: int | dict[int, tuple[int, int]]) -> None:
        return_id = self.sides.name("r")
        returned: Returned = (
            rows
            if isinstance(rows, int)
            else tuple(ReturnedLine(str(number), *row) for number, row in rows.items())
        )
        command = ReturnPurchase(name, return_id, returned)
        self.sides.both(
            lambda **how: return_purchase(self.ports, TILL, command, self.now, **how),
            lambda: self.plain.returns.back(name, return_id, rows, self.now),
            seen.taken,
            quoted=True,
        )
