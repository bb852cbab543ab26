"""The packed form of an account loses nothing and stays small."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.account import Account, Use
from chalicelib.domain.packing import LARGEST_BYTES, UnknownSchema, pack, unpack
from chalicelib.domain.redemptions import USES_KEPT
from chalicelib.domain.refusals import AccountFull
from tests.property.accounts import accounts, full_account, fullest_account


def _uses(count: int) -> tuple[Use, ...]:
    return tuple(Use(f"abcdefg{n:03d}", date(2026, 11, 22).isoformat(), 99) for n in range(count))


@given(accounts())
def test_what_is_packed_comes_back_as_it_was(account: Account) -> None:
    assert unpack(pack(account)) == account


@given(accounts())
def test_packing_again_what_was_unpacked_gives_the_same_text(account: Account) -> None:
    assert pack(unpack(pack(account))) == pack(account)


def test_a_full_account_is_packed_into_less_than_a_kilobyte() -> None:
    packed = pack(full_account())
    assert unpack(packed) == full_account()
    assert len(packed.encode()) < 1_000, f"it is {len(packed.encode())} bytes"


def test_the_fullest_account_that_earning_makes_fits_beside_fifteen_limited_rewards() -> None:
    fullest = replace(fullest_account(), uses=_uses(15))
    packed = pack(fullest)
    assert unpack(packed) == fullest
    assert len(packed.encode()) < LARGEST_BYTES, f"it is {len(packed.encode())} bytes"


def test_a_full_account_with_every_limited_reward_in_use_still_fits() -> None:
    packed = pack(replace(full_account(), uses=_uses(USES_KEPT)))
    assert len(packed.encode()) < LARGEST_BYTES, f"it is {len(packed.encode())} bytes"


@pytest.mark.parametrize(
    "account", [Account(uses=_uses(200)), replace(fullest_account(), uses=_uses(USES_KEPT))]
)
def test_an_account_that_outgrows_its_bound_is_not_stored(account: Account) -> None:
    with pytest.raises(AccountFull):
        pack(account)


@given(accounts(), st.integers(3, 99))
def test_a_text_of_a_newer_release_is_refused_rather_than_half_read(
    account: Account, schema: int
) -> None:
    parts = json.loads(pack(account)) | {"v": schema}
    with pytest.raises(UnknownSchema):
        unpack(json.dumps(parts))


@pytest.mark.parametrize("more", [{"z": [1]}, {"s": "z"}])
def test_what_a_newer_release_added_is_refused_rather_than_dropped(more: dict[str, object]) -> None:
    parts = json.loads(pack(Account())) | more
    with pytest.raises(UnknownSchema):
        unpack(json.dumps(parts))
