"""What is said about points, in words."""

import re
from dataclasses import replace

import pytest

from chalicelib.domain.entries import Why
from chalicelib.domain.explanation_words import words_in
from chalicelib.domain.explanations import (
    adjusted,
    answered,
    expired,
    explained,
    moved_together,
    redeemed,
    referred,
    reviewed,
    transferred,
)
from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from chalicelib.domain.transfers import CALLED_BACK
from tests.ledger_world import PROGRAM


def texts(*why: Why, currency: str = "EUR") -> list[str]:
    return [row.text for row in explained(replace(PROGRAM, currency=currency), why)]


def test_each_rule_says_its_rate_and_the_money_it_counted() -> None:
    assert texts(Why("base", 12, 1_250), Why("kronos", 3, 250)) == [
        "1 point for every 1.00 EUR on 12.50 EUR",
        "Kronos cups: 3 points for every 2.50 EUR more on 2.50 EUR",
    ]


def test_what_a_return_takes_counts_negative_money() -> None:
    assert texts(Why("base", -1, -105)) == ["1 point for every 1.00 EUR on -1.05 EUR"]


@pytest.mark.parametrize(
    ("currency", "text"),
    [("JPY", "100 JPY on 1250 JPY"), ("KWD", "0.100 KWD on 1.250 KWD")],
)
def test_money_is_written_with_its_own_currencys_digits(currency: str, text: str) -> None:
    assert texts(Why("base", 12, 1_250), currency=currency) == [f"1 point for every {text}"]


def test_a_rule_that_a_program_no_longer_has_is_named_by_its_id() -> None:
    assert texts(Why("retired", 5, 100)) == ["retired"]


def test_german_has_a_sentence_for_all_that_english_has() -> None:
    english, german = words_in("en"), words_in("de")
    assert english.keys() == german.keys()
    places = {key: sorted(re.findall(r"{(.*?)}", text)) for key, text in english.items()}
    assert places == {key: sorted(re.findall(r"{(.*?)}", text)) for key, text in german.items()}
    assert [key for key in english if english[key] == german[key] and key != "tier"] == []


GOLD = Tiers(TierBasis.POINTS, TierWindow.ROLLING_12_MONTHS, (Tier("gold", "Gold", 100, 125, 50),))


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (Why("base", 12, 1_250), "1 Punkt für je 1,00 EUR, auf 12,50 EUR"),
        (Why("kronos", 3, 250), "Kronos cups: 3 Punkte für je 2,50 EUR mehr, auf 2,50 EUR"),
        (Why("tier:gold", 3, 1_250), "Gold: 25 % mehr"),
        (Why("gift:gold", 50, 0), "Gold: Geschenk zum Erreichen"),
        (
            Why("gift:gold", -50, 0),
            "Gold: Geschenk zum Erreichen, mit der Stufe zurückgenommen",
        ),
        (Why("reward:rwd_1", 80, 0), "Zurückgekommen: Becher"),
        (Why("expired", 5, 0), "Waren ungenutzt verfallen und wurden deshalb nicht abgezogen"),
        (
            Why("import:2025-03-09:1", 0, 450),
            "Vor diesem Programm gekauft, am 9. März 2025, für 4,50 EUR; damals gab es 1 Punkt",
        ),
    ],
)
def test_a_member_who_reads_german_is_told_in_german(row: Why, text: str) -> None:
    program = replace(PROGRAM, tiers=GOLD)
    (told,) = explained(program, (row,), {"rwd_1": "Becher"}, "de")
    assert (told.text, told.points) == (text, row.points)


def test_every_other_kind_of_entry_speaks_german_too() -> None:
    told = [
        *adjusted((), -5, "de"),
        *reviewed((Why("review:opened", 0, 0),), "de"),
        *adjusted((Why("review:forfeited", -5, 0),), -5, "de"),
        *expired((Why("2026-12-31", -5, 0),), "de"),
        *transferred((Why(CALLED_BACK, 5, 0), Why("transfer", 5, 0)), "de"),
        *moved_together((Why("household_joined", 5, 0),), "de"),
        answered(Why("survey", 5, 0), "Kaffee", "de"),
        redeemed(Why("rwd_1", -5, 0), "Becher", came_back=False, language="de"),
        redeemed(Why("rwd_1", 5, 0), "Becher", came_back=True, language="de"),
        referred(Why("referral:joined", 5, 0), "de"),
    ]
    assert [row.text for row in told if row is not None] == [
        "Von uns berichtigt",
        "Was du sammelst, wartet, bis wir dein Konto geprüft haben",
        "Wir haben dein Konto geprüft und abgezogen, was gewartet hat",
        "Konnten bis zum 31. Dezember 2026 ausgegeben werden",
        "Zurückgerufen",
        "Von einem anderen Mitglied erhalten",
        "Ein Mitglied kam in den Haushalt, und seine Punkte kamen mit",
        "Danke für die Antworten: Kaffee",
        "Eingelöst: Becher",
        "Zurückgekommen: Becher",
        "Willkommen: jemand hat dich mitgebracht",
    ]


@pytest.mark.parametrize("language", [None, "en", "fr"])
def test_any_other_language_is_told_in_english(language: str | None) -> None:
    (told,) = explained(PROGRAM, (Why("base", 12, 1_250),), None, language)
    assert told.text == "1 point for every 1.00 EUR on 12.50 EUR"
