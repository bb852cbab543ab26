"""A shop on the real application: a program, a till, members and rewards, in a test's own words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from secrets import token_bytes, token_hex
from typing import Any

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.entries import opening_entry
from chalicelib.domain.instants import printed
from chalicelib.domain.names import new_id
from chalicelib.domain.program import (
    EarningRate,
    EarningRule,
    Exclusions,
    Program,
)
from chalicelib.domain.rewards import Reward, RewardKind, shards_for
from chalicelib.storage.people_items import key_item
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import AuditRecord, AuditSearch, Write
from chalicelib.wiring import Services, outside
from tests.api.client import Client, Reply
from tests.fakes.programs import FROM_THE_BEGINNING

COFFEE = Program(
    version=0,
    name="Coffee club",
    zone="Europe/Berlin",
    currency="EUR",
    base=EarningRate(1, 100),
    rules=(EarningRule("beans", "Coffee beans", EarningRate(1, 100), frozenset({"coffee-beans"})),),
    excluded=Exclusions(
        categories=frozenset({"gift-cards"}), tenders=frozenset({"gift_card", "points"})
    ),
)


def line(line_id: str, amount_minor: int, category: str = "cups", quantity: int = 1) -> Any:
    """A line of a purchase as a till writes it."""
    return {
        "line_id": line_id,
        "sku": f"SKU-{line_id}",
        "category": category,
        "quantity": quantity,
        "amount_minor": amount_minor,
    }


@dataclass(slots=True)
class Shop:
    client: Client
    services: Services
    till: str  # the secret of its key
    token_for: Callable[..., str]

    def promise(self, **terms: Any) -> Program:
        """Switch to another version of the program; terms of `Program` by name."""
        programs = self.services.ports.programs
        latest = programs.latest()
        number = latest.version + 1 if latest is not None else 1
        program = replace(COFFEE, version=number, **terms)
        assert programs.add(program, FROM_THE_BEGINNING)
        programs.activate(number, FROM_THE_BEGINNING)
        return program

    def member(self, status: AccountStatus = AccountStatus.ACTIVE) -> str:
        """A member of whom nothing is known but that it has an account."""
        member_id = new_id("mem", token_bytes(16))
        opening = opening_entry(member_id, status, self.services.clock())
        self.services.ports.ledger.commit(Write((), (opening,)))
        return member_id

    def with_key(self, member_id: str) -> str:
        """The same member with a key of its own, which seals what is told of it."""
        wrapped = outside.vault(self.services.settings).create_key(member_id)
        transact([Put(key_item(member_id, wrapped))])
        return member_id

    def recorded(self, member_id: str) -> list[AuditRecord]:
        """What was done or read of a member, oldest first."""
        page = self.services.ports.audit.find(AuditSearch(member_id=member_id), None, 100)
        return list(reversed(page.records))

    def reward(self, points: int, **terms: Any) -> str:
        """A free product for this many points; other terms of `Reward` by name."""
        stock = terms.get("stock")
        reward = Reward(
            reward_id=new_id("rwd", token_bytes(16)),
            version=1,
            name="A cup",
            kind=RewardKind.FREE_PRODUCT,
            points=points,
            sku="CUP",
            stock_shards=shards_for(stock) if stock is not None else 0,
        )
        reward = replace(reward, **terms)
        assert self.services.ports.rewards.put(reward, self.services.clock()) == "written"
        return reward.reward_id

    def purchase(self, member_id: str | None, *lines: Any, **fields: Any) -> dict[str, Any]:
        """The body of a purchase now, with an id of its own; fields replace or add."""
        return {
            "purchase_id": f"p-{token_hex(6)}",
            "member": {"member_id": member_id} if member_id is not None else None,
            "occurred_at": printed(self.services.clock()),
            "currency": "EUR",
            "lines": list(lines) or [line("1", 10_000)],
            **fields,
        }

    def post(self, path: str, body: object, *, key: str | None = None, **how: Any) -> Reply:
        """The till posts."""
        headers: Mapping[str, str] = {"Idempotency-Key": key} if key is not None else {}
        return self.client.post(path, body, bearer=self.till, headers=headers, **how)

    def earn(self, member_id: str, points: int) -> None:
        """Give a member points by a purchase."""
        body = self.purchase(member_id, line("1", points * 100))
        assert self.post("/v1/purchases", body).status == 201

    def account(self, member_id: str) -> Any:
        """The account as the till reads it."""
        reply = self.client.get(f"/v1/members/{member_id}/account", bearer=self.till)
        assert reply.status == 200, reply.body
        return reply.json()

    def redeem(self, member_id: str, reward_id: str, key: str | None = None, **body: Any) -> Reply:
        """The till redeems for a member who is present."""
        path = f"/v1/members/{member_id}/redemptions"
        return self.post(path, {"reward_id": reward_id, **body}, key=key or token_hex(8))

    def staff(self, *groups: str, sub: str = "anna") -> str:
        """A token of a member of staff."""
        return self.token_for(sub, groups)
