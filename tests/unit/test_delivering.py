"""Deliveries to webhooks: in order a member, again while they fail, in nobody's way."""

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.webhooks import MOST_TRIES, SHARDS, Disabled, Health, Parcel, shard_of
from chalicelib.usecases.deliver_parcel import deliver_waiting
from chalicelib.usecases.ports.webhooks import Outcome, Replay
from chalicelib.usecases.tell_webhooks import BusAndWebhooks
from tests.ledger_world import unhurried
from tests.webhook_world import NOW, WebhookWorld, earned

Headers = Mapping[str, str]


def once(ids: list[str]) -> list[str]:
    """Without what was there before."""
    return list(dict.fromkeys(ids))


def of(member: str, ids: list[str]) -> list[int]:
    """The numbers of a member's events."""
    return [int(one.rpartition("-")[2]) for one in ids if one.startswith(f"{member}-")]


def test_an_event_goes_to_those_who_want_it() -> None:
    world = WebhookWorld()
    world.hook("hook_a", "stampbook.points.*")
    world.hook("hook_b", "stampbook.account.opened")
    assert world.tell(earned("mem_a", 1)) == []
    world.work_off()
    assert (world.arrived("hook_a"), world.arrived("hook_b")) == (["mem_a-1"], [])


def test_the_body_is_a_cloud_event_and_the_id_stays_over_tries() -> None:
    world = WebhookWorld()
    world.hook()
    taken = iter([500, 204])
    world.outgoing.answer = lambda *_: next(taken)
    world.tell(earned("mem_a", 1))
    world.work_off()
    world.minutes(1)
    (first, again) = world.outgoing.posted
    assert first[2] == again[2]
    event = json.loads(first[2])
    assert (event["specversion"], event["type"]) == ("1.0", "stampbook.points.earned")
    assert event["data"] == {"member_id": "mem_a", "seq": 1, "points": 5}
    ids = {headers["webhook-id"] for _, headers, _ in world.outgoing.posted}
    assert ids == {event["id"]}
    assert [one.outcome for _, one in world.deliveries.tries] == ["failed", "delivered"]
    assert not world.waiting.heads
    assert not world.waiting.parcels


def test_a_member_waits_behind_its_failed_event_and_nobody_else_does() -> None:
    world = WebhookWorld()
    world.hook()
    fails = {"mem_a-1"}
    world.outgoing.answer = lambda _, headers, __: 500 if headers["webhook-id"] in fails else 204
    world.tell(*(earned(member, seq) for seq in (1, 2, 3) for member in ("mem_a", "mem_b")))
    world.work_off()
    assert of("mem_a", world.arrived()) == [1]
    assert of("mem_b", world.arrived()) == [1, 2, 3]
    fails.clear()
    world.minutes(1)
    assert of("mem_a", once(world.arrived())) == [1, 2, 3]


def test_what_nobody_takes_is_given_up_after_three_days_and_those_behind_it_arrive() -> None:
    world = WebhookWorld()
    world.hook()
    world.outgoing.answer = lambda _, headers, __: (
        400 if headers["webhook-id"] == "mem_a-1" else 204
    )
    world.tell(earned("mem_a", 1), earned("mem_a", 2))
    world.work_off()
    world.days(2.9)
    assert "mem_a-2" not in world.arrived()
    world.days(1.5)
    assert world.arrived() == ["mem_a-1"] * MOST_TRIES + ["mem_a-2"]
    outcomes = [one.outcome for _, one in world.deliveries.tries]
    assert outcomes.count(Outcome.GIVEN_UP) == 1
    assert world.noted.count("webhook_events_given_up") == 1
    assert not world.waiting.heads
    hook = world.webhooks.get("hook_a")
    assert hook is not None
    assert hook.disabled is None


def test_nobody_is_tried_before_its_time() -> None:
    world = WebhookWorld()
    world.hook()
    world.outgoing.answer = lambda *_: 503
    world.tell(earned("mem_a", 1))
    world.work_off()
    world.minutes(1)
    world.queue.wake("hook_a", [0, shard_of("mem_a")], world.now)  # too early, and of nobody
    world.work_off()
    assert world.arrived() == ["mem_a-1"] * 2


def test_a_receiver_that_says_gone_is_disabled_at_once() -> None:
    world = WebhookWorld()
    world.hook()
    world.outgoing.answer = lambda *_: 410
    world.tell(earned("mem_a", 1))
    world.work_off()
    hook = world.webhooks.get("hook_a")
    assert hook is not None
    assert (hook.disabled, hook.disabled_at) == (Disabled.GONE, world.now)
    world.tell(earned("mem_b", 1))
    world.days(4)
    assert world.arrived() == ["mem_a-1"]
    assert world.noted == ["webhooks_disabled"]


