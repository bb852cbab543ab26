"""Announcements and what became of their letters: the same by the store and by the fake."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import boto3
import pytest

from chalicelib.domain.announcements import Announcement, Course, Fate, Sending, Words
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.refusals import MemberErased
from chalicelib.providers.letter_queue import SqsLetterQueue
from chalicelib.storage import keys
from chalicelib.storage.announcements import DynamoAnnouncements
from chalicelib.storage.gone import GoneItem
from chalicelib.storage.writing import Put, transact
from chalicelib.usecases.ports import Announcements
from tests.fakes.announcements import FakeAnnouncements

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
Erase = Callable[[str], None]


@pytest.fixture(params=["dynamo", "fake"])
def place(request: pytest.FixtureRequest) -> tuple[Announcements, Erase]:
    if request.param == "fake":
        fake = FakeAnnouncements()
        return fake, fake.gone.add
    request.getfixturevalue("bound")
    return DynamoAnnouncements(), _erase


def _erase(member_id: str) -> None:
    gone = GoneItem(keys.member(member_id), keys.GONE)
    gone.at = "2026-05-04T09:30:00.000Z"
    transact([Put(gone)])


def _announcement() -> Announcement:
    texts = {"de": Words("“Größer”", "a\nb"), "en": Words("Hello", "x")}
    return Announcement(
        f"ann_{token_hex(8)}", "off_1", "adverts", MessageChannel.MAIL, texts, "tea"
    )


def _sending(announcement_id: str, fate: Fate, version: int = 1) -> Sending:
    member_id = f"mem_{token_hex(8)}"
    return Sending(
        member_id,
        announcement_id,
        version,
        fate,
        NOW,
        "me",
        "off_1",
        "adverts",
        MessageChannel.MAIL,
    )


def test_an_announcement_is_kept_once_and_moves_step_by_step(
    place: tuple[Announcements, Erase],
) -> None:
    store, _ = place
    said = _announcement()
    course = Course(said.announcement_id, said.offer_id, NOW, NOW)
    assert (store.get(said.announcement_id), store.course(said.announcement_id)) == (None, None)
    assert store.add(said, course)
    assert not store.add(replace(said, category=None), course)
    moved = replace(course, version=2, after="mem_1", queued=7, is_over=True, is_listed=True)
    assert store.move(moved)
    assert not store.move(moved)
    assert store.get(said.announcement_id) == said
    assert store.course(said.announcement_id) == moved
    assert moved in store.courses()


def test_fates_are_kept_one_after_the_other_and_counted_as_they_stand(
    place: tuple[Announcements, Erase],
) -> None:
    store, erase = place
    announcement_id = _announcement().announcement_id
    waits = replace(_sending(announcement_id, Fate.WAITING), again_at=NOW + timedelta(hours=1))
    sent = _sending(announcement_id, Fate.SENT)
    withheld = _sending(announcement_id, Fate.NO_CONSENT)
    for each in (waits, sent, withheld):
        assert store.keep(None, each)
        assert not store.keep(None, replace(each, by="another"))
    assert store.decided(announcement_id) == {Fate.SENT: 1, Fate.NO_CONSENT: 1}
    in_doubt = replace(sent, version=2, fate=Fate.FAILED)
    told = replace(waits, version=2, fate=Fate.SENT, again_at=None)
    assert store.keep(sent, in_doubt)
    assert store.keep(waits, told)
    assert not store.keep(waits, replace(told, by="another"))
    counted = {fate: n for fate, n in store.decided(announcement_id).items() if n}
    assert counted == {Fate.SENT: 1, Fate.NO_CONSENT: 1, Fate.FAILED: 1}

    everybody = [waits.member_id, sent.member_id, "mem_nobody"]
    kept = {waits.member_id: told, sent.member_id: in_doubt}
    assert store.sendings(announcement_id, everybody) == kept
    assert store.sending(announcement_id, sent.member_id) == in_doubt
    assert store.sending(announcement_id, "mem_nobody") is None
    assert store.of_member(sent.member_id) == [in_doubt]

    erase(told.member_id)
    with pytest.raises(MemberErased):
        store.keep(told, replace(told, version=3, fate=Fate.FAILED))
    late = _sending(announcement_id, Fate.SENT)
    erase(late.member_id)
    with pytest.raises(MemberErased):
        store.keep(None, late)


@pytest.mark.usefixtures("bound")
def test_the_queue_says_what_the_worker_reads() -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=f"letters-{token_hex(6)}")["QueueUrl"]
    queue = SqsLetterQueue(url, lambda: sqs)
    queue.list_on("ann_1")
    queue.write_to("ann_1", ["mem_1", "mem_2"])
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert sorted(one["Body"] for one in found) == ["ann_1", "ann_1/mem_1,mem_2"]
