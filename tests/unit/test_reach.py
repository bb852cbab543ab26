"""For what and how a member may be written to: rules, any order of changes, and every race."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.letters import Letter
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.reach import Audience, Reach, audiences, shard_of
from chalicelib.domain.refusals import Refusal
from chalicelib.usecases.contact import Address, Withheld, may_write, send_to
from chalicelib.usecases.unsubscribe import unsubscribe
from tests.people_world import NOW, fake_people_world
from tests.reachable import EVERY, MAIL, SMS, Reachable, reachable

ALL = Reach(
    consents={"loyalty_terms": (), "news": (MAIL,), "offers": tuple(MessageChannel)},
    proved=(MAIL, SMS),
)


def test_an_audience_needs_consent_a_wanted_channel_a_proved_address_and_an_open_account() -> None:
    assert audiences(ALL) == set(EVERY)
    for channel in MessageChannel:
        assert all(one.channel is not MessageChannel.PUSH for one in audiences(ALL)), channel
    assert audiences(Reach(proved=(MAIL, SMS))) == set()


@pytest.mark.parametrize(
    ("wanted", "proved", "heard", "expected"),
    [
        ((SMS,), (MAIL, SMS), True, {Audience("offers", SMS)}),
        ((), (MAIL, SMS), True, set()),
        (None, (), True, set()),
        (None, (MAIL, SMS), False, set()),
    ],
)
def test_each_of_them_alone_keeps_a_member_out(
    wanted: tuple[MessageChannel, ...] | None,
    proved: tuple[MessageChannel, ...],
    heard: bool,
    expected: set[Audience],
) -> None:
    reach = replace(ALL, wanted=wanted, proved=proved, heard=heard)
    assert audiences(reach) == expected


def test_a_shard_is_for_ever_the_same() -> None:
    assert [shard_of(f"mem_{number}") for number in range(5)] == [2, 2, 10, 6, 1]


# --- any order -----------------------------------------------------------------------------------

NAMES = sorted(reachable(fake_people_world()[0]).acts())


def act(ada: Reachable, name: str) -> None:
    """Do it; to be refused is no harm."""
    try:
        ada.acts()[name]()
    except Refusal:
        return


@settings(max_examples=60)
@given(st.lists(st.sampled_from(NAMES), max_size=12))
def test_after_any_order_of_changes_the_index_says_what_the_records_say(names: list[str]) -> None:
    ada = reachable(fake_people_world()[0])
    for name in names:
        act(ada, name)
        assert ada.audiences == ada.by_records(), names


# --- every race ----------------------------------------------------------------------------------


class Interrupted:
    """A port that lets something happen right before one of its calls."""

    def __init__(self, port: Any, before_call: Callable[[str], None]) -> None:
        self._port, self._before_call = port, before_call

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)

        def called(*arguments: Any, **named: Any) -> Any:
            self._before_call(name)
            return found(*arguments, **named)

        return called


def run_with(
    ada: Reachable, act: Callable[[], object], happens: Callable[[], object], at: int
) -> list[str]:
    """Let something happen right before the call number `at` that an act makes (from 1, 0 for
    never); the names of its calls, in order."""
    calls: list[str] = []
    ports = ada.world.ports

    def before_call(name: str) -> None:
        calls.append(name)
        if len(calls) == at:
            ada.world.ports = ports
            happens()
            ada.world.ports = wrapped

    around: dict[str, Any] = {
        name: Interrupted(getattr(ports, name), before_call)
        for name in ("people", "ledger", "messages")
    }
    wrapped = replace(ports, **around)
    ada.world.ports = wrapped
    try:
        act()
    except Refusal:
        pass  # to be refused is no harm
    finally:
        ada.world.ports = ports
    return calls


def everywhere() -> Reachable:
    """A member in every audience there is."""
    ada = reachable(fake_people_world()[0])
    for name in ("grant news", "confirm", "grant offers", "prove a phone"):
        ada.acts()[name]()
    assert ada.audiences == set(EVERY)
    return ada


def nowhere() -> Reachable:
    """A member in no audience, who waits for a confirmation and has chosen a channel of no use."""
    ada = reachable(fake_people_world()[0])
    ada.says("news", granted=True)
    ada.wants(MessageChannel.PUSH)
    return ada


LEAVING = [
    "withdraw news",
    "leave offers",
    "leave service mails",
    "want text messages",
    "give up the phone",
    "prove a phone",
    "freeze",
]
ENTERING = ["confirm", "grant offers", "prove a phone", "want mail", "want text messages", "freeze"]


@pytest.mark.parametrize(
    ("scene", "first", "others"),
    [
        *((everywhere, first, LEAVING) for first in LEAVING),
        *((nowhere, first, ENTERING) for first in ENTERING),
    ],
)
def test_whatever_comes_between_two_calls_of_a_change_the_index_says_what_the_records_say(
    scene: Callable[[], Reachable], first: str, others: list[str]
) -> None:
    alone = scene()
    undisturbed = len(run_with(alone, alone.acts()[first], list, 0))
    for second in others:
        for at in range(1, undisturbed + 1):
            ada = scene()
            calls = run_with(ada, ada.acts()[first], partial(act, ada, second), at)
            assert ada.audiences == ada.by_records(), (second, at, calls)


# --- letters on their way ------------------------------------------------------------------------

LETTER = Letter("News", "There is tea.")


def write(ada: Reachable, purpose: str) -> None:
    """What every worker does that writes letters."""
    address = may_write(ada.world.ports, ada.member_id, purpose, MAIL, NOW)
    if isinstance(address, Address):
        send_to(ada.world.ports, address, LETTER)


@pytest.mark.parametrize(
    ("purpose", "withdrawal"),
    [
        ("news", "withdraw news"),
        ("offers", "leave offers"),
        ("offers", "leave service mails"),
        ("offers", "want text messages"),
        ("news", "freeze"),
        ("loyalty_terms", "leave service mails"),
        ("loyalty_terms", "freeze"),
    ],
)
def test_a_letter_that_is_about_to_go_out_is_held_back_by_a_withdrawal_at_any_time_before_it(
    purpose: str, withdrawal: str
) -> None:
    """Only when it comes after the last look, while the letter is being handed over, it is late."""
    alone = everywhere()
    undisturbed = run_with(alone, partial(write, alone, purpose), list, 0)
    assert undisturbed[-1] == "send"
    for at in range(1, len(undisturbed) + 1):
        ada = everywhere()
        ada.world.mailbox.sent.clear()
        calls = run_with(ada, partial(write, ada, purpose), ada.acts()[withdrawal], at)
        too_late = at == len(undisturbed)
        assert len(ada.world.mailbox.sent) == too_late, (at, calls)


def test_a_withdrawn_consent_holds_back_the_next_letter_for_its_purpose_alone() -> None:
    ada = everywhere()
    ada.says("news", granted=False)
    ada.world.mailbox.sent.clear()
    for purpose in ("news", "offers", "loyalty_terms"):
        write(ada, purpose)
    assert len(ada.world.mailbox.sent) == 2


def test_every_letter_says_in_its_headers_and_its_last_line_how_to_end_it() -> None:
    ada = everywhere()
    ada.world.mailbox.sent.clear()
    write(ada, "offers")
    (message,) = ada.world.mailbox.sent
    link = message.headers["List-Unsubscribe"]
    assert link.startswith("<https://api.stampbook.test/v1/unsubscribe/")
    assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.text.endswith(f"To get no more of these: {link[1:-1]}")
    token = link[1:-1].rpartition("/")[2]
    unsubscribe(ada.world.ports, token, "req", NOW)
    assert Audience("offers", MAIL) not in ada.audiences


def test_one_count_of_the_week_holds_for_all_letters() -> None:
    ada = everywhere()
    ada.world.ports = replace(ada.world.ports, allowances=TwoAWeek())
    ada.wants(MAIL, most=2)
    answers = [
        may_write(ada.world.ports, ada.member_id, purpose, MAIL, NOW)
        for purpose in ("news", "loyalty_terms", "offers")
    ]
    assert [isinstance(answer, Address) for answer in answers] == [True, True, False]
    assert answers[2] is Withheld.FOR_DAYS


class TwoAWeek:
    """Allowances that are used up by two."""

    def __init__(self) -> None:
        self.used = 0

    def take(self, kind: str, whose: str, at_most: int, window_seconds: int, now: datetime) -> int:
        assert (kind, at_most, window_seconds) == ("message", 2, 7 * 86_400)
        assert whose.startswith("mem_")
        assert now == NOW
        self.used += 1
        return 0 if self.used <= 2 else 60