def test_a_receiver_that_fails_for_five_days_is_disabled_and_not_before() -> None:
    world = WebhookWorld()
    world.hook()
    world.outgoing.answer = lambda *_: None
    for day in range(7):
        world.tell(earned(f"mem_{day}", 1))
        world.work_off()
        hook = world.webhooks.get("hook_a")
        assert hook is not None
        assert (hook.disabled is Disabled.FAILING) == (day >= 5), day
        world.days(1)


def test_a_dead_receiver_is_soon_left_alone_and_tried_again_later() -> None:
    world = WebhookWorld()
    world.hook()
    world.outgoing.answer = lambda *_: None
    world.tell(*(earned(f"mem_{number}", 1) for number in range(200)))
    world.work_off()
    assert len(world.arrived()) == 10
    assert len(world.waiting.heads) == 200
    assert world.noted == ["webhooks_resting"]
    world.minutes(30)
    assert len(world.arrived()) < 20
    world.outgoing.answer = lambda *_: 204
    world.minutes(35)
    assert set(world.arrived()[-200:]) == {f"mem_{number}-1" for number in range(200)}
    assert not world.waiting.heads
    assert world.webhooks.health("hook_a") is None


def test_one_dead_receiver_takes_nothing_from_another() -> None:
    world = WebhookWorld()
    world.hook("hook_a")
    world.hook("hook_b")
    world.outgoing.answer = lambda url, *_: None if "hook_a" in url else 204
    world.tell(*(earned(f"mem_{number}", 1) for number in range(30)))
    world.work_off()
    assert len(world.arrived("hook_b")) == 30


def test_of_one_line_nothing_follows_what_was_not_taken() -> None:
    """The relay is told of all of them, and brings them again in their order."""
    world = WebhookWorld()
    world.hook()
    lost = {"mem_a-2"}
    world.queue.refuse = lambda parcel: parcel.event_id in lost
    near = next(f"mem_{n}" for n in range(99) if shard_of(f"mem_{n}") == shard_of("mem_a"))
    far = next(f"mem_{n}" for n in range(99) if shard_of(f"mem_{n}") != shard_of("mem_a"))
    events = [
        *(earned("mem_a", seq) for seq in (1, 2, 3)),
        earned(near, 1),
        earned(far, 1),
    ]
    assert world.tell(*events) == [1, 2, 3]
    lost.clear()
    assert world.tell(*events) == []
    world.work_off()
    assert of("mem_a", world.arrived()) == [1, 2, 3]
    assert sorted(world.arrived()) == sorted(event.id for event in events)


def test_what_either_way_out_did_not_take_is_reported() -> None:
    class Bus:
        def publish(self, events: object) -> list[int]:  # noqa: ARG002  # it takes all but one
            return [1]

    world = WebhookWorld()
    world.hook()
    world.queue.refuse = lambda parcel: parcel.event_id == "mem_c-1"
    both = BusAndWebhooks(Bus(), lambda: world.ports, lambda: world.now)
    events = [earned(member, 1) for member in ("mem_a", "mem_b", "mem_c")]
    assert both.publish(events) == [1, 2]


def test_without_webhooks_nothing_is_kept() -> None:
    world = WebhookWorld()
    assert world.tell(earned("mem_a", 1)) == []
    assert not world.kept.events


def test_what_was_on_its_way_when_a_webhook_was_disabled_is_sent_when_it_is_enabled() -> None:
    """In order, with what happened meanwhile behind it, and what happens then behind that."""
    world = WebhookWorld()
    hook = world.hook("hook_a", "stampbook.points.*")
    world.tell(*(earned("mem_a", seq) for seq in (1, 2, 3)), earned("mem_b", 1))
    world.webhooks.hooks["hook_a"] = replace(hook, disabled=Disabled.BY_STAFF)
    world.work_off()
    world.tell(*(earned("mem_a", seq) for seq in range(4, 12)))
    world.days(3)
    assert world.arrived() == []
    world.webhooks.hooks["hook_a"] = hook
    world.tell(earned("mem_a", 12))
    world.minutes(1)
    assert of("mem_a", world.arrived()) == list(range(1, 13))
    assert of("mem_b", world.arrived()) == [1]


def test_a_time_is_replayed_in_order_with_the_same_ids() -> None:
    world = WebhookWorld()
    world.hook()
    events = [earned(member, seq) for seq in range(1, 8) for member in ("mem_a", "mem_b")]
    world.tell(*events)
    world.work_off()
    world.now += timedelta(hours=1)
    world.queue.replay("hook_a", Replay("r", NOW - timedelta(days=1), world.now))
    world.work_off()
    assert of("mem_a", world.arrived()) == [*range(1, 8), *range(1, 8)]
    assert len(world.arrived()) == 2 * len(events)


