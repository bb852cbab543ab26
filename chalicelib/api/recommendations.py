"""What a member is recommended, over HTTP."""

from typing import Literal

import msgspec

from chalicelib.api.points import member_exists
from chalicelib.api.shell import Answer, Call, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.domain.together import Recommended, why_product
from chalicelib.usecases.list_rewards import RewardView
from chalicelib.usecases.recommend import recommend

routes = Routes(__name__)


class RecommendedProduct(msgspec.Struct, frozen=True):
    """bought_with: what the member has bought that it goes with. why: the same in words, in the
    member's language."""

    sku: str
    category: str | None
    bought_with: str
    why: str


class RecommendedReward(msgspec.Struct, frozen=True):
    """points: what it costs the member."""

    reward_id: str
    name: str
    points: int


class RecommendationsAnswer(msgspec.Struct, frozen=True):
    """Both the best first, at most ten of each. reason: `no_profiling_consent` where the member
    does not let us look at what it buys; null where it does."""

    products: list[RecommendedProduct]
    rewards: list[RecommendedReward]
    reason: Literal["no_profiling_consent"] | None


@routes.get(
    "/v1/members/{member_id}/recommendations",
    opens=(Scope.SELF, Scope.MEMBERS_LOOKUP),
    summary="Read what a member is recommended",
    audited="member.recommendations.read",
    answers={200: RecommendationsAnswer},
    refuses=(MemberNotFound, MemberErased),
    exists=member_exists,
)
def get_recommendations(call: Call[None, None], member_id: str) -> Answer:
    """Products that other members often buy with what this one bought last, as counted once a week,
    and rewards that it can redeem now, those of what it buys most first."""
    found = recommend(call.ports, member_id, call.now)
    answer = msgspec.convert(
        {
            "products": [_product(one, found.language) for one in found.products],
            "rewards": [_reward(view) for view in found.rewards],
            "reason": found.reason,
        },
        RecommendationsAnswer,
    )
    return Answer(200, answer)


def _product(one: Recommended, language: str | None) -> RecommendedProduct:
    why = why_product(one.bought_with, language)
    return RecommendedProduct(one.sku, one.category, one.bought_with, why)


def _reward(view: RewardView) -> RecommendedReward:
    points = view.points_for_me if view.points_for_me is not None else view.reward.points
    return RecommendedReward(view.reward.reward_id, view.reward.name, points)
