"""Many workers, messages that come four times, a store and a mail provider that fail: each member
gets one letter."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random
from secrets import token_hex
from threading import Lock

import pytest

from chalicelib.domain.announcements import Course, Fate, Sending
from chalicelib.domain.refusals import TryAgain
from chalicelib.storage.announcements import DynamoAnnouncements
from chalicelib.usecases.ports import Message, NotTaken, StoreUnavailable
from chalicelib.usecases.write_announced import write_announced
from tests.fakes.outside import FakeMessages
from tests.ledger_world import brisk
from tests.people_world import NOW
from tests.unit.test_announcing import DRAFT, Mailing, mailing

__all__ = ["mailing"]  # a fixture, found by its name

WORKERS = 8
TIMES = 4
MEMBERS = 30


class Flaky(DynamoAnnouncements):
    """One write in five is not answered, and of these every other one has landed."""

    def __init__(self, random: Random) -> None:
        self._random, self._lock = random, Lock()

    def keep(self, before: Sending | None, after: Sending) -> bool:
        with self._lock:
            lost = self._random.random()
        if lost < 0.1:
            raise StoreUnavailable("never came")
        kept = super().keep(before, after)
        if lost < 0.2:
            raise StoreUnavailable("came, and nobody says so")
        return kept


class Busy(FakeMessages):
    """One mail in five is not taken."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random, self._lock = random, Lock()

    def send(self, message: Message) -> None:
        with self._lock:
            if self._random.random() < 0.2:
                raise NotTaken("too many at once")
            super().send(message)


@pytest.mark.usefixtures("bound")
def test_each_member_gets_one_letter_whatever_fails_and_however_often_it_is_asked(
    mailing: Mailing,
) -> None:
    members = [mailing.member(f"m{number}", "adverts") for number in range(MEMBERS)]
    announcement = replace(DRAFT, announcement_id=f"ann_{token_hex(8)}")
    store, mailbox = Flaky(Random(7)), Busy(Random(8))
    assert store.add(announcement, Course(announcement.announcement_id, "off_1", NOW, NOW))
    patience = replace(brisk(), pause=lambda _: None)
    ports = replace(mailing.ports, announcements=store, messages=mailbox, patience=patience)

    def work(some: Sequence[str]) -> None:
        for _ in range(100):  # as the queue sends again what failed
            try:
                write_announced(ports, announcement.announcement_id, some, NOW)
            except (NotTaken, StoreUnavailable, TryAgain):
                continue
            return
        raise AssertionError("a message that never gets done")

    messages = [members[first : first + 10] for first in range(0, MEMBERS, 10)] * TIMES
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, messages))

    letters = Counter(message.to for message in mailbox.sent)
    assert set(letters.values()) == {1}
    assert len(letters) == MEMBERS
    counted = {fate: n for fate, n in store.decided(announcement.announcement_id).items() if n}
    assert counted == {Fate.SENT: MEMBERS}