def test_what_is_replayed_does_not_wait_for_the_next_try_of_what_is_before_it() -> None:
    """A receiver was broken for a day, and is mended: its next try may be many hours away."""
    world = WebhookWorld()
    world.hook()
    world.outgoing.answer = lambda *_: 500
    world.tell(earned("mem_a", 1), earned("mem_a", 2))
    world.work_off()
    world.days(1)
    world.outgoing.answer = lambda *_: 204
    world.minutes(31)  # so that it rests no more
    assert "mem_a-2" not in world.arrived()
    world.queue.replay("hook_a", Replay("r", NOW - timedelta(days=1), world.now))
    world.work_off()
    world.minutes(1)
    assert of("mem_a", world.arrived())[-2:] == [1, 2]


def test_an_older_event_that_is_replayed_is_tried_as_often_as_any_other() -> None:
    """It stands before one that has failed for two days, and must not be given up in its stead."""
    world = WebhookWorld()
    world.hook()
    world.tell(earned("mem_a", 1))
    world.work_off()
    world.outgoing.answer = lambda *_: 500
    world.tell(earned("mem_a", 2))
    world.work_off()
    world.days(2.5)
    old = world.kept.events["mem_a-1"]
    parcel = Parcel("hook_a", "mem_a", old.place, "mem_a-1")
    world.queue.send([parcel], "replay_1")
    world.work_off()
    tried = len(world.deliveries.tries)
    world.days(2)
    attempts = [(one.event_id, one.attempt) for _, one in world.deliveries.tries[tried:]]
    assert attempts[:3] == [("mem_a-1", number) for number in (1, 2, 3)]


def test_after_410_nothing_is_given_up_and_nothing_more_is_sent() -> None:
    world = WebhookWorld()
    world.hook()
    world.outgoing.answer = lambda *_: 500
    world.tell(earned("mem_a", 1), earned("mem_a", 2))
    world.work_off()
    while len(world.arrived()) < MOST_TRIES - 1:
        world.days(0.5)
    world.outgoing.answer = lambda *_: 410
    world.days(2)
    assert world.arrived() == ["mem_a-1"] * MOST_TRIES
    assert [one.place for one in world.waiting.first("hook_a", "mem_a", 9)] == [
        world.kept.events[event_id].place for event_id in ("mem_a-1", "mem_a-2")
    ]


def test_a_webhook_that_is_disabled_over_the_last_try_of_an_event_is_sent_no_other() -> None:
    world = WebhookWorld()
    world.hook()
    world.outgoing.answer = lambda *_: 500
    world.tell(earned("mem_a", 1), earned("mem_a", 2))
    world.work_off()
    while len(world.arrived()) < MOST_TRIES - 1:
        world.days(0.5)
    world.webhooks.set_health("hook_a", Health(world.now - timedelta(days=5), 1))
    world.days(2)
    assert world.webhooks.hooks["hook_a"].disabled is Disabled.FAILING
    assert world.arrived() == ["mem_a-1"] * MOST_TRIES
    assert [one.event_id for one in world.waiting.first("hook_a", "mem_a", 9)] == ["mem_a-2"]


def test_however_many_members_wait_they_are_soon_told() -> None:
    world = WebhookWorld()
    world.hook()
    world.outgoing.answer = lambda *_: None
    members = [f"mem_{number}" for number in range(450)]
    world.tell(*(earned(member, 1) for member in members))
    world.work_off()
    world.outgoing.answer = lambda *_: 204
    world.minutes(2)
    assert len(set(world.arrived())) == len(members)


def test_a_slow_receiver_leaves_a_part_of_each_minute_to_what_happens_then() -> None:
    world, seconds = WebhookWorld(), [0.0]
    world.hook()
    near = [f"mem_{n}" for n in range(200) if shard_of(f"mem_{n}") == 3][:10]
    world.outgoing.answer = lambda *_: 500
    world.tell(*(earned(member, seq) for member in near for seq in (1, 2)))
    world.work_off()
    tried = len(world.arrived())
    world.now += timedelta(days=1)

    def slowly(*_: object) -> int:
        seconds[0] += 4.5
        return 204

    world.outgoing.answer = slowly
    patience = replace(unhurried(), monotonic=lambda: seconds[0])
    for calls in (9, 9, 2):
        deliver_waiting(replace(world.ports, patience=patience), "hook_a", 3, lambda: world.now)
        assert len(world.arrived()) == tried + calls
        tried += calls
    assert not world.waiting.heads


