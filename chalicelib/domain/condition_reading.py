"""Reads conditions from the documents that people write: everything that is wrong, at once.

Knows no HTTP and no segments: a named one is kept as a name (see `segments.inlined`).
"""

from collections.abc import Mapping
from difflib import get_close_matches

from chalicelib.domain.condition_values import Check, boolean, check_of
from chalicelib.domain.conditions import (
    MOST_DEPTH,
    MOST_LEAVES,
    MOST_VALUES,
    All,
    Any,
    Condition,
    InSegment,
    Leaf,
    Not,
    Op,
    Operand,
)
from chalicelib.domain.fact_list import Fact, FactKind
from chalicelib.domain.refusals import FieldError, InvalidContent

MOST_VALUES_OF_A_LEAF = 100
LONGEST_ID = 64

_ORDERED = (Op.EQ, Op.NE, Op.LT, Op.LTE, Op.GT, Op.GTE, Op.BETWEEN, Op.IN, Op.KNOWN)
OPS: Mapping[FactKind, tuple[Op, ...]] = {
    FactKind.INTEGER: _ORDERED,
    FactKind.BOOLEAN: (Op.EQ, Op.NE, Op.KNOWN),
    FactKind.TEXT: (Op.EQ, Op.NE, Op.IN, Op.KNOWN),
    FactKind.TEXTS: (Op.CONTAINS, Op.CONTAINS_ANY, Op.CONTAINS_ALL, Op.KNOWN),
}
_OPS = frozenset(Op)
_OF_SEVERAL = frozenset({Op.IN, Op.CONTAINS_ANY, Op.CONTAINS_ALL})
_SHAPE = (
    'Write {"all": [...]}, {"any": [...]}, {"not": ...}, {"segment": "..."} or a leaf '
    '{"fact": ..., "op": ..., "value": ...}.'
)


def read_condition(raw: object, facts: Mapping[str, Fact], pointer: str = "") -> Condition:
    """A condition from parsed JSON, checked against the facts that there are.

    pointer: where it stands in its document. Raises InvalidContent with everything that is wrong.
    """
    reading = _Reading(facts)
    condition = reading.condition(raw, pointer, 1)
    if reading.leaves > MOST_LEAVES:
        detail = f"A condition has at most {MOST_LEAVES} leaves; this one has {reading.leaves}."
        reading.wrong(pointer, "too_many", detail)
    if reading.values > MOST_VALUES:
        detail = f"A condition has at most {MOST_VALUES} values; this one has {reading.values}."
        reading.wrong(pointer, "too_many", detail)
    if condition is None or reading.errors:
        raise InvalidContent(errors=reading.errors)
    return condition


def from_document(document: object) -> Condition:
    """The condition that a stored document holds. It was checked when it was written, against the
    facts that there were then, so nothing is refused here."""
    assert isinstance(document, dict)  # noqa: S101  # documentation that runs: we stored it
    match document:
        case {"all": parts}:
            return All(tuple(from_document(part) for part in parts))
        case {"any": parts}:
            return Any(tuple(from_document(part) for part in parts))
        case {"not": part}:
            return Not(from_document(part))
        case {"segment": segment_id}:
            return InSegment(segment_id)
        case _:
            value = document["value"]
            operand = tuple(value) if isinstance(value, list) else value
            return Leaf(document["fact"], Op(document["op"]), operand)


def as_document(condition: Condition) -> dict[str, object]:
    """The condition as people write it, for storing and showing; `from_document` reads it."""
    match condition:
        case All(parts):
            return {"all": [as_document(part) for part in parts]}
        case Any(parts):
            return {"any": [as_document(part) for part in parts]}
        case Not(part):
            return {"not": as_document(part)}
        case InSegment(segment_id):
            return {"segment": segment_id}
        case Leaf(fact, op, value):
            shown = list(value) if isinstance(value, tuple) else value
            return {"fact": fact, "op": op.value, "value": shown}


