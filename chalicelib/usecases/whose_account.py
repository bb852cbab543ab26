"""Whether an account is a member's by now: the one question of who may see and undo what was done
with an account's points."""

from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.usecases.current import standing_in
from chalicelib.usecases.heirs import answering_for
from chalicelib.usecases.ports import Ports


def is_of(ports: Ports, account_id: str, member_id: str, standing: str | None = None) -> bool:
    """Whether an account is the member's own, the one that stands in for it (which it was merged
    into, or shares), or one that the same answers for. Who shares an account no longer has
    nothing to do with it, whoever it was that used it.

    standing: the account that stands in for the member's, where that is known: it saves a read.
    """
    if account_id in (member_id, standing):
        return True
    try:
        own = standing or standing_in(ports, member_id).entry.account_id
        return own == account_id or answering_for(ports, account_id).entry.account_id == own
    except (MemberNotFound, MemberErased):
        return False
