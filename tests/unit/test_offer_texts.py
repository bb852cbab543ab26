"""What is said of an offer that gave points, and of one that did not, in either language."""

import re
from typing import Any

import pytest

from chalicelib.domain import offer_texts
from chalicelib.domain.applied_offers import NotApplied, NotAppliedReason
from chalicelib.domain.entries import Why
from chalicelib.domain.explanations import explained
from chalicelib.domain.offer_texts import why, why_not
from chalicelib.domain.offers import (
    BasketTerms,
    BonusPoints,
    Challenge,
    ChallengeKind,
    LineMatch,
    Multiplier,
    Offer,
    OfferText,
    PointsPerUnit,
    RewardPrice,
    Schedule,
)
from tests.ledger_world import PROGRAM

COFFEE = LineMatch(categories=frozenset({"coffee"}))


def offer(effect: Any = None, **terms: Any) -> Offer:
    texts = {"en": OfferText("Coffee week"), "de": OfferText("Kaffeewoche")}
    return Offer("off_1", 1, 7, "staff's", effect or BonusPoints(10), texts, **terms)


def missed(reason: str, missing: int | None = None, of: str | None = None) -> NotApplied:
    return NotApplied("off_1", 7, NotAppliedReason(reason), missing, of=of)


@pytest.mark.parametrize(
    ("effect", "points", "minor", "english", "german"),
    [
        (
            Multiplier(300),
            24,
            1_250,
            "3 times the points on 12.50 EUR",
            "3-fache Punkte auf 12,50 EUR",
        ),
        (Multiplier(150), 6, 1_250, "50 % more on 12.50 EUR", "50 % mehr auf 12,50 EUR"),
        (Multiplier(150), -6, -1_250, "50 % more on -12.50 EUR", "50 % mehr auf -12,50 EUR"),
        (
            PointsPerUnit(1),
            2,
            900,
            "1 point for each one, on 9.00 EUR",
            "1 Punkt je Stück, auf 9,00 EUR",
        ),
        (BonusPoints(10), 10, 900, "10 points", "10 Punkte"),
        (BonusPoints(10), -10, -900, "10 points, taken back", "10 Punkte, zurückgenommen"),
        (BonusPoints(10), 0, -200, "nothing was taken of it", "davon wurde nichts abgezogen"),
    ],
)
def test_what_an_offer_gave_is_told_with_what_it_counted(
    effect: Any, points: int, minor: int, english: str, german: str
) -> None:
    assert why(offer(effect), points, minor, PROGRAM) == f"Coffee week: {english}"
    assert why(offer(effect), points, minor, PROGRAM, "de") == f"Kaffeewoche: {german}"


def test_an_award_is_told_as_one() -> None:
    done = offer(BonusPoints(50), challenge=Challenge(ChallengeKind.COUNT, 5))
    assert why(done, 50, 0, PROGRAM) == "Coffee week: 50 points for reaching the goal"
    assert why(done, -50, 0, PROGRAM) == "Coffee week: 50 points for reaching the goal, taken back"


def test_the_reasons_of_a_purchase_tell_of_its_offers() -> None:
    row = Why("offer:off_1", 10, 900)
    (told,) = explained(PROGRAM, (row,), language="de", offers={"off_1": offer()})
    assert (told.rule_or_offer, told.version, told.points) == ("offer:off_1", 7, 10)
    assert told.text == "Kaffeewoche: 10 Punkte"
    (unknown,) = explained(PROGRAM, (row,))
    assert unknown.text == "off_1"


@pytest.mark.parametrize(
    ("terms", "reason", "english", "german"),
    [
        (
            BasketTerms(matches=COFFEE),
            missed("minimum", 420),
            "4.20 EUR more of coffee",
            "noch 4,20 EUR für coffee",
        ),
        (BasketTerms(), missed("minimum", 420), "4.20 EUR more", "noch 4,20 EUR"),
        (
            BasketTerms(),
            missed("minimum"),
            "too little for a whole point",
            "zu wenig für einen ganzen Punkt",
        ),
        (
            BasketTerms(matches=COFFEE),
            missed("quantity", 2),
            "2 more of coffee",
            "noch 2 Stück von coffee",
        ),
        (BasketTerms(), missed("quantity", 2), "2 more", "noch 2 Stück"),
        (BasketTerms(matches=COFFEE), missed("products"), "only for coffee", "nur für coffee"),
        (
            BasketTerms(),
            missed("products"),
            "nothing in it earns points",
            "nichts davon sammelt Punkte",
        ),
        (
            BasketTerms(stores=frozenset({"nord", "mitte"})),
            missed("store"),
            "only in the store mitte or nord",
            "nur im Geschäft mitte oder nord",
        ),
        (
            BasketTerms(channels=frozenset({"app"})),
            missed("channel"),
            "only by app",
            "nur über app",
        ),
        (BasketTerms(), missed("not_activated"), "to be activated first", "ist erst zu aktivieren"),
        (
            BasketTerms(),
            missed("beaten"),
            "another offer applies instead",
            "stattdessen gilt ein anderes Angebot",
        ),
    ],
)
def test_why_an_offer_gave_nothing_is_told_with_what_would_do(
    terms: BasketTerms, reason: NotApplied, english: str, german: str
) -> None:
    assert why_not(offer(basket=terms), reason, PROGRAM) == f"Coffee week: {english}"
    assert why_not(offer(basket=terms), reason, PROGRAM, "de") == f"Kaffeewoche: {german}"


def test_the_winner_is_called_by_its_name() -> None:
    winner = Offer("off_2", 2, 1, "staff's", BonusPoints(50), {"de": OfferText("Bohnentag")})
    told = why_not(offer(), missed("beaten", of="off_2"), PROGRAM, "de", winner)
    assert told == "Kaffeewoche: stattdessen gilt Bohnentag"


def test_hours_are_told_and_what_has_not_begun() -> None:
    happy = offer(schedule=Schedule(hours=((840, 960), (1_320, 120))))
    assert why_not(happy, missed("schedule"), PROGRAM) == (
        "Coffee week: only from 14:00 to 16:00 or from 22:00 to 02:00"
    )
    assert why_not(offer(), missed("schedule"), PROGRAM, "de") == (
        "Kaffeewoche: hat noch nicht begonnen"
    )


def test_of_many_products_three_are_named() -> None:
    many = LineMatch(brands=frozenset({"k"}), skus=frozenset(f"sku-{n}" for n in range(500)))
    told = why_not(offer(basket=BasketTerms(matches=many)), missed("products"), PROGRAM)
    assert told == "Coffee week: only for k, sku-0, sku-1, sku-10 and others"


@pytest.mark.parametrize("reason", NotAppliedReason)
@pytest.mark.parametrize("effect", [Multiplier(200), RewardPrice("rwd_1", 0)])
def test_every_reason_has_words_in_either_language(reason: NotAppliedReason, effect: Any) -> None:
    terms = BasketTerms(stores=frozenset({"nord"}), channels=frozenset({"app"}))
    said = [
        why_not(offer(effect, basket=terms), missed(reason), PROGRAM, lang) for lang in ("en", "de")
    ]
    assert said[0].removeprefix("Coffee week") != said[1].removeprefix("Kaffeewoche")
    assert not any("{" in text or text.endswith(": ") for text in said)


def test_german_has_the_same_words_as_english() -> None:
    english, german = offer_texts.WORDS["en"], offer_texts.WORDS["de"]
    places = {key: sorted(re.findall(r"{(.*?)}", text)) for key, text in english.items()}
    assert places == {key: sorted(re.findall(r"{(.*?)}", text)) for key, text in german.items()}