class _Reading:
    """What was found so far: the errors, and how many leaves and values."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self.facts = facts
        self.errors: list[FieldError] = []
        self.leaves = 0
        self.values = 0

    def wrong(self, pointer: str, code: str, detail: str) -> None:
        self.errors.append(FieldError(pointer, code, detail))

    def condition(self, raw: object, pointer: str, depth: int) -> Condition | None:
        """One node and all below it; None where something is wrong with it."""
        if depth > MOST_DEPTH:
            self.wrong(pointer, "too_deep", f"A condition is at most {MOST_DEPTH} levels deep.")
            return None
        if not isinstance(raw, dict):
            self.wrong(pointer, "wrong_type", _SHAPE)
            return None
        if "fact" in raw or "op" in raw:
            return self._leaf(raw, pointer)
        if len(raw) != 1:
            self.wrong(pointer, "malformed", _SHAPE)
            return None
        [(name, inside)] = raw.items()
        return self._node(name, inside, pointer, depth)

    def _node(self, name: str, inside: object, pointer: str, depth: int) -> Condition | None:
        match name:
            case "all":
                parts = self._parts(inside, f"{pointer}/all", depth)
                return None if parts is None else All(parts)
            case "any":
                parts = self._parts(inside, f"{pointer}/any", depth)
                return None if parts is None else Any(parts)
            case "not":
                part = self.condition(inside, f"{pointer}/not", depth + 1)
                return None if part is None else Not(part)
            case "segment":
                return self._segment(inside, f"{pointer}/segment")
            case _:
                self.wrong(pointer, "malformed", _SHAPE)
                return None

    def _parts(self, inside: object, pointer: str, depth: int) -> tuple[Condition, ...] | None:
        if not isinstance(inside, list) or not inside:
            self.wrong(pointer, "wrong_type", "Write a list of conditions, one at least.")
            return None
        parts = [
            self.condition(part, f"{pointer}/{index}", depth + 1)
            for index, part in enumerate(inside)
        ]
        return tuple(part for part in parts if part is not None)

    def _segment(self, inside: object, pointer: str) -> InSegment | None:
        self.leaves += 1
        if not isinstance(inside, str):
            self.wrong(pointer, "wrong_type", "Write the id of a segment.")
            return None
        if not 1 <= len(inside) <= LONGEST_ID:
            self.wrong(pointer, "wrong_length", f"An id has 1 to {LONGEST_ID} characters.")
            return None
        return InSegment(inside)

    def _leaf(self, raw: dict[str, object], pointer: str) -> Leaf | None:
        self.leaves += 1
        before = len(self.errors)
        for name in sorted(raw.keys() - {"fact", "op", "value"}):
            detail = "Leave this out; a leaf has fact, op and value."
            self.wrong(f"{pointer}/{_escaped(name)}", "unknown_field", detail)
        for name in ("fact", "op", "value"):
            if name not in raw:
                self.wrong(f"{pointer}/{name}", "missing", "A leaf needs this.")
        fact, op = self._fact(raw, pointer), self._op(raw, pointer)
        if fact is None or op is None or "value" not in raw:
            return None
        if op not in OPS[fact.kind]:
            detail = f"{fact.name} can be asked for: {', '.join(OPS[fact.kind])}."
            self.wrong(f"{pointer}/op", "not_allowed", detail)
            return None
        operand = self._operand(raw["value"], fact, op, f"{pointer}/value")
        return Leaf(fact.name, op, operand) if len(self.errors) == before else None

    def _fact(self, raw: dict[str, object], pointer: str) -> Fact | None:
        name = raw.get("fact")
        if isinstance(name, str) and name in self.facts:
            return self.facts[name]
        if "fact" in raw:
            near = get_close_matches(str(name)[:LONGEST_ID], self.facts, n=3)
            hint = f" Did you mean {' or '.join(near)}?" if near else " GET /v1/facts lists them."
            self.wrong(f"{pointer}/fact", "unknown_fact", f"There is no such fact.{hint}")
        return None

    def _op(self, raw: dict[str, object], pointer: str) -> Op | None:
        op = raw.get("op")
        if isinstance(op, str) and op in _OPS:
            return Op(op)
        if "op" in raw:
            self.wrong(f"{pointer}/op", "one_of", f"Write one of: {', '.join(Op)}.")
        return None

    def _operand(self, raw: object, fact: Fact, op: Op, pointer: str) -> Operand:
        """The value of a leaf; what is wrong with it stands in the errors afterwards."""
        if op is Op.KNOWN:
            self._one(raw, boolean, pointer)
            return bool(raw)
        check = check_of(fact)
        if op is Op.BETWEEN:
            return self._bounds(raw, check, pointer)
        if op in _OF_SEVERAL:
            return self._several(raw, check, pointer, 1, MOST_VALUES_OF_A_LEAF)
        self._one(raw, check, pointer)
        return raw  # type: ignore[return-value]  # whatever its check finds wrong is refused

    def _bounds(self, raw: object, check: Check, pointer: str) -> Operand:
        before = len(self.errors)
        bounds = self._several(raw, check, pointer, 2, 2)
        if len(self.errors) == before and bounds[0] > bounds[1]:  # type: ignore[operator]  # both are integers by now
            self.wrong(pointer, "not_rising", "Write the smaller one first; both are within.")
        return bounds

    def _several(
        self, raw: object, check: Check, pointer: str, least: int, most: int
    ) -> tuple[int, ...] | tuple[str, ...]:
        if not isinstance(raw, list) or not least <= len(raw) <= most:
            counts = str(least) if least == most else f"{least} to {most}"
            self.wrong(pointer, "wrong_type", f"Write a list of {counts} values.")
            return ()
        for index, value in enumerate(raw):
            self._one(value, check, f"{pointer}/{index}")
        return tuple(raw)

    def _one(self, value: object, check: Check, pointer: str) -> None:
        self.values += 1
        wrong = check(value)
        if wrong is not None:
            self.wrong(pointer, *wrong)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
