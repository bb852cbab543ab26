"""The packed form of an account loses nothing and stays small."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.account import Account, Use
from chalicelib.domain.packing import LARGEST_BYTES, UnknownSchema, pack, unpack
from chalicelib.domain.redemptions import USES_KEPT
from tests.property.accounts import accounts, full_account


@given(accounts())
def test_what_is_packed_comes_back_as_it_was(account: Account) -> None:
    assert unpack(pack(account)) == account


@given(accounts())
def test_packing_again_what_was_unpacked_gives_the_same_text(account: Account) -> None:
    assert pack(unpack(pack(account))) == pack(account)


def test_a_full_account_is_packed_into_less_than_nine_tenths_of_a_kilobyte() -> None:
    packed = pack(full_account())
    assert unpack(packed) == full_account()
    assert len(packed.encode()) < 900, f"it is {len(packed.encode())} bytes"


def test_a_full_account_with_every_limited_reward_in_use_still_fits() -> None:
    uses = tuple(Use(f"abcdefgh{n:02d}", date(2026, 11, 22).isoformat(), 99) for n in range(64))
    assert len(uses) == USES_KEPT
    account = full_account()
    packed = pack(
        Account(
            lots=account.lots,
            pending=account.pending,
            months=account.months,
            lifetime=account.lifetime,
            uses=uses,
        )
    )
    assert len(packed.encode()) < LARGEST_BYTES, f"it is {len(packed.encode())} bytes"


def test_an_account_that_outgrows_its_bound_is_not_stored() -> None:
    uses = tuple(Use(f"abcdefg{n:03d}", "2026-11-22", 99) for n in range(200))
    with pytest.raises(ValueError, match="too large"):
        pack(Account(uses=uses))


@given(accounts(), st.integers(2, 99))
def test_a_text_of_a_newer_release_is_refused_rather_than_half_read(
    account: Account, schema: int
) -> None:
    parts = json.loads(pack(account)) | {"v": schema}
    with pytest.raises(UnknownSchema):
        unpack(json.dumps(parts))


@pytest.mark.parametrize("more", [{"q": [1]}, {"s": "z"}])
def test_what_a_newer_release_added_is_refused_rather_than_dropped(more: dict[str, object]) -> None:
    parts = json.loads(pack(Account())) | more
    with pytest.raises(UnknownSchema):
        unpack(json.dumps(parts))
