"""Challenges through purchases and returns as tills post them, beside a plain model: what the
awards have given is what all that is left of the purchases says, and buying to return farms
nothing, in whatever order and parts things come back."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.account import Account
from chalicelib.domain.checks.records import check_purchase
from chalicelib.domain.offers import (
    BasketTerms,
    BonusPoints,
    Budget,
    Challenge,
    ChallengeKind,
    LineMatch,
    Offer,
    OfferStatus,
)
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.returned import ReturnedLine
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase, purchase_name
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from tests.ledger_world import NOW, TILL, World, fake_world, line, purchase

BUDGET = 1_000
AWARD = 70
CUPS = LineMatch(categories=frozenset({"coffee"}))


@dataclass
class Club:
    """A member with a challenge. left: the cups that are left of each purchase."""

    world: World
    offer: Offer
    member_id: str
    left: list[int] = field(default_factory=list)

    def buy(self, cups: int) -> None:
        lines = (line("1", 300 * cups, quantity=cups, category="coffee"), line("2", 40))
        bought = purchase(self.world.purchase_id(f"p{len(self.left)}"), *lines)
        post_purchase(self.world.ports, TILL, PostPurchase(bought, MemberId(self.member_id)), NOW)
        self.left.append(cups)

    def back(self, number: int, cups: int, key: str) -> None:
        returned = (ReturnedLine("1", cups, 300 * cups),)
        name = self.world.purchase_id(f"p{number}")
        return_purchase(self.world.ports, TILL, ReturnPurchase(name, key, returned), NOW)
        self.left[number] -= cups

    def account(self) -> Account:
        head = self.world.ports.ledger.head(self.member_id)
        assert head is not None
        return head.entry.account()

    def awards(self) -> int:
        """What is due by what is left of all purchases."""
        challenge = self.offer.challenge
        assert challenge is not None
        counted = [cups for cups in self.left if cups >= self.offer.basket.quantity and cups]
        is_count = challenge.kind is ChallengeKind.COUNT
        times = (len(counted) if is_count else sum(counted)) // challenge.goal
        return times if challenge.repeats is None else min(times, challenge.repeats)

    def agrees(self) -> None:
        """The account and the budget say what the plain model says."""
        account, [budget] = (
            self.account(),
            self.world.ports.offers.budget_left([self.offer]).values(),
        )
        # One point a euro on what is left of all lines; the small ones are worth none.
        paid = sum((300 * cups + 40) // 100 for cups in self.left)
        net = account.available + account.pending_points - account.debt
        assert net == paid + AWARD * self.awards()
        assert budget == BUDGET - AWARD * self.awards()

    def is_sound(self) -> None:
        """The reconciler finds nothing wrong with any purchase."""
        for number in range(len(self.left)):
            name = purchase_name(self.world.ports, TILL, self.world.purchase_id(f"p{number}"))
            file = self.world.ports.ledger.purchase(name)
            assert isinstance(file, PurchaseFile)
            assert not list(check_purchase(name, file, frozenset()))


def club(challenge: Challenge, quantity: int) -> Club:
    world, _ = fake_world()
    offer = Offer(
        "off_cups",
        world.ports.offers.next_number(),
        1,
        "Cups",
        BonusPoints(AWARD),
        {},
        status=OfferStatus.LAUNCHED,
        basket=BasketTerms(matches=CUPS, quantity=quantity),
        challenge=challenge,
        budget=Budget("points", BUDGET, shards=2),
        launched_at=NOW.replace(year=2024),
    )
    assert world.ports.offers.put(offer, NOW) == "written"
    return Club(world, offer, world.member())


challenges = st.builds(
    Challenge,
    st.sampled_from([ChallengeKind.COUNT, ChallengeKind.QUANTITY]),
    st.integers(1, 4),
    repeats=st.sampled_from([None, 1, 2]),
)


@settings(max_examples=40)
@given(challenges, st.integers(0, 2), st.lists(st.integers(1, 3), max_size=5), st.data())
def test_awards_are_what_is_left_of_all_purchases_says_and_go_with_the_last_return(
    challenge: Challenge, quantity: int, bought: list[int], data: st.DataObject
) -> None:
    one = club(challenge, quantity)
    for cups in bought:
        one.buy(cups)
        one.agrees()
    pieces = [number for number, cups in enumerate(bought) for _ in range(cups)]
    for place, number in enumerate(data.draw(st.permutations(pieces))):
        one.back(number, 1, f"r{place}")
        one.agrees()
    one.is_sound()
    assert one.awards() == 0
    assert all(not progress.awarded for progress in one.account().progress)


def test_buying_and_returning_thirty_times_beside_one_kept_purchase_gives_nothing() -> None:
    one = club(Challenge(ChallengeKind.COUNT, 2), 0)
    one.buy(1)
    for number in range(1, 31):
        one.buy(1)
        one.back(number, 1, f"r{number}")
    one.agrees()
    assert one.awards() == 0
