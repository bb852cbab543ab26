"""Conditions and members to try them on, from a seed: few values, so that many are on a border."""

from collections.abc import Callable, Mapping
from random import Random

from chalicelib.domain.condition_reading import OPS
from chalicelib.domain.conditions import All, Any, Condition, Leaf, Not, Op, Operand
from chalicelib.domain.fact_list import FACTS, Fact, FactKind, Facts, FactValue

ATTRIBUTE = Fact(
    "attribute.shoe_size",
    FactKind.TEXT,
    None,
    FACTS["country"].freshness,
    True,
    {"en": "shoe size", "de": "Schuhgröße"},
)
ASKED: Mapping[str, Fact] = {**FACTS, ATTRIBUTE.name: ATTRIBUTE}

# What quotes, wildcards and letters beyond ASCII could do in SQL, they are to do here.
WORDS = (
    "AT",
    "DE",
    "coffee",
    "Kürbis",
    "O'Neil",
    'say "hi"',
    "50%_off",
    "a?b",
    "', 'x",
    "☕",
    "at",
)
NUMBERS = (-1, 0, 1, 2, 3, 5, 12, 30, 100, 10_000, 2**53 - 1)


def some_facts(random: Random) -> Facts:
    """One member: of a fifth of the facts nothing is known."""
    return {
        fact.name: None if random.random() < 0.2 else _held(random, fact) for fact in ASKED.values()
    }


def _held(random: Random, fact: Fact) -> FactValue:
    if fact.kind is FactKind.TEXTS:
        return frozenset(random.sample(WORDS, random.randrange(4)))
    return _value(random, fact)


def _value(random: Random, fact: Fact) -> int | str | bool:
    if fact.values is not None:
        return random.choice(fact.values)
    of_kind: Mapping[FactKind, Callable[[], int | str | bool]] = {
        FactKind.INTEGER: lambda: random.choice(NUMBERS),
        FactKind.BOOLEAN: lambda: random.random() < 0.5,
        FactKind.TEXT: lambda: random.choice(WORDS),
        FactKind.TEXTS: lambda: random.choice(WORDS),
    }
    return of_kind[fact.kind]()


def some_condition(random: Random, depth: int = 4) -> Condition:
    """A condition of at most so many levels."""
    if depth == 1 or random.random() < 0.25:
        return _leaf(random)
    kind = random.choice((All, Any, Not))
    if kind is Not:
        return Not(some_condition(random, depth - 1))
    parts = tuple(some_condition(random, depth - 1) for _ in range(random.randint(1, 4)))
    return All(parts) if kind is All else Any(parts)


def _leaf(random: Random) -> Leaf:
    fact = random.choice(list(ASKED.values()))
    op = random.choice(OPS[fact.kind])
    return Leaf(fact.name, op, _operand(random, fact, op))


def _operand(random: Random, fact: Fact, op: Op) -> Operand:
    match op:
        case Op.KNOWN:
            return random.random() < 0.5
        case Op.BETWEEN:
            low, high = sorted(int(_value(random, fact)) for _ in range(2))
            return low, high
        case Op.IN | Op.CONTAINS_ANY | Op.CONTAINS_ALL:
            several = [_value(random, fact) for _ in range(random.randint(1, 3))]
            return tuple(several)  # type: ignore[return-value]  # all are of the fact's one kind
        case _:
            return _value(random, fact)
