"""Codes that strangers ask for with somebody's address, beside the ones that its owner needs."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.domain.allowances import CODES, SIGN_UP_CODES
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.profile_patch import ProfilePatch
from chalicelib.domain.refusals import TooManyRequests
from chalicelib.usecases.change_member import change_member
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.resend_code import resend_code
from tests.people_world import ADDRESS, NOW, PeopleWorld, fake_people_world, token


class OneDay:
    """Allowances within one window, of codes alone: the network's are not what is looked at."""

    def __init__(self) -> None:
        self.taken: Counter[tuple[str, str]] = Counter()

    def take(self, kind: str, whose: str, at_most: int, window_seconds: int, now: datetime) -> int:
        assert now == NOW
        if kind not in (CODES.kind, SIGN_UP_CODES.kind):
            return 0
        if self.taken[kind, whose] >= at_most:
            return window_seconds
        self.taken[kind, whose] += 1
        return 0


@pytest.fixture
def world() -> PeopleWorld:
    made, _ = fake_people_world()
    return replace(made, ports=replace(made.ports, allowances=OneDay()))


def _sign_ups_until_refused(world: PeopleWorld, label: str) -> int:
    for number in range(100):
        try:
            world.sign_up(label)
        except TooManyRequests:
            return number
    raise AssertionError("never refused")


def test_sign_ups_with_a_members_address_leave_the_member_all_ten_codes(
    world: PeopleWorld,
) -> None:
    ref = SubjectRef(member_id=world.member("ada"))
    _sign_ups_until_refused(world, "ada")
    for _ in range(CODES.at_most):
        resend_code(world.ports, ref, Channel.EMAIL, ADDRESS, NOW)
    with pytest.raises(TooManyRequests):
        resend_code(world.ports, ref, Channel.EMAIL, ADDRESS, NOW)


def test_codes_sent_again_to_a_sign_up_leave_the_member_all_ten_codes(world: PeopleWorld) -> None:
    ref = SubjectRef(member_id=world.member("ada"))
    strangers = world.sign_up("ada")
    for _ in range(SIGN_UP_CODES.at_most - 1):
        resend_code(world.ports, strangers, Channel.EMAIL, ADDRESS, NOW)
    with pytest.raises(TooManyRequests):
        world.sign_up("ada")  # a letter that is sent again is one of the sign-ups' ten
    for _ in range(CODES.at_most):
        resend_code(world.ports, ref, Channel.EMAIL, ADDRESS, NOW)


def test_sign_ups_with_an_address_do_not_keep_a_member_from_moving_to_it(
    world: PeopleWorld,
) -> None:
    member_id = world.member("ada")
    _sign_ups_until_refused(world, "new")
    patch = ProfilePatch(email=world.email("new"))
    change_member(world.ports, token("ada", member_id), member_id, patch, "2", NOW)
    moved = world.verify(SubjectRef(member_id=member_id), world.code(world.email("new")))
    assert moved.member_id == member_id


def test_sign_ups_are_refused_alike_for_known_and_unknown_addresses(world: PeopleWorld) -> None:
    ref = SubjectRef(member_id=world.member("known"))
    for _ in range(5):
        resend_code(world.ports, ref, Channel.EMAIL, ADDRESS, NOW)
    refused_after = {_sign_ups_until_refused(world, label) for label in ("known", "unknown")}
    assert refused_after == {SIGN_UP_CODES.at_most}
