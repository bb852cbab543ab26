"""How many members may be written to, over HTTP. No personal data."""

import msgspec

from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.allowances import ANALYTICS
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.purposes import PurposeKind
from chalicelib.domain.refusals import Conflict
from chalicelib.usecases.read_reach import Reached, read_reach

routes = Routes(__name__)


class ReachedAnswer(msgspec.Struct, frozen=True):
    """members: whose consent is in force, who want this channel and proved an address of it, and
    whose account is not frozen."""

    purpose: str
    kind: PurposeKind
    channel: MessageChannel
    members: int


class ReachAnswer(msgspec.Struct, frozen=True):
    as_of: Instant
    reach: list[ReachedAnswer]


@routes.get(
    "/v1/analytics/reach",
    opens=(Scope.ANALYTICS_READ,),
    summary="Read how many members may be written to, by purpose and channel",
    answers={200: ReachAnswer},
    refuses=(Conflict,),
    rationed=ANALYTICS,
)
def get_reach(call: Call[None, None]) -> Answer:
    """Counted now, from what decides of every letter: whoever withdraws is not among them from the
    same moment on."""
    counted = [_counted(reached) for reached in read_reach(call.ports)]
    return Answer(200, ReachAnswer(printed(call.now), counted))


def _counted(reached: Reached) -> ReachedAnswer:
    purpose, audience = reached.purpose, reached.audience
    return ReachedAnswer(purpose.purpose, purpose.kind, audience.channel, reached.members)
