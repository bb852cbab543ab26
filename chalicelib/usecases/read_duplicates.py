"""Which members are probably one person: of one member, or all that were reported.

For support, who then merges them or does not. Two that stand in for each other already are told no
longer, nor is anybody who has gone.
"""

from dataclasses import dataclass

from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.likeness import Pair, alikes_of, pair_of
from chalicelib.usecases.note_likeness import others_alike
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_member import known_member


@dataclass(frozen=True, slots=True)
class PairPage:
    """after: where the next page begins; None where there is none."""

    pairs: tuple[Pair, ...]
    after: tuple[str, str] | None


def duplicates_of(ports: Ports, member_id: str) -> tuple[Pair, ...]:
    """The members who are alike with one, by its profile as it is. Raises MemberNotFound."""
    member = known_member(ports, member_id)
    found = others_alike(ports, member_id, alikes_of(member))
    pairs = (pair_of(member_id, other, likenesses) for other, likenesses in sorted(found.items()))
    return tuple(pair for pair in pairs if _is_open(ports, pair))


def all_duplicates(ports: Ports, after: tuple[str, str] | None, limit: int) -> PairPage:
    """A page of the pairs that were reported; fewer than `limit` where some are settled."""
    found = ports.duplicates.reported(after, limit)
    more = len(found) == limit
    still = tuple(pair for pair in found if _is_open(ports, pair))
    return PairPage(still, found[-1].members if more else None)


def _is_open(ports: Ports, pair: Pair) -> bool:
    """Whether both are there and neither's account has gone into the other's."""
    first, second = (_account(ports, member_id) for member_id in pair.members)
    if first is None or second is None:
        return False
    return first.moved_to != pair.members[1] and second.moved_to != pair.members[0]


def _account(ports: Ports, member_id: str) -> Account | None:
    head = ports.ledger.head(member_id)
    account = head.entry.account() if head is not None else None
    return account if account is not None and account.status is not AccountStatus.ERASED else None
