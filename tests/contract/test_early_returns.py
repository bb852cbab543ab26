"""Returns that come before their purchase, over the fake ledger and the real one."""

from collections.abc import Callable

from chalicelib.usecases.return_purchase import ReturnKept
from tests.neighbours import FLEETING, Neighbours

World = Callable[..., Neighbours]


def test_all_of_it_goes_into_one_transaction_of_the_account_that_stands_in(
    neighbourhood: World,
) -> None:
    near = neighbourhood(FLEETING)
    old, new = near.member("old", 100), near.member("new", 50)
    near.merge(old, new, "m")
    near.wait(200)  # all of that expires
    for number in range(10):
        assert near.give_back("p", f"r-{number}", 3).answer == ReturnKept(f"r-{number}")

    posted = near.buy("p", old, 40)

    assert [row.taken.from_pending for row in posted.answer.returns_applied] == [3] * 10
    assert near.account(old).pending_points == posted.answer.points.pending_after == 10
    assert near.kinds(new)[-12:] == ["expire", "earn", *["return"] * 10]
    assert near.buy("p", old, 40).answer == posted.answer


def test_a_reply_that_is_lost_makes_no_second_return(neighbourhood: World) -> None:
    near = neighbourhood()
    mia = near.member("mia")
    first, again = near.give_back("p", "r", 3), near.give_back("p", "r", 3)
    assert (first.replayed, again.replayed) == (False, True)
    near.buy("p", mia, 10)
    late = near.give_back("p", "r", 3)
    assert (late.replayed, late.answer) == (True, first.answer)
    assert near.account(mia).available == 7
