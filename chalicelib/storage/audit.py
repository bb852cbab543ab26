"""The audit record over DynamoDB: only ever put, a partition a day, an index by member.

Why somebody read or changed something of a member is sealed with that member's own key, so that it
goes with the member. The rest are ids, instants and words of our own.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError

from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.names import new_id
from chalicelib.storage import keys
from chalicelib.storage.faults import failed_condition, store_errors
from chalicelib.storage.people_items import KeyItem
from chalicelib.storage.reading import get
from chalicelib.storage.tables import AuditItem, ByMemberIndex
from chalicelib.usecases.ports import AuditPage, AuditRecord, AuditSearch, Entropy, Vault
from chalicelib.usecases.ports.guards import role_of

_PAGE = 100
MOST_PASSED_OVER = 1_000
"""Records that are looked at before somebody is answered, whether they are asked for or not."""


class RecordItem(AuditItem, discriminator="A"):
    """sealed: the reason where a member is concerned; reason: where none is."""

    who = UnicodeAttribute()
    role = UnicodeAttribute(null=True)
    action = UnicodeAttribute()
    subject = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    sealed = BinaryAttribute(null=True, legacy_encoding=False)

    def record(self, opened: Callable[[str, str, bytes], str | None]) -> AuditRecord:
        reason: str | None = self.reason
        if self.sealed is not None and self.member_id is not None:
            reason = opened(self.member_id, self.sk, self.sealed)
        return AuditRecord(
            position=self.sk,
            at=parsed(self.sk.partition("#")[0]),
            who=self.who,
            role=role_of(self.who, self.role),
            action=self.action,
            member_id=self.member_id,
            reason=reason,
            subject=self.subject,
        )


class DynamoAudit:
    """The `Audit` port over the bound table. most_passed_over: records that a search looks at."""

    def __init__(
        self, entropy: Entropy, vault: Vault, most_passed_over: int = MOST_PASSED_OVER
    ) -> None:
        self._entropy = entropy
        self._vault = vault
        self._most_passed_over = most_passed_over

    def record(
        self,
        *,
        who: str,
        action: str,
        member_id: str | None,
        reason: str | None,
        at: datetime,
        subject: str | None = None,
        role: str | None = None,
    ) -> None:
        instant = printed(at)
        position = keys.audit_record(instant, new_id("aud", self._entropy(16)))
        sealed = self._sealed(member_id, position, reason) if member_id and reason else None
        item = RecordItem(
            keys.audit_day(instant[:10]),
            position,
            who=who,
            role=role,
            action=action,
            member_id=member_id,
            subject=subject,
            reason=None if member_id else reason,
            sealed=sealed,
        )
        try:
            with store_errors():
                item.save(condition=RecordItem.pk.does_not_exist())
        except PutError as error:
            # The id is random: what stands there is this very record, whose reply was lost.
            if not failed_condition(error):
                raise

    def find(self, search: AuditSearch, before: str | None, limit: int) -> AuditPage:
        found: list[AuditRecord] = []
        opening = _Opening(self._vault)
        for looked_at, item in enumerate(_newest_first(search, before), start=1):
            if len(found) == limit:
                return AuditPage(tuple(found), found[-1].position)
            if _is_asked_for(item, search):
                found.append(item.record(opening))
            if looked_at == self._most_passed_over:
                return AuditPage(tuple(found), item.sk)
        return AuditPage(tuple(found), None)

    def _sealed(self, member_id: str, position: str, reason: str) -> bytes | None:
        """The reason as it is kept; None for somebody whose key is gone already, of whom nothing
        may be kept that tells more than that it happened."""
        key = get(KeyItem, keys.member(member_id), keys.ONLY)
        if key is None:
            return None
        return self._vault.seal(member_id, key.k, _field(position), reason.encode())


class _Opening:
    """Opens sealed reasons; looks for the key of each member once."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._keys: dict[str, bytes | None] = {}

    def __call__(self, member_id: str, position: str, sealed: bytes) -> str | None:
        if member_id not in self._keys:
            item = get(KeyItem, keys.member(member_id), keys.ONLY)
            self._keys[member_id] = item.k if item is not None else None
        key = self._keys[member_id]
        if key is None:
            return None
        return self._vault.open(member_id, key, _field(position), sealed).decode()


def _field(position: str) -> str:
    """What a sealed reason is bound to: its own record."""
    return f"audit#{position}"


def _is_asked_for(item: RecordItem, search: AuditSearch) -> bool:
    return search.who in (None, item.who) and search.action in (None, item.action)


def _newest_first(search: AuditSearch, before: str | None) -> Iterator[RecordItem]:
    """The records of a member, or else of a day, that stand before a position."""
    start = _start(search, before) if before is not None else None
    while True:
        with store_errors():
            answer = AuditItem._get_connection().query(
                search.member_id or keys.audit_day(str(search.day)),
                range_key_condition=(
                    AuditItem.sk.startswith(str(search.day)) if search.day is not None else None
                ),
                index_name=ByMemberIndex.Meta.index_name if search.member_id else None,
                consistent_read=search.member_id is None,
                exclusive_start_key=start,
                limit=_PAGE,
                scan_index_forward=False,
            )
            items = [RecordItem.from_raw_data(item) for item in answer["Items"]]
        yield from items
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return


def _start(search: AuditSearch, before: str) -> Any:  # PynamoDB types it as text, takes a whole key
    place = {"pk": {"S": keys.audit_day(before[:10])}, "sk": {"S": before}}
    return place | ({"member_id": {"S": search.member_id}} if search.member_id else {})