def test_a_group_that_nobody_can_read_holds_up_no_other() -> None:
    world = WebhookWorld()
    world.hook()
    near = [f"mem_{n}" for n in range(99) if shard_of(f"mem_{n}") == shard_of("mem_a")]
    world.outgoing.answer = lambda *_: 500
    world.tell(earned("mem_a", 1), *(earned(member, 1) for member in near))
    world.work_off()
    world.outgoing.answer = lambda *_: 204
    world.kept.broken.add("mem_a-1")
    world.now += timedelta(days=1)
    with pytest.raises(ValueError, match="nobody can read"):
        world.minutes(1)
    assert set(near) == {parcel.rpartition("-")[0] for parcel in world.arrived()} - {"mem_a"}
    assert [group for _, group in world.waiting.heads] == ["mem_a"]


@pytest.mark.parametrize("seed", range(8))
def test_each_arrives_once_and_in_order_whatever_fails_and_repeats(seed: int) -> None:
    """A fifth of all tries fails, batches come again, the relay stops in the middle of them."""
    chance = random.Random(seed)
    world = WebhookWorld(chance=chance)
    world.hook("hook_a")
    world.hook("hook_b")
    world.outgoing.answer = lambda *_: chance.choice([204, 200, 202, 201, 503])
    taken: dict[str, list[str]] = {"hook_a": [], "hook_b": []}
    answer = world.outgoing.answer

    def received(url: str, headers: Headers, body: bytes) -> int | None:
        status = answer(url, headers, body)
        if status is not None and status < 300:
            taken["hook_a" if "hook_a" in url else "hook_b"].append(headers["webhook-id"])
            if chance.random() < 0.05:
                return None  # it was taken, and the answer is lost
        return status

    world.outgoing.answer = received
    members = [f"mem_{number}" for number in range(8)]
    events = [earned(member, seq) for seq in range(1, 26) for member in members]
    at = 0
    while at < len(events):
        batch = events[at : at + 20]
        if chance.random() < 0.3:
            world.tell(*batch[: chance.randrange(len(batch))])  # killed in the middle
            continue
        world.queue.refuse = lambda _: chance.random() < 0.05
        failed = world.tell(*batch)
        if chance.random() < 0.5:
            world.minutes(1)
        if chance.random() < 0.2:
            world.queue.seen.clear()  # what was sent minutes ago is taken up again
        at += min(failed, default=len(batch))
    world.queue.refuse = lambda _: False
    world.work_off()
    world.days(3)
    for ids in taken.values():
        assert sorted(once(ids)) == sorted(event.id for event in events)
        for member in members:
            assert of(member, once(ids)) == list(range(1, 26))


@pytest.mark.parametrize("seed", range(6))
def test_each_arrives_once_and_in_order_whenever_a_worker_dies_and_whatever_staff_does(
    seed: int,
) -> None:
    """Between any two calls to the stores, while the webhook is stopped and started, and replays
    come in between."""
    chance = random.Random(seed)
    world = WebhookWorld(chance=chance, frailty=0.05)
    hook = world.hook()
    taken: list[str] = []

    answers = [204, 204, 204, 503, None, 410]

    def received(_: str, headers: Headers, __: bytes) -> int | None:
        status = chance.choice(answers)
        if status == 204:
            taken.append(headers["webhook-id"])
        return status

    world.outgoing.answer = received
    members = [f"mem_{number}" for number in range(5)]
    for seq in range(1, 16):
        while world.tell(*(earned(member, seq) for member in members)):
            world.queue.seen.clear()  # the relay comes back after minutes
        if chance.random() < 0.3:
            world.webhooks.hooks["hook_a"] = replace(
                world.webhooks.hooks["hook_a"], disabled=Disabled.BY_STAFF
            )
        if chance.random() < 0.2:
            since = NOW - timedelta(days=1)
            world.queue.replay("hook_a", Replay(f"r{seq}", since, world.now + timedelta(days=1)))
        if chance.random() < 0.3:  # two schedules at once
            world.queue.wake("hook_a", range(SHARDS), world.now)
        world.minutes(chance.randrange(4))
        world.webhooks.hooks["hook_a"] = replace(hook, version=seq + 1)
        world.work_off()
    answers[:] = [204]
    world.frailty = 0
    world.webhooks.hooks["hook_a"] = hook
    world.webhooks.healths.clear()
    world.work_off()
    world.days(4)
    for member in members:
        assert of(member, once(taken)) == list(range(1, 16))
    assert not world.waiting.heads
    assert not world.waiting.parcels


def test_a_parcel_of_what_is_forgotten_is_passed_over() -> None:
    world = WebhookWorld()
    world.hook()
    world.queue.lines["hook_a-0"] = [Parcel("hook_a", "mem_a", "p", "nothing")]
    world.work_off()
    assert world.arrived() == []
