"""Conditions over a member's facts: the tree, who matches it, and what keeps somebody out.

What is not known is neither true nor false, and only who matches for certain matches (Kleene's
logic, which is also SQL's): a member of whom nothing is known is not "not from Austria". Knows
neither where facts come from nor how a condition was written; `condition_reading` reads one,
`condition_sql` asks a database the same, `condition_texts` says it in words.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, assert_never

from chalicelib.domain.fact_list import FACTS, Facts

MOST_LEAVES = 100
MOST_DEPTH = 8
MOST_VALUES = 500
"""In all its leaves together: with its texts it still fits where documents are kept."""


class Op(StrEnum):
    """What a leaf asks of its fact. `known` asks whether there is one at all."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    BETWEEN = "between"
    IN = "in"
    CONTAINS = "contains"
    CONTAINS_ANY = "contains_any"
    CONTAINS_ALL = "contains_all"
    KNOWN = "known"


Operand: TypeAlias = int | str | bool | tuple[int, ...] | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One question to one fact. value: of the fact's kind; two numbers, both within, for
    `between`; any number of them for `in`, `contains_any` and `contains_all`; whether it is to be
    known for `known`."""

    fact: str
    op: Op
    value: Operand


@dataclass(frozen=True, slots=True)
class All:
    """Every one of them."""

    of: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Any:
    """One of them at least."""

    of: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """Known not to match."""

    of: "Condition"


@dataclass(frozen=True, slots=True)
class InSegment:
    """Whoever is in a segment, as somebody wrote it. `segments.inlined` puts there what the
    segment asks; nothing is evaluated before that."""

    segment_id: str


Condition: TypeAlias = All | Any | Not | Leaf | InSegment
Predicate: TypeAlias = Callable[[Facts], bool]

_TESTS: Mapping[Op, Callable[..., bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LTE: operator.le,
    Op.GT: operator.gt,
    Op.GTE: operator.ge,
    Op.BETWEEN: lambda value, bounds: bounds[0] <= value <= bounds[1],
    Op.IN: lambda value, values: value in values,
    Op.CONTAINS: operator.contains,
    Op.CONTAINS_ANY: lambda value, values: not value.isdisjoint(values),
    Op.CONTAINS_ALL: lambda value, values: value.issuperset(values),
}
_OF_SEVERAL = frozenset({Op.IN, Op.CONTAINS_ANY, Op.CONTAINS_ALL})


def compiled(condition: Condition) -> Predicate:
    """A function that says whether facts match for certain; some 0.1 microseconds a leaf.

    condition: without segments that are not inlined.
    """
    return _true(condition)


# A condition is true, or it is false, or neither is certain. Asked for "certainly true", each part
# needs only its own "certainly true" or, below a `not`, "certainly false": two plain functions
# instead of a third value that every step would have to carry.


def _true(condition: Condition) -> Predicate:
    match condition:
        case All(parts):
            return _every([_true(part) for part in parts])
        case Any(parts):
            return _one([_true(part) for part in parts])
        case Not(part):
            return _false(part)
        case Leaf(fact, Op.KNOWN, value):
            return _known(fact, wanted=bool(value))
        case Leaf(fact, op, value):
            return _asks(fact, op, value, wanted=True)
        case InSegment(segment_id):
            raise AssertionError(f"{segment_id} was not inlined")
        case _:
            assert_never(condition)


def _false(condition: Condition) -> Predicate:
    match condition:
        case All(parts):
            return _one([_false(part) for part in parts])
        case Any(parts):
            return _every([_false(part) for part in parts])
        case Not(part):
            return _true(part)
        case Leaf(fact, Op.KNOWN, value):
            return _known(fact, wanted=not value)
        case Leaf(fact, op, value):
            return _asks(fact, op, value, wanted=False)
        case InSegment(segment_id):
            raise AssertionError(f"{segment_id} was not inlined")
        case _:
            assert_never(condition)


def _every(parts: list[Predicate]) -> Predicate:
    def matches(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110  # a generator doubles the cost of every step
            if not part(facts):
                return False
        return True

    return matches


def _one(parts: list[Predicate]) -> Predicate:
    def matches(facts: Facts) -> bool:
        for part in parts:  # noqa: SIM110  # a generator doubles the cost of every step
            if part(facts):
                return True
        return False

    return matches


def _known(fact: str, *, wanted: bool) -> Predicate:
    return lambda facts: (facts.get(fact) is not None) is wanted


def _asks(fact: str, op: Op, asked: Operand, *, wanted: bool) -> Predicate:
    test = _TESTS[op]
    operand = frozenset(asked) if op in _OF_SEVERAL and isinstance(asked, tuple) else asked

    def matches(facts: Facts) -> bool:
        value = facts.get(fact)
        return value is not None and test(value, operand) is wanted

    return matches


def missing_for(condition: Condition, facts: Facts) -> tuple[Leaf | Not, ...]:
    """What keeps somebody with these facts out, in the condition's order; nothing for who matches.

    Of alternatives it is the one that least is missing of, the first of several.
    """
    match condition:
        case All(parts):
            return tuple(missing for part in parts for missing in missing_for(part, facts))
        case Any(parts):
            return min((missing_for(part, facts) for part in parts), key=len)
        case Leaf() | Not():
            return () if _true(condition)(facts) else (condition,)
        case InSegment(segment_id):
            raise AssertionError(f"{segment_id} was not inlined")
        case _:
            assert_never(condition)


def leaves_of(condition: Condition) -> Iterator[Leaf | InSegment]:
    """Every leaf, in order; a segment that is not inlined counts as one."""
    match condition:
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves_of(part)
        case Not(part):
            yield from leaves_of(part)
        case Leaf() | InSegment():
            yield condition
        case _:
            assert_never(condition)


def size_of(condition: Condition) -> tuple[int, int, int]:
    """How many levels it has, how many leaves, and how many values in them."""
    leaves = list(leaves_of(condition))
    values = [leaf.value for leaf in leaves if isinstance(leaf, Leaf)]
    counted = sum(len(value) if isinstance(value, tuple) else 1 for value in values)
    return _depth(condition), len(leaves), counted


def _depth(condition: Condition) -> int:
    match condition:
        case All(parts) | Any(parts):
            return 1 + max(_depth(part) for part in parts)
        case Not(part):
            return 1 + _depth(part)
        case Leaf() | InSegment():
            return 1
        case _:
            assert_never(condition)


def needs_profiling(condition: Condition) -> bool:
    """Whether it asks for a fact that is only known of members who allow profiling."""
    named = (leaf.fact for leaf in leaves_of(condition) if isinstance(leaf, Leaf))
    # Whatever is not of the house's own facts is an attribute that the program declared.
    return any(name not in FACTS or FACTS[name].profiling for name in named)
