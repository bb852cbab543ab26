"""A fake ledger in the form in which the real one stores it, for whoever checks the books."""

import json
from typing import Any

from chalicelib.domain.returned import RefusedReturn
from chalicelib.storage.ledger_items import entry_item
from chalicelib.storage.ledger_puts import cause_item
from chalicelib.storage.offer_documents import encoded_offer
from chalicelib.usecases.ports import Rewards
from tests.fakes.ledger import FakeLedger
from tests.fakes.offers import FakeOffers
from tests.fakes.rewards import FakeRewards
from tests.simulation.books import Limits, Snapshot, Stock, terms_of

Item = dict[str, dict[str, Any]]


def snapshot_of(ledger: FakeLedger, rewards: Rewards) -> Snapshot:
    """A fake ledger and its stock as they would lie in the tables."""
    items: list[Item] = []
    with_entry = {entry.cause for rows in ledger.accounts.values() for entry in rows.values()}
    for rows in ledger.accounts.values():
        items += [entry_item(entry).serialize() for entry in rows.values()]
    for key, cause in ledger.causes.items():
        alone = (
            key[0] not in ("voucher", "spent")
            and key[:2] != ("operation", "claim_code")
            and not isinstance(cause, RefusedReturn)
        )
        is_event = alone and _entry_cause(key) not in with_entry
        items.append(cause_item(cause, is_event=is_event).serialize())
    assert isinstance(rewards, FakeRewards)
    stocks = {
        reward.reward_id: Stock(reward.stock, tuple(rewards.left[reward.reward_id]))
        for reward in rewards.all()
        if reward.stock is not None
    }
    return Snapshot(items, stocks, offers=_limits_of(ledger.offers))


def _limits_of(offers: FakeOffers) -> dict[str, Limits]:
    return {
        offer.offer_id: Limits(
            offer.number,
            Stock(offer.budget.amount, tuple(offers.left[offer.offer_id]))
            if offer.budget is not None and offer.launched_at is not None
            else None,
            offer.member_limit,
            {
                version: terms_of(
                    json.loads(encoded_offer(offers.version(offer.offer_id, version)))
                )
                for version in range(1, offer.version + 1)
            },
        )
        for offer in offers.all()
    }


def _entry_cause(key: tuple[str, ...]) -> str:
    match key:
        case ("purchase", name, number):
            return f"purchase:{name}:{int(number)}"
        case ("end", redemption_id):
            return f"redemption:{redemption_id}:end"
        case ("operation", kind, name):
            return f"{kind}:{name}"
        case _:
            return ":".join(key)
