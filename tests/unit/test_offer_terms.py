"""What an offer gives and asks for, as members read it in either language."""

from dataclasses import replace

import pytest

from chalicelib.domain.offer_terms import asks_for, gives, text_of
from chalicelib.domain.offers import (
    BasketTerms,
    BonusPoints,
    Challenge,
    ChallengeKind,
    Effect,
    LineMatch,
    Multiplier,
    Occasion,
    Offer,
    OfferText,
    PointsPerUnit,
    RewardPrice,
    Schedule,
)
from chalicelib.domain.program import EarningRate, Program
from chalicelib.domain.rewards import LimitPeriod

PROGRAM = Program(1, "Coffee", "Europe/Berlin", "EUR", EarningRate(1, 100))
PLAIN = Offer("off_1", 1, 1, "For staff", BonusPoints(5), {})
COFFEE = BasketTerms(matches=LineMatch(categories=frozenset({"beans", "drinks"})))


@pytest.mark.parametrize(
    ("effect", "english", "german"),
    [
        (
            Multiplier(200),
            "2 times the points on beans or drinks",
            "2-fache Punkte auf beans oder drinks",
        ),
        (
            Multiplier(150),
            "50 % more points on beans or drinks",
            "50 % mehr Punkte auf beans oder drinks",
        ),
        (BonusPoints(1), "1 point", "1 Punkt"),
        (PointsPerUnit(3), "3 points for each one", "3 Punkte je Stück"),
        (RewardPrice("rwd_1", 35), "A cup for 35 points", "A cup für 35 Punkte"),
        (
            RewardPrice("rwd_1", 0, early=True),
            "A cup for free, before others can have it",
            "A cup umsonst, früher als andere",
        ),
    ],
)
def test_what_an_offer_gives_is_a_phrase(effect: Effect, english: str, german: str) -> None:
    offer = replace(PLAIN, basket=COFFEE, effect=effect)
    assert (gives(offer, "en", "A cup"), gives(offer, "de", "A cup")) == (english, german)
    assert gives(offer, "tr", "A cup") == english, "all other languages are told in English"


def test_what_an_offer_asks_for_is_said_piece_by_piece() -> None:
    basket = replace(
        COFFEE,
        minimum_minor=500,
        quantity=2,
        stores=frozenset({"mitte"}),
        channels=frozenset({"shop"}),
        first_purchase=True,
        with_reward=True,
    )
    schedule = Schedule(
        weekdays=frozenset({0, 2, 4}), hours=((840, 960),), days_of_month=frozenset({1})
    )
    offer = replace(PLAIN, basket=basket, schedule=schedule)
    assert asks_for(offer, PROGRAM, "en") == (
        "Spend at least 5.00 EUR on beans or drinks",
        "Buy at least 2 of beans or drinks",
        "In the store mitte",
        "By shop",
        "With your first purchase",
        "Together with a reward",
        "On Monday, Wednesday and Friday",
        "On the 1. of the month",
        "From 14:00 to 16:00",
    )
    assert asks_for(offer, PROGRAM, "de")[:2] == (
        "Für mindestens 5,00 EUR beans oder drinks kaufen",
        "Mindestens 2 beans oder drinks kaufen",
    )
    assert asks_for(PLAIN, PROGRAM, "en") == ()
    assert asks_for(replace(PLAIN, occasion=Occasion.BIRTHDAY), PROGRAM, "de") == (
        "Im Monat des Geburtstags",
    )


@pytest.mark.parametrize(
    ("challenge", "english"),
    [
        (Challenge(ChallengeKind.COUNT, 5), ("Buy 5 times",)),
        (Challenge(ChallengeKind.QUANTITY, 5), ("Buy 5 of them",)),
        (
            Challenge(ChallengeKind.STREAK, 4, period=LimitPeriod.WEEK, repeats=3),
            ("Buy in 4 weeks in a row", "Can be done 3 times"),
        ),
        (
            Challenge(ChallengeKind.COLLECT, 2, ("beans", "cups")),
            ("Buy 2 of these: beans, cups",),
        ),
    ],
)
def test_a_challenge_says_what_is_to_be_done(
    challenge: Challenge, english: tuple[str, ...]
) -> None:
    assert asks_for(replace(PLAIN, challenge=challenge), PROGRAM, "en") == english


def test_a_member_reads_its_language_else_english_else_what_there_is_else_the_name() -> None:
    english, german, french = OfferText("Tea"), OfferText("Tee"), OfferText("Thé")
    offer = replace(PLAIN, texts={"de": german, "en": english, "fr": french})
    assert text_of(offer, "de") is german
    assert text_of(offer, "it") is english
    assert text_of(replace(PLAIN, texts={"fr": french}), "de") is french
    assert text_of(PLAIN, "de") == OfferText("For staff")
