"""Single sentences about the text that an entry stores of an account."""

import json
from dataclasses import fields
from datetime import date

import pytest

from chalicelib.domain.account import (
    Account,
    AccountStatus,
    Gift,
    Held,
    Lifetime,
    Lot,
    Month,
    OfferUse,
    PendingLot,
    Progress,
    Use,
)
from chalicelib.domain.packing import LARGEST_BYTES, UnknownSchema, pack, unpack
from chalicelib.domain.refusals import AccountFull
from chalicelib.domain.reviews import Review, Suspicion, WrittenOff

MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 30)
EVERYTHING = Account(
    status=AccountStatus.PENDING_VERIFICATION,
    lots=(Lot(MARCH, 5), Lot(None, 7)),
    pending=(PendingLot(MARCH, APRIL, 2), PendingLot(APRIL, None, 3)),
    months=(Month(date(2026, 3, 1), 1, 200, 3), Month(date(2025, 12, 1), 4, 500, 6)),
    lifetime=Lifetime(1, 2, 3, 4, 5),
    uses=(Use("cup", "2026-03", 2),),
    expired=(Lot(date(2026, 1, 31), 8),),
    gifts=(Gift("silver", 7, MARCH, APRIL, None), Gift("gold", 9, MARCH, MARCH, APRIL)),
    held=Held("silver", MARCH),
    active_on=MARCH,
    moved_to="mem_2",
    sharers=2,
    household=("mem_3", "mem_4"),
    under_review=Review(MARCH, Suspicion.REFUNDS, 12),
    withheld=(PendingLot(MARCH, None, 4),),
    written_off=WrittenOff(6, APRIL),
    offer_uses=(OfferUse(12, "2026-03", 1), OfferUse(7, "", 3)),
    progress=(
        Progress(7, (("n", 4),), 1, 1),
        Progress(8, (("", 2), ("2961", 1), ("2963", 0)), 3),
        Progress(9, (("i1a2b3c", 2),)),
    ),
)
TEXT = (
    '{"v":2,"s":"v","l":[2281,5,null,7],"p":[2281,2311,2,2311,null,3],"b":24314,'
    '"m":[1,200,3,0,0,0,0,0,0,4,500,6],"t":[1,2,3,4,5],"u":[["cup","2026-03",2]],'
    '"x":[2222,8],"g":[["silver",7,2281,2311,null],["gold",9,2281,2281,2311]],'
    '"h":["silver",2281],"a":[2281],"o":"mem_2","n":2,"k":["mem_3","mem_4"],'
    '"w":[2281,"r",12],"q":[2281,null,4],"y":[6,2311],'
    '"f":[[12,"2026-03",1],[7,"",3]],'
    '"c":[[7,1,1,"n",4],[8,3,0,[2961,1,0,0],"",2],[9,0,0,"i1a2b3c",2]]}'
)


def test_the_text_is_the_one_that_stored_entries_have() -> None:
    assert pack(EVERYTHING) == TEXT
    assert unpack(TEXT) == EVERYTHING


def test_an_account_with_everything_has_every_field_but_debt() -> None:
    empty = Account()
    same = {
        f.name for f in fields(Account) if getattr(EVERYTHING, f.name) == getattr(empty, f.name)
    }
    assert same == {"debt"}


def test_what_is_empty_is_left_out() -> None:
    assert pack(Account()) == '{"v":2,"s":"a"}'
    assert pack(Account(debt=3)) == '{"v":2,"s":"a","d":3}'
    assert unpack('{"v":2,"s":"a","d":3}') == Account(debt=3)


def test_the_newest_month_stays_though_nothing_is_left_in_it() -> None:
    account = Account(months=(Month(date(2026, 3, 1), 0, 0, 0), Month(date(2026, 1, 1), 1, 2, 3)))
    assert unpack(pack(account)) == account


@pytest.mark.parametrize("change", [{"v": 3}, {"v": 1}, {"new": 1}, {"s": "erased"}])
def test_what_a_newer_release_has_written_is_not_read_by_halves(change: dict[str, object]) -> None:
    with pytest.raises(UnknownSchema, match=r"^an account of schema \d that this release does not"):
        unpack(json.dumps({"v": 2, "s": "a"} | change))


def test_an_account_is_full_beyond_three_thousand_bytes_and_not_before() -> None:
    room = LARGEST_BYTES - len(pack(Account(moved_to="m"))) + 1
    assert len(pack(Account(moved_to="m" * room))) == LARGEST_BYTES
    with pytest.raises(AccountFull):
        pack(Account(moved_to="m" * (room + 1)))
