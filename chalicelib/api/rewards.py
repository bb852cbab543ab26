"""Rewards over HTTP: the catalogue for staff, and what there is to redeem for members and tills."""

from typing import Any

from chalicelib.api.etags import version_in
from chalicelib.api.reward_models import (
    RewardAnswer,
    RewardBody,
    RewardList,
    draft_of,
    staff_answer,
    view_answer,
)
from chalicelib.api.shell import Answer, Call, Page, Routes, cursor_behind, id_after
from chalicelib.domain.callers import CallerKind, Scope
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    InvalidContent,
    RewardNotAvailable,
    RewardNotFound,
    VersionStale,
)
from chalicelib.domain.rewards import Reward
from chalicelib.usecases.archive_reward import archive_reward
from chalicelib.usecases.create_reward import create_reward
from chalicelib.usecases.list_rewards import RewardView, list_rewards, read_reward
from chalicelib.usecases.replace_reward import replace_reward

routes = Routes(__name__)


def reward_exists(call: Call[Any, Any], reward_id: str) -> str:
    """The reward's ETag, asked when a request to it is malformed. Raises RewardNotFound."""
    reward = call.ports.rewards.get(reward_id)
    if reward is None:
        raise RewardNotFound()
    return str(reward.version)


@routes.post(
    "/v1/rewards",
    opens=(Scope.REWARDS_WRITE,),
    summary="Create a reward with its stock",
    body=RewardBody,
    answers={201: RewardAnswer},
    refuses=(InvalidContent, ConflictingReplay, Conflict),
    idempotency_key=True,
)
def post_reward(call: Call[RewardBody, None]) -> Answer:
    draft = draft_of(call.body)
    outcome = create_reward(call.ports, call.caller, draft, call.idempotency_key, call.now)
    created = outcome.answer
    answer = staff_answer(created, created.stock)  # as created, and as replayed
    return Answer(201, answer, etag=str(created.version), replayed=outcome.replayed)


@routes.get(
    "/v1/rewards",
    opens=(Scope.REWARDS_READ,),
    summary="List the rewards",
    query=Page,
    answers={200: RewardList},
)
def get_rewards(call: Call[None, Page]) -> Answer:
    """Newest first. Staff see all of them with the units that are left; members and tills see
    those that are not archived, each with whether it can be redeemed now and why not. Points are
    left aside: compare `points` with the account's `available`."""
    page = list_rewards(call.ports, call.caller, id_after(call), call.query.limit, call.now)
    last = page.views[-1].reward.reward_id if page.more else None
    cursor = cursor_behind(call, last)
    return Answer(200, RewardList([_shown(call, view) for view in page.views], cursor))


@routes.get(
    "/v1/rewards/{reward_id}",
    opens=(Scope.REWARDS_READ,),
    summary="Read a reward",
    answers={200: RewardAnswer},
    refuses=(RewardNotFound,),
)
def get_reward(call: Call[None, None], reward_id: str) -> Answer:
    view = read_reward(call.ports, call.caller, reward_id, call.now)
    return Answer(200, _shown(call, view), etag=str(view.reward.version))


@routes.put(
    "/v1/rewards/{reward_id}",
    opens=(Scope.REWARDS_WRITE,),
    summary="Replace a reward",
    body=RewardBody,
    answers={200: RewardAnswer},
    refuses=(InvalidContent, RewardNotFound, RewardNotAvailable, VersionStale, Conflict),
    if_match=True,
    exists=reward_exists,
)
def put_reward(call: Call[RewardBody, None], reward_id: str) -> Answer:
    """`stock` is units in all, those redeemed too: what is left grows or shrinks by as much. Below
    what was redeemed already it is 409 `conflict` with reason `stock_below_redeemed`. Redemptions
    that were issued keep the terms of their version."""
    draft = draft_of(call.body, reward_id, version_in(call.if_match))
    return _changed(call, replace_reward(call.ports, call.caller, draft, call.now))


@routes.post(
    "/v1/rewards/{reward_id}/archive",
    opens=(Scope.REWARDS_WRITE,),
    summary="Archive a reward",
    answers={200: RewardAnswer},
    refuses=(RewardNotFound,),
    exists=reward_exists,
)
def post_reward_archive(call: Call[None, None], reward_id: str) -> Answer:
    """For good: nobody redeems it any more. Vouchers that were issued stay good."""
    return _changed(call, archive_reward(call.ports, call.caller, reward_id, call.now))


def _shown(call: Call[Any, Any], view: RewardView) -> RewardAnswer:
    if call.caller.kind is CallerKind.STAFF:
        return staff_answer(view.reward, view.remaining)
    return view_answer(view)


def _changed(call: Call[Any, Any], reward: Reward) -> Answer:
    answer = staff_answer(reward, call.ports.rewards.remaining(reward))
    return Answer(200, answer, etag=str(reward.version))
