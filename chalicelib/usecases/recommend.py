"""What a member is recommended: products that go with what it bought, rewards that it can have now.

Only while the member lets us look at what it buys; what others buy is known as sums alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from chalicelib.domain.callers import MEMBER_SCOPES, Caller, CallerKind
from chalicelib.domain.rewards import Reward
from chalicelib.domain.together import (
    STALE_DAYS,
    Recommended,
    Together,
    recommended_products,
    recommended_rewards,
)
from chalicelib.domain.traits import behaviour_allowed
from chalicelib.usecases.current import Current, as_of_now, standing_in
from chalicelib.usecases.list_rewards import RewardView, list_rewards
from chalicelib.usecases.ports import Ports

NO_CONSENT = "no_profiling_consent"
_MOST_REWARDS = 100


@dataclass(frozen=True, slots=True)
class Recommendations:
    """reason: why there are none, None where we may look. rewards: each with what it costs the
    member. language: the one the member is told it in, None for the program's."""

    products: tuple[Recommended, ...] = ()
    rewards: tuple[RewardView, ...] = ()
    reason: str | None = None
    language: str | None = None


def recommend(ports: Ports, member_id: str, now: datetime) -> Recommendations:
    """What a member is recommended now. Raises MemberNotFound, MemberErased."""
    at = as_of_now(ports, standing_in(ports, member_id), now)
    if not behaviour_allowed(at.traits):
        return Recommendations(reason=NO_CONSENT, language=at.traits.language)
    # What several share an account for is nobody's own.
    behaviour = at.behaviour if not at.account.household else None
    views = {view.reward.reward_id: view for view in _affordable(ports, member_id, at)}
    rewards = [view.reward for view in views.values()]
    known = _known(ports, at, rewards) if behaviour is not None else {}
    ranked = recommended_rewards(rewards, behaviour, known)
    return Recommendations(
        products=recommended_products(behaviour, known) if behaviour is not None else (),
        rewards=tuple(views[reward.reward_id] for reward in ranked),
        language=at.traits.language,
    )


def _affordable(ports: Ports, member_id: str, at: Current) -> list[RewardView]:
    """The rewards that the member can redeem as it is, in its own eyes."""
    itself = Caller(
        CallerKind.MEMBER, f"member:{member_id}", MEMBER_SCOPES, member_id, member_id=member_id
    )
    page = list_rewards(ports, itself, None, _MOST_REWARDS, at.now)
    return [
        view
        for view in page.views
        if view.unavailable is None and (view.points_for_me or 0) <= at.account.available
    ]


def _known(ports: Ports, at: Current, rewards: list[Reward]) -> Mapping[str, Together]:
    """What is known of what the member bought, of what goes with that, and of the rewards."""
    behaviour = at.behaviour
    bought = behaviour.skus if behaviour is not None else ()
    given = [reward.sku for reward in rewards if reward.sku is not None]
    first = _fresh(ports.products.together(chain(bought, given[:_MOST_GIVEN])), at.today)
    others = {
        companion.sku
        for sku in bought
        if sku in first
        for companion in first[sku].companions
        if companion.sku not in first
    }
    return {**_fresh(ports.products.together(others), at.today), **first}


_MOST_GIVEN = 80
"""With the last eight products below what one look-up takes."""


def _fresh(found: Mapping[str, Together], today: date) -> dict[str, Together]:
    oldest = today - timedelta(days=STALE_DAYS)
    return {sku: one for sku, one in found.items() if one.counted_on >= oldest}
