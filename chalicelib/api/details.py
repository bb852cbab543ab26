"""Whether a member's details still hold, over HTTP: the answer to what we ask once a year."""

import msgspec

from chalicelib.api.profiles import profile_exists
from chalicelib.api.shell import Answer, Call, Instant, Routes
from chalicelib.domain.callers import Scope
from chalicelib.domain.instants import printed
from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.usecases.confirm_details import confirm_details

routes = Routes(__name__)


class DetailsConfirmed(msgspec.Struct, frozen=True):
    details_confirmed_at: Instant


@routes.post(
    "/v1/members/{member_id}/details/confirm",
    opens=(Scope.SELF,),
    summary="Say that the profile still holds",
    answers={200: DetailsConfirmed},
    refuses=(MemberNotFound, MemberErased),
    exists=profile_exists,
)
def post_details_confirmation(call: Call[None, None], member_id: str) -> Answer:
    """To change the profile, or to send a code back, says the same."""
    at = confirm_details(call.ports, member_id, call.now)
    return Answer(200, DetailsConfirmed(printed(at)))
