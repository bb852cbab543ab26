"""Conditions: what is refused and where, what is not known, what is missing, and the words."""

from dataclasses import replace
from itertools import product
from random import Random

import pytest

from chalicelib.domain.condition_reading import as_document, from_document, read_condition
from chalicelib.domain.condition_texts import in_words
from chalicelib.domain.conditions import (
    All,
    Any,
    Condition,
    InSegment,
    Leaf,
    Not,
    Op,
    compiled,
    missing_for,
    needs_profiling,
)
from chalicelib.domain.fact_list import FACTS, Facts
from chalicelib.domain.program import Tier, TierBasis, Tiers, TierWindow
from chalicelib.domain.refusals import InvalidContent
from tests.conditions_world import ASKED, some_condition
from tests.ledger_world import PROGRAM

AUSTRIAN = Leaf("country", Op.EQ, "AT")
RICH = Leaf("available_points", Op.GTE, 100)
DRINKS_COFFEE = Leaf("interests", Op.CONTAINS, "coffee")


def test_all_that_is_wrong_is_said_at_once_and_where() -> None:
    raw = {
        "all": [
            {"fact": "contry", "op": "eq", "value": "AT"},
            {"fact": "status", "op": "gt", "value": "active"},
            {"fact": "status", "op": "eq", "value": "asleep"},
            {"fact": "available_points", "op": "eq", "value": True},
            {"fact": "available_points", "op": "between", "value": [9, 1]},
            {"fact": "available_points", "op": "in", "value": [1, "2"]},
            {"fact": "available_points", "op": "lt", "value": 2**53},
            {"fact": "recency_class", "op": "eq", "value": True},
            {"fact": "interests", "op": "contains_all", "value": []},
            {"fact": "interests", "op": "contains", "value": ""},
            {"fact": "interests", "op": "contains", "value": "a\nb"},
            {"fact": "first_purchase", "op": "known", "value": "yes"},
            {"fact": "tier", "op": "like"},
            {"fact": "tier", "op": "eq", "value": "gold", "unit~/": 1},
            {"segment": 7},
            {"segment": "s" * 65},
            {"none": []},
            {"all": [], "any": []},
            {"any": []},
            {"not": 5},
        ]
    }
    with pytest.raises(InvalidContent) as refused:
        read_condition(raw, ASKED, "/audience")
    assert [(error.pointer, error.code) for error in refused.value.errors] == [
        ("/audience/all/0/fact", "unknown_fact"),
        ("/audience/all/1/op", "not_allowed"),
        ("/audience/all/2/value", "one_of"),
        ("/audience/all/3/value", "wrong_type"),
        ("/audience/all/4/value", "not_rising"),
        ("/audience/all/5/value/1", "wrong_type"),
        ("/audience/all/6/value", "out_of_range"),
        ("/audience/all/7/value", "one_of"),
        ("/audience/all/8/value", "wrong_type"),
        ("/audience/all/9/value", "wrong_length"),
        ("/audience/all/10/value", "not_printable"),
        ("/audience/all/11/value", "wrong_type"),
        ("/audience/all/12/value", "missing"),
        ("/audience/all/12/op", "one_of"),
        ("/audience/all/13/unit~0~1", "unknown_field"),
        ("/audience/all/14/segment", "wrong_type"),
        ("/audience/all/15/segment", "wrong_length"),
        ("/audience/all/16", "malformed"),
        ("/audience/all/17", "malformed"),
        ("/audience/all/18/any", "wrong_type"),
        ("/audience/all/19/not", "wrong_type"),
    ]
    assert "country" in refused.value.errors[0].detail


def test_a_condition_is_eight_levels_deep_at_most_and_of_a_hundred_leaves() -> None:
    leaf = as_document(AUSTRIAN)
    deep: object = leaf
    for _ in range(7):
        deep = {"not": deep}
    read_condition(deep, ASKED)
    read_condition({"any": [leaf] * 100}, ASKED)
    for raw, code in (({"not": deep}, "too_deep"), ({"any": [leaf] * 101}, "too_many")):
        with pytest.raises(InvalidContent) as refused:
            read_condition(raw, ASKED)
        assert [error.code for error in refused.value.errors] == [code]


def test_a_condition_reads_back_from_its_document() -> None:
    random = Random(3)
    for _ in range(100):
        condition = some_condition(random)
        assert read_condition(as_document(condition), ASKED) == condition
        assert from_document(as_document(condition)) == condition
    assert from_document({"not": {"segment": "seg_1"}}) == Not(InSegment("seg_1"))


