"""Members who are probably one person, for support, over HTTP."""

import msgspec

from chalicelib.api.points import member_exists
from chalicelib.api.shell import Answer, Call, Page, Routes, cursor_after, position_of
from chalicelib.domain.callers import Scope
from chalicelib.domain.likeness import Likeness, Pair
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.read_duplicates import all_duplicates, duplicates_of

routes = Routes(__name__)


class DuplicateAnswer(msgspec.Struct, frozen=True):
    """alike: in what. mailbox: but for dots, what follows a plus, and look-alike letters; born:
    name and date of birth; home: name and postal address; phone: the number, proved or not."""

    member_ids: tuple[str, str]
    alike: list[Likeness]


class DuplicatesAnswer(msgspec.Struct, frozen=True):
    items: list[DuplicateAnswer]


class DuplicatesPage(msgspec.Struct, frozen=True):
    """A page can hold fewer than `limit`: pairs that were merged since are left out."""

    items: list[DuplicateAnswer]
    next_cursor: str | None


@routes.get(
    "/v1/members/{member_id}/duplicates",
    opens=(Scope.MEMBERS_READ,),
    summary="Find the members who are probably the same person as this one",
    answers={200: DuplicatesAnswer},
    refuses=(MemberNotFound,),
    audited="member.duplicates.read",
    exists=member_exists,
)
def get_member_duplicates(call: Call[None, None], member_id: str) -> Answer:
    """Nothing is changed by it: `POST /v1/members/{member_id}/merges` brings two together."""
    pairs = duplicates_of(call.ports, member_id)
    told_of = tuple(member_id for pair in pairs for member_id in pair.members)
    return Answer(
        200, DuplicatesAnswer([duplicate_answer(pair) for pair in pairs]), concerns=told_of
    )


@routes.get(
    "/v1/duplicates",
    opens=(Scope.MEMBERS_READ,),
    summary="List the pairs of members who are probably one person",
    query=Page,
    audited="member.duplicates.read",
    answers={200: DuplicatesPage},
)
def list_duplicates(call: Call[None, Page]) -> Answer:
    owner, after = call.caller.source, None
    if call.query.cursor is not None:
        first, second = position_of(call, owner, call.query.cursor)
        after = str(first), str(second)
    page = all_duplicates(call.ports, after, call.query.limit)
    cursor = cursor_after(call, owner, list(page.after)) if page.after is not None else None
    return Answer(200, DuplicatesPage([duplicate_answer(pair) for pair in page.pairs], cursor))


def duplicate_answer(pair: Pair) -> DuplicateAnswer:
    """A pair as it is answered."""
    return DuplicateAnswer(pair.members, list(pair.likenesses))
