"""Whom an allowance of a network address counts against."""

import pytest

from chalicelib.domain.allowances import network_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:DB8:1:2::1", "2001:db8:1:2:0:0:0:1"),
        ("203.0.113.7", "::ffff:203.0.113.7"),
    ],
)
def test_who_can_pick_both_addresses_is_counted_once(one: str, other: str) -> None:
    assert network_of(one) == network_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("203.0.113.7", "203.0.113.8"),
        ("", "somewhere"),
    ],
)
def test_neighbours_are_counted_apart(one: str, other: str) -> None:
    assert network_of(one) != network_of(other)
