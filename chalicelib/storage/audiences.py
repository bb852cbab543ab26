"""Who may be written to for what and how, over DynamoDB: the facts beside each member, and an index
of the members by purpose and channel that follows from them in the same transaction.

| class | `t` | key | attributes |
|---|---|---|---|
| ReachItem | reach | `M#<member>` / `REACH` | `n` version, `d` the facts |
| AudienceItem | audience | `AUDIENCE#<purpose>#<channel>#<shard>` / `<member>` | none |
"""

import msgspec
from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.reach import Audience, Reach, shard_of
from chalicelib.storage import keys
from chalicelib.storage.faults import store_errors
from chalicelib.storage.reading import get
from chalicelib.storage.tables import IntAttribute, PeopleItem
from chalicelib.storage.writing import Delete, Put
from chalicelib.usecases.ports import AudiencePage, ReachChange

ANYWAY = PeopleItem.pk.does_not_exist() | PeopleItem.pk.exists()
"""An audience follows from the facts, whatever stands there."""


class ReachItem(PeopleItem, discriminator="reach"):
    n = IntAttribute()
    d = UnicodeAttribute()


class AudienceItem(PeopleItem, discriminator="audience"):
    """Its key says it all."""


class _Facts(msgspec.Struct, frozen=True):
    """As they are stored; `Reach` without its version."""

    consents: dict[str, tuple[MessageChannel, ...]]
    wanted: tuple[MessageChannel, ...] | None
    proved: tuple[MessageChannel, ...]
    heard: bool
    bouncing: tuple[MessageChannel, ...] = ()


def kept_reach(member_id: str) -> Reach | None:
    """A member's facts, consistently read."""
    item = get(ReachItem, keys.member(member_id), keys.REACH)
    if item is None:
        return None
    facts = msgspec.json.decode(item.d, type=_Facts)
    return Reach(item.n, facts.consents, facts.wanted, facts.proved, facts.bouncing, facts.heard)


def reach_writes(member_id: str, change: ReachChange) -> tuple[list[Put], list[Delete]]:
    """What a change puts, the facts first with their condition, and what it deletes."""
    before, after = change.before, change.after
    facts = _Facts(dict(after.consents), after.wanted, after.proved, after.heard, after.bouncing)
    item = ReachItem(keys.member(member_id), keys.REACH, n=after.version)
    item.d = msgspec.json.encode(facts).decode()
    follows = ReachItem.n == before.version if before.version else None
    puts = [Put(item, follows)]
    puts += [Put(_place(audience, member_id), ANYWAY) for audience in _sorted(change.entered)]
    return puts, [Delete(_place(audience, member_id)) for audience in _sorted(change.left)]


def _sorted(audiences: frozenset[Audience]) -> list[Audience]:
    return sorted(audiences, key=lambda audience: (audience.purpose, audience.channel))


def _place(audience: Audience, member_id: str) -> AudienceItem:
    return AudienceItem(_partition(audience, shard_of(member_id)), member_id)


def _partition(audience: Audience, shard: int) -> str:
    return keys.audience(audience.purpose, audience.channel, shard)


class DynamoAudiences:
    """The `Audiences` port over the bound table. page_size: how many members a page has."""

    def __init__(self, page_size: int = 1_000) -> None:
        self._page_size = page_size

    def page(self, audience: Audience, shard: int, after: str | None) -> AudiencePage:
        pk = _partition(audience, shard)
        start = {"pk": {"S": pk}, "sk": {"S": after}} if after is not None else None
        with store_errors():
            answer = PeopleItem._get_connection().query(
                pk, consistent_read=True, exclusive_start_key=start, limit=self._page_size
            )
        members = tuple(item["sk"]["S"] for item in answer["Items"])
        return AudiencePage(members, members[-1] if "LastEvaluatedKey" in answer else None)

    def size(self, audience: Audience, shard: int) -> int:
        pk, start = _partition(audience, shard), None
        found = 0
        while True:
            with store_errors():
                answer = PeopleItem._get_connection().query(
                    pk, consistent_read=True, exclusive_start_key=start, select="COUNT"
                )
            found += int(answer["Count"])
            start = answer.get("LastEvaluatedKey")
            if start is None:
                return found