def test_what_is_not_known_is_neither_true_nor_false() -> None:
    nothing: Facts = {}
    assert not compiled(AUSTRIAN)(nothing)
    assert not compiled(Not(AUSTRIAN))(nothing)
    assert not compiled(Leaf("country", Op.NE, "AT"))(nothing)
    assert not compiled(Not(Not(AUSTRIAN)))(nothing)
    assert compiled(Leaf("country", Op.KNOWN, False))(nothing)
    assert compiled(Not(Leaf("country", Op.KNOWN, True)))(nothing)
    assert not compiled(Not(Leaf("country", Op.KNOWN, False)))(nothing)


def test_the_predicate_is_kleenes_logic() -> None:
    values: tuple[Facts, ...] = ({}, {"country": "AT"}, {"country": "DE"})
    others: tuple[Facts, ...] = ({}, {"available_points": 100}, {"available_points": 99})
    shapes: tuple[Condition, ...] = (
        All((AUSTRIAN, RICH)),
        Any((AUSTRIAN, RICH)),
        Not(All((AUSTRIAN, RICH))),
        Not(Any((AUSTRIAN, RICH))),
        All((Not(AUSTRIAN), Any((RICH, AUSTRIAN)))),
    )
    for left, right in product(values, others):
        for condition in shapes:
            facts = {**left, **right}
            assert compiled(condition)(facts) is (_kleene(condition, facts) is True)


def _kleene(condition: Condition, facts: Facts) -> bool | None:
    """The three-valued value, as textbooks define it."""
    match condition:
        case All(parts):
            values = [_kleene(part, facts) for part in parts]
            return False if False in values else None if None in values else True
        case Any(parts):
            values = [_kleene(part, facts) for part in parts]
            return True if True in values else None if None in values else False
        case Not(part):
            value = _kleene(part, facts)
            return None if value is None else not value
        case Leaf(fact):
            return None if facts.get(fact) is None else compiled(condition)(facts)
        case InSegment():
            raise AssertionError("not evaluated")


def test_what_is_missing_is_told_of_the_nearest_alternative() -> None:
    not_frozen = Not(Leaf("status", Op.EQ, "frozen"))
    condition = All((AUSTRIAN, Any((All((RICH, DRINKS_COFFEE)), RICH)), not_frozen))
    frozen: Facts = {"country": "DE", "available_points": 7, "status": "frozen"}
    assert missing_for(condition, frozen) == (AUSTRIAN, RICH, not_frozen)
    fine: Facts = {"country": "AT", "available_points": 100, "status": "active"}
    assert missing_for(condition, fine) == ()


def test_profiling_is_needed_where_any_part_asks_for_it() -> None:
    assert not needs_profiling(All((AUSTRIAN, RICH)))
    assert needs_profiling(Not(Any((AUSTRIAN, DRINKS_COFFEE))))
    assert needs_profiling(Leaf("attribute.shoe_size", Op.KNOWN, True))


def test_a_condition_says_in_either_language_what_it_asks() -> None:
    silver = Tier("silver", "Silver", 500)
    tiers = Tiers(TierBasis.POINTS, TierWindow.SINCE_JOINING, (silver,))
    program = replace(PROGRAM, tiers=tiers, attributes=("shoe_size",))
    condition = All(
        (
            Leaf("country", Op.IN, ("AT", "DE")),
            Any((Leaf("tier", Op.EQ, "silver"), Not(All((RICH, DRINKS_COFFEE))))),
            Leaf("spend_last_90_days_minor", Op.BETWEEN, (1000, 250000)),
            Leaf("attribute.shoe_size", Op.KNOWN, False),
            Leaf("lists", Op.CONTAINS_ANY, ("seg_1", "seg_2")),
            InSegment("seg_3"),
        )
    )
    names = {"seg_1": "Regulars", "seg_3": "Night owls"}
    assert in_words(condition, "en", program, names) == (
        "country: one of AT, DE and "
        "(tier: Silver or not (available points: at least 100 and interests: coffee)) "
        "and spend in the last 90 days: 10.00 EUR to 2500.00 EUR and shoe_size: not known "
        "and lists the member is on: one of Regulars, seg_2 and in the segment Night owls"
    )
    assert in_words(condition, "de", program, names) == (
        "Land: eines von AT, DE und "
        "(Stufe: Silver oder nicht (verfügbare Punkte: mindestens 100 und "
        "Interessen: coffee)) und "
        "Umsatz in den letzten 90 Tagen: 10,00 EUR bis 2500,00 EUR und "
        "shoe_size: nicht bekannt und Listen, auf denen das Mitglied steht: "
        "eines von Regulars, seg_2 und im Segment Night owls"
    )


def test_every_fact_can_be_asked_for_in_words_of_both_languages() -> None:
    for fact in FACTS.values():
        condition = Leaf(fact.name, Op.KNOWN, True)
        assert in_words(condition, "en", PROGRAM) == f"{fact.says['en']}: known"
        assert in_words(condition, "de", PROGRAM) == f"{fact.says['de']}: bekannt"
