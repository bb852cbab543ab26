"""By what members are alike, over DynamoDB. No key holds it in clear: an HMAC stands for it.

| class | `t` | attributes |
|---|---|---|
| AlikeItem | alike | `m` member id |
| PairItem | pair | `l` in what they are alike |

A pair stands in the list of all pairs and beside either member, so that one member's are found.
"""

from collections.abc import Collection, Iterable

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.likeness import Alike, Likeness, Pair
from chalicelib.domain.names import Namer
from chalicelib.domain.refusals import MemberErased
from chalicelib.storage import keys
from chalicelib.storage.gone import still_here, transact_for
from chalicelib.storage.reading import oldest_of, raw_partition
from chalicelib.storage.tables import PeopleItem
from chalicelib.storage.writing import Cancelled, Delete, Put, transact

_ANYWAY = PeopleItem.pk.does_not_exist() | PeopleItem.pk.exists()
"""To keep or report the same again is no conflict."""

_AT_ONCE = 100
"""Items of one transaction."""


class AlikeItem(PeopleItem, discriminator="alike"):
    m = UnicodeAttribute()


class PairItem(PeopleItem, discriminator="pair"):
    l = UnicodeAttribute()  # noqa: E741  # the stored name


class DynamoDuplicates:
    """The `Duplicates` port over the bound tables."""

    def __init__(self, namer: Namer) -> None:
        self._namer = namer

    def keep(self, member_id: str, begun: Collection[Alike], ended: Collection[Alike]) -> None:
        puts = [Put(lead, _ANYWAY) for lead in self._leads(begun, member_id)]
        deletes = [Delete(lead) for lead in self._leads(ended, member_id)]
        transact_for(member_id, puts, deletes=deletes)

    def alike(self, alike: Alike, limit: int) -> list[str]:
        return [item.m for item in oldest_of(AlikeItem, self._key(alike), limit=limit)]

    def report(self, pair: Pair) -> None:
        said = ",".join(pair.likenesses)
        first, second = pair.members
        places = [
            (keys.DUPLICATES, keys.pair(first, second)),
            (keys.member(first), keys.alike_beside(second)),
            (keys.member(second), keys.alike_beside(first)),
        ]
        puts = [Put(PairItem(*place, l=said), _ANYWAY) for place in places]
        try:
            transact(puts, absent=[still_here(member) for member in pair.members])
        except Cancelled as cancelled:
            raise MemberErased from cancelled

    def reported(self, after: tuple[str, str] | None, limit: int) -> list[Pair]:
        start = keys.pair(*after) if after is not None else None
        found = oldest_of(PairItem, keys.DUPLICATES, limit=limit, after=start)
        return [_pair(item) for item in found]

    def forget(self, member_id: str, known: Collection[Alike]) -> None:
        going: list[PeopleItem] = list(self._leads(known, member_id))
        beside = keys.alike_beside("")
        for raw in raw_partition(PeopleItem, keys.member(member_id)):
            if raw["sk"]["S"].startswith(beside):
                other = raw["sk"]["S"].removeprefix(beside)
                going.append(PairItem(keys.DUPLICATES, keys.pair(*sorted((member_id, other)))))
                going.append(PairItem(keys.member(member_id), keys.alike_beside(other)))
                going.append(PairItem(keys.member(other), keys.alike_beside(member_id)))
        for start in range(0, len(going), _AT_ONCE):
            transact(deletes=[Delete(item) for item in going[start : start + _AT_ONCE]])

    def _leads(self, alikes: Iterable[Alike], member_id: str) -> list[AlikeItem]:
        return [AlikeItem(self._key(alike), member_id, m=member_id) for alike in alikes]

    def _key(self, alike: Alike) -> str:
        return keys.alike(alike.likeness, self._namer.name("alike", alike.likeness, alike.value))


def _pair(item: PairItem) -> Pair:
    first, _, second = item.sk.partition("#")
    return Pair((first, second), tuple(Likeness(name) for name in item.l.split(",")))
