"""What a member is recommended: from what it bought, and never without its consent."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.behaviour import Behaviour
from chalicelib.domain.together import Companion, Together, recommended_products, why_product
from chalicelib.domain.traits import Traits
from chalicelib.usecases.ports import KeptBehaviour
from chalicelib.usecases.recommend import Recommendations, recommend
from tests.fakes.ledger import FakeLedger
from tests.ledger_world import NOW, World, fake_world

TODAY = NOW.date()
WATCHED = Traits(profiling=True, language="de")
LIKES_COFFEE = Behaviour(
    seq=1, categories=(("tea", 1), ("coffee", 4)), skus=("beans", "filter", "tea")
)


def known(*found: Together) -> dict[str, Together]:
    return {one.sku: one for one in found}


def goes_with(sku: str, *companions: tuple[str, int], days_ago: int = 0) -> Together:
    """A product of coffee with what is bought with it, and its lift in percent."""
    with_it = tuple(Companion(other, 9, lift) for other, lift in companions)
    return Together(sku, "coffee", with_it, TODAY - timedelta(days=days_ago))


def told(found: Recommendations) -> tuple[list[tuple[str, str]], list[str]]:
    products = [(one.sku, one.bought_with) for one in found.products]
    return products, [view.reward.name for view in found.rewards]


def member(traits: Traits = WATCHED) -> tuple[World, str]:
    """A member with 100 points that likes coffee, and four rewards."""
    world, ledger = fake_world()
    member_id = world.member(points=100)
    ledger.keep_traits(member_id, traits)
    assert world.ports.behaviours.keep(member_id, KeptBehaviour(traits, None), LIKES_COFFEE)
    rewards = {"Mug": (60, "mug"), "Honey": (90, "honey"), "Pot": (101, "pot"), "Pad": (10, None)}
    for number, (name, (points, sku)) in enumerate(rewards.items()):
        world.reward(f"r{number}", points=points, sku=sku, name=name)
    mug = replace(goes_with("mug"), category="coffee")
    beans = goes_with("beans", ("mug", 180), ("filter", 300), ("honey", 120))
    world.ports.products.keep([beans, goes_with("filter", ("mug", 250)), mug])
    return world, member_id


def test_products_go_with_what_was_bought_and_rewards_are_those_it_can_have_now() -> None:
    world, member_id = member()
    found = recommend(world.ports, member_id, NOW)
    assert told(found) == (
        [("mug", "filter"), ("honey", "beans")],  # the strongest link, and not what it has
        ["Mug", "Honey", "Pad"],  # of what it buys most first, then the dearer; no pot yet
    )
    assert (found.reason, found.products[0].category) == (None, "coffee")
    assert why_product("filter", found.language) == "Oft zusammen gekauft mit filter"


def test_who_does_not_let_us_look_is_recommended_nothing_and_told_why() -> None:
    world, member_id = member()
    assert isinstance(world.ports.ledger, FakeLedger)
    world.ports.ledger.keep_traits(member_id, Traits())
    found = recommend(world.ports, member_id, NOW)
    assert (told(found), found.reason) == (([], []), "no_profiling_consent")


def test_what_was_counted_too_long_ago_recommends_nothing() -> None:
    world, member_id = member()
    world.ports.products.keep([goes_with("beans", ("mug", 180), days_ago=29)])
    world.ports.products.keep([goes_with("filter", ("mug", 180), days_ago=28)])
    found = recommend(world.ports, member_id, NOW)
    assert told(found)[0] == [("mug", "filter")]


def test_of_many_the_ten_strongest_are_recommended() -> None:
    many = [(f"p{number:02d}", 200 + number) for number in range(10)]
    more = [("q", 150), ("p09", 500)]
    found = recommended_products(
        LIKES_COFFEE, known(goes_with("beans", *many), goes_with("tea", *more))
    )
    assert len(found) == 10
    assert (found[0].sku, found[0].bought_with) == ("p09", "tea")
    assert "q" not in [one.sku for one in found]
