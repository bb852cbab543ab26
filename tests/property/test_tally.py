"""Two piles of slips, compared in bounded memory: what differs is named while it is little."""

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.checks.tally import CELLS, Difference, Tally

SLIPS = [(f"purchase:{number:022d}:0\nmem_{number:026d}", b"5") for number in range(3_000)]


def test_piles_of_the_same_slips_in_other_orders_do_not_differ() -> None:
    tally, mixed = Tally(), random.Random(1).sample(SLIPS, len(SLIPS))
    for slip in SLIPS:
        tally.add(*slip, 1)
    for slip in mixed:
        tally.add(*slip, -1)
    assert tally.differences().found == ()
    assert tally.differences().complete


@given(st.dictionaries(st.text(min_size=1, max_size=40), st.integers(-5, 5), max_size=12))
def test_what_is_named_differs_that_often_and_on_that_side_and_what_is_missing_is_noticed(
    wanted: dict[str, int],
) -> None:
    tally = Tally()
    for number, (text, content) in enumerate(SLIPS[:200]):
        tally.add(text, content, 1 + number % 3)
        tally.add(text, content, -1 - number % 3)
    for text, times in wanted.items():
        tally.add(text, b"", times)
    found = tally.differences()
    left = {text: times for text, times in wanted.items() if times}
    named = {difference.text: difference.times for difference in found.found}
    assert named.items() <= left.items()
    assert found.complete == (named == left)
    assert found.complete or len(left) > 1  # two slips can, now and then, share all their cells


def test_slips_of_one_text_with_other_contents_are_both_named() -> None:
    tally = Tally()
    tally.add("redemption:1", b"-60", 1)
    tally.add("redemption:1", b"-61", -1)
    assert set(tally.differences().found) == {
        Difference("redemption:1", 1),
        Difference("redemption:1", -1),
    }


def test_twenty_differences_are_nearly_always_all_named() -> None:
    chance = random.Random(7)
    complete = 0
    for _ in range(200):
        tally = Tally()
        for text, content in chance.sample(SLIPS, 20):
            tally.add(text, content, chance.choice([-1, 1]))
        complete += tally.differences().complete
    assert complete >= 195


def test_too_many_differences_are_noticed_though_not_named() -> None:
    tally = Tally()
    for text, content in SLIPS[: 4 * CELLS]:
        tally.add(text, content, 1)
    assert not tally.differences().complete


def test_a_tally_goes_through_json_and_joins_others() -> None:
    halves = Tally(), Tally()
    halves[0].add("a", b"", 1)
    halves[1].add("a", b"", -1)
    halves[1].add("b" * 500, b"", 1)  # longer than what is named
    whole = Tally(json.loads(json.dumps(halves[0].packed())))
    whole.join(json.loads(json.dumps(halves[1].packed())))
    (found,) = whole.differences().found
    assert found.times == 1
    assert whole.differences().complete
