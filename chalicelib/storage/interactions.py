"""Interactions over DynamoDB: what a member told us, sealed whole with the member's own key.

| class | `t` | attributes |
|---|---|---|
| InteractionItem | interaction | `v` schema, `n` version, `f` sealed: kind, who wrote it down, content |
| InteractionLeadItem | interaction_lead | `at` when it was: where it stands among the others |
| ReminderItem | reminder | none: a hint whose key says all |
| OwnReminderItem | own_reminder | none: where the hint stands, for who erases the member |
"""  # noqa: E501  # a table reads better unbroken

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.due import SHARDS, shard_of
from chalicelib.domain.freshness import FreshnessChange
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.interactions import (
    Answers,
    Complaint,
    Content,
    Enquiry,
    Feedback,
    Interaction,
    InteractionKind,
    Warranty,
)
from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.domain.surveys import Survey, counted
from chalicelib.storage import keys
from chalicelib.storage.faults import store_errors
from chalicelib.storage.freshness_items import change_of
from chalicelib.storage.gone import GoneItem, still_here, transact_for
from chalicelib.storage.ledger import Beside, DynamoLedger
from chalicelib.storage.people_items import KeyItem, SealedAttribute
from chalicelib.storage.reading import get
from chalicelib.storage.sealed_fields import Seal
from chalicelib.storage.surveys import count_answer
from chalicelib.storage.tables import IntAttribute, PeopleItem
from chalicelib.storage.writing import Cancelled, Delete, Put, Update, transact
from chalicelib.usecases.ports import Reminder, StoreNewer, Vault, Verdict, Write

SCHEMA = 1

_KINDS: dict[InteractionKind, type[Content]] = {
    InteractionKind.ENQUIRY: Enquiry,
    InteractionKind.COMPLAINT: Complaint,
    InteractionKind.FEEDBACK: Feedback,
    InteractionKind.SURVEY: Answers,
    InteractionKind.WARRANTY: Warranty,
    InteractionKind.COMPETITION: Answers,
}

_ANYWAY = PeopleItem.pk.does_not_exist() | PeopleItem.pk.exists()
"""A hint says the same whoever has put it."""


class InteractionItem(PeopleItem, discriminator="interaction"):
    v = IntAttribute()
    n = IntAttribute()
    f = SealedAttribute()

    def interaction(self, seal: Seal) -> Interaction:
        """What it holds. StoreNewer when a newer release wrote it."""
        if self.v > SCHEMA:
            raise StoreNewer(f"an interaction of schema {self.v}, this release knows {SCHEMA}")
        values = seal.opened(self.f)
        kind = InteractionKind(values["kind"])
        at, _, interaction_id = self.sk.removeprefix(keys.INTERACTION).partition("#")
        return Interaction(
            member_id=seal.member_id,
            interaction_id=interaction_id,
            version=self.n,
            kind=kind,
            at=parsed(at),
            by=values["by"],
            content=msgspec.convert(values["content"], _KINDS[kind]),
        )


class InteractionLeadItem(PeopleItem, discriminator="interaction_lead"):
    at = UnicodeAttribute()


class ReminderItem(PeopleItem, discriminator="reminder"):
    pass


class OwnReminderItem(PeopleItem, discriminator="own_reminder"):
    pass


