"""What a reward costs a member now: its own price, or a better one that an offer gives it."""

from dataclasses import replace

from chalicelib.domain.account import Account
from chalicelib.domain.reward_prices import Redeemer, RewardOffer, best_price, with_price
from chalicelib.domain.rewards import Reward
from chalicelib.usecases.current import Current
from chalicelib.usecases.fund_offer import shards_for
from chalicelib.usecases.ports import Ports


def price_of_offer(
    ports: Ports, at: Current, member_id: str, reward: Reward, name: str, *, ask: bool
) -> RewardOffer | None:
    """The best price that an offer gives a member and whose budget can pay for it, with the shards
    that do; None where there is none.

    name: of the redemption. ask: what is left of budgets, because no write will find it out. Costs
    no read while no budget is known to run low. Raises StoreUnavailable.
    """
    live, without = ports.offers.live(), set[str]()
    who = redeemer(at, member_id)
    while (price := best_price(live, reward, who, without)) is not None:
        shards = shards_for(ports, price.offer, price.applied.cost, name, ask=ask)
        if shards is not None:
            return replace(price, applied=replace(price.applied, shards=shards))
        without.add(price.offer.offer_id)
    return None


def account_at_price(
    ports: Ports, at: Current, member_id: str, price: RewardOffer | None
) -> Account:
    """The account with what a redemption at a price uses of it, before any points."""
    if price is None:
        return at.account
    return with_price(at.account, price, ports.offers.live(), redeemer(at, member_id))


def shown_price(ports: Ports, at: Current, member_id: str, reward: Reward) -> RewardOffer | None:
    """The best price that an offer gives a member, as a list shows it: without those of budgets
    that are known to run low."""
    live = ports.offers.live()
    return best_price(live, reward, redeemer(at, member_id), ports.offers.scarce())


def redeemer(at: Current, member_id: str) -> Redeemer:
    """The member whose account was read, as the one that redeems."""
    return Redeemer(member_id, at.account, at.traits, at.program, at.now, at.facts)
