"""Remembering what was read: bounded in age and number, and never older than a forgetting."""

from chalicelib.storage.remembered import Remembered
from tests.fakes.seconds import Seconds


def test_age_counts_from_before_the_read() -> None:
    seconds = Seconds()
    remembered: Remembered[str, str] = Remembered(30, 8, seconds)

    def slow_read() -> str:
        seconds.now += 20
        return "old"

    assert remembered.get("a", slow_read) == "old"
    seconds.now += 9
    assert remembered.get("a", lambda: "new") == "old"
    seconds.now += 1
    assert remembered.get("a", lambda: "new") == "new"


def test_a_read_under_way_when_its_key_is_forgotten_is_not_kept() -> None:
    remembered: Remembered[str, str] = Remembered(30, 8, Seconds())

    def overtaken_read() -> str:
        remembered.forget("a")
        return "old"

    assert remembered.get("a", overtaken_read) == "old"
    assert remembered.get("a", lambda: "new") == "new"


def test_there_are_never_more_than_allowed_and_the_oldest_goes_first() -> None:
    remembered: Remembered[int, int] = Remembered(30, 3, Seconds())
    for number in range(4):
        remembered.get(number, lambda number=number: number)  # type: ignore[misc]  # bound now
    assert remembered.get(3, lambda: -1) == 3
    assert remembered.get(1, lambda: -1) == 1
    assert remembered.get(0, lambda: -1) == -1