class DynamoInteractions:
    """The `Interactions` port over the bound tables. ledger: writes what answers give."""

    def __init__(self, vault: Vault, ledger: DynamoLedger) -> None:
        self._vault = vault
        self._ledger = ledger

    def get(self, member_id: str, interaction_id: str) -> Interaction | None:
        pk = keys.member(member_id)
        lead = get(InteractionLeadItem, pk, keys.interaction_lead(interaction_id))
        if lead is None:
            return None
        item = get(InteractionItem, pk, keys.interaction(lead.at, interaction_id))
        return item.interaction(self._seal(member_id)) if item is not None else None

    def page(
        self, member_id: str, after: tuple[datetime, str] | None, limit: int
    ) -> list[Interaction]:
        pk = keys.member(member_id)
        start = None
        if after is not None:
            sk = keys.interaction(printed(after[0]), after[1])
            start = {"pk": {"S": pk}, "sk": {"S": sk}}
        with store_errors():
            answer = InteractionItem._get_connection().query(
                pk,
                range_key_condition=InteractionItem.sk.startswith(keys.INTERACTION),
                consistent_read=True,
                exclusive_start_key=start,
                limit=limit,
                scan_index_forward=False,
            )
            items = [InteractionItem.from_raw_data(item) for item in answer["Items"]]
        if not items:
            return []
        seal = self._seal(member_id)
        return [item.interaction(seal) for item in items]

    def add(self, interaction: Interaction) -> bool:
        puts = [*self._new(interaction), *_hints(_due_of(interaction))]
        try:
            transact_for(interaction.member_id, puts, updates=[_heard(interaction)])
        except Cancelled:
            return False
        return True

    def answer(self, interaction: Interaction, survey: Survey, write: Write) -> Verdict:
        content = interaction.content
        assert isinstance(content, Answers)  # noqa: S101  # nothing else answers a survey
        tally = counted(survey, content.answers)
        beside = Beside(
            puts=self._new(interaction),
            updates=[
                count_answer(survey.survey_id, tally, interaction.interaction_id),
                _heard(interaction),
            ],
            absent=[still_here(interaction.member_id)],
        )
        return self._ledger.commit(write, beside)

    def change(self, before: Interaction, after: Interaction) -> bool:
        item = self._item(after)
        old, new = set(_due_of(before)), set(_due_of(after))
        deletes = [Delete(item) for due in old - new for item in _reminder_items(due)]
        puts = [Put(item, InteractionItem.n == before.version), *_hints(new - old)]
        try:
            transact_for(after.member_id, puts, deletes=deletes)
        except Cancelled:
            return False
        return True

    def due(self, until: date) -> Iterator[Reminder]:
        for shard in range(SHARDS):
            yield from _due_in(keys.reminders(shard), until)

    def forget(self, reminder: Reminder) -> None:
        transact(deletes=[Delete(item) for item in _reminder_items(reminder)])

    # --- sealing -----------------------------------------------------------------------------

    def _new(self, interaction: Interaction) -> list[Put]:
        pk, lead = keys.member(interaction.member_id), interaction.interaction_id
        at = printed(interaction.at)
        lead_item = InteractionLeadItem(pk, keys.interaction_lead(lead), at=at)
        return [Put(lead_item), Put(self._item(interaction))]

    def _item(self, interaction: Interaction) -> InteractionItem:
        values = {
            "kind": str(interaction.kind),
            "by": interaction.by,
            "content": msgspec.to_builtins(interaction.content),
        }
        sk = keys.interaction(printed(interaction.at), interaction.interaction_id)
        item = InteractionItem(keys.member(interaction.member_id), sk)
        item.v, item.n = SCHEMA, interaction.version
        item.f = self._seal(interaction.member_id).closed(values)
        return item

    def _seal(self, member_id: str) -> Seal:
        item = get(KeyItem, keys.member(member_id), keys.ONLY)
        if item is not None:
            return Seal(self._vault, member_id, item.k)
        if get(GoneItem, keys.member(member_id), keys.GONE) is not None:
            raise MemberErased
        raise MemberNotFound


# --- reminders -----------------------------------------------------------------------------------


def _heard(interaction: Interaction) -> Update:
    """That the member was heard of by it: nobody is removed who writes to us."""
    return change_of(interaction.member_id, FreshnessChange(active_at=interaction.at))


def _due_of(interaction: Interaction) -> Sequence[Reminder]:
    """What an interaction has its member reminded of."""
    content = interaction.content
    if not isinstance(content, Warranty) or content.remind_on is None:
        return ()
    return (Reminder(content.remind_on, interaction.member_id, interaction.interaction_id),)


def _hints(due: Iterable[Reminder]) -> list[Put]:
    return [Put(item, _ANYWAY) for one in due for item in _reminder_items(one)]


def _reminder_items(reminder: Reminder) -> tuple[ReminderItem, OwnReminderItem]:
    day, member_id, interaction_id = reminder.day, reminder.member_id, reminder.interaction_id
    pk = keys.reminders(shard_of(member_id))
    own = keys.own_reminder(day, interaction_id)
    return (
        ReminderItem(pk, keys.reminder(day, member_id, interaction_id)),
        OwnReminderItem(keys.member(member_id), own),
    )


def _due_in(pk: str, until: date) -> Iterator[Reminder]:
    """The hints of a shard up to a day, earliest first, page by page."""
    start: dict[str, Any] | None = None
    last = keys.last_reminder(until)
    while True:
        with store_errors():
            answer = ReminderItem._get_connection().query(
                pk,
                range_key_condition=ReminderItem.sk <= last,
                consistent_read=True,
                exclusive_start_key=start,
            )
        for item in answer["Items"]:
            day, member_id, interaction_id = item["sk"]["S"].split("#")
            yield Reminder(date.fromisoformat(day), member_id, interaction_id)
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return
