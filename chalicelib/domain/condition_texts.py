"""Conditions in words, for people who check what they wrote and for members who ask why.

Each leaf is what the fact is called, a colon, and what is asked of it: that needs no grammar that a
program's own attributes could break.
"""

from collections.abc import Mapping

from chalicelib.domain.conditions import All, Any, Condition, InSegment, Leaf, Not, Op, Operand
from chalicelib.domain.facts import NO_TIER, Fact, FactKind, facts_declared
from chalicelib.domain.money_texts import money
from chalicelib.domain.program import Program

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "all": " and ",
        "any": " or ",
        "not": "not ({})",
        "segment": "in the segment {}",
        "true": "yes",
        "false": "no",
        "no_tier": "none",
        "not_known": "not known",
        Op.EQ: "{}",
        Op.NE: "not {}",
        Op.LT: "below {}",
        Op.LTE: "at most {}",
        Op.GT: "above {}",
        Op.GTE: "at least {}",
        Op.BETWEEN: "{} to {}",
        Op.IN: "one of {}",
        Op.CONTAINS: "{}",
        Op.CONTAINS_ANY: "one of {}",
        Op.CONTAINS_ALL: "all of {}",
        Op.KNOWN: "known",
    },
    "de": {
        "all": " und ",
        "any": " oder ",
        "not": "nicht ({})",
        "segment": "im Segment {}",
        "true": "ja",
        "false": "nein",
        "no_tier": "keine",
        "not_known": "nicht bekannt",
        Op.EQ: "{}",
        Op.NE: "nicht {}",
        Op.LT: "unter {}",
        Op.LTE: "höchstens {}",
        Op.GT: "über {}",
        Op.GTE: "mindestens {}",
        Op.BETWEEN: "{} bis {}",
        Op.IN: "eines von {}",
        Op.CONTAINS: "{}",
        Op.CONTAINS_ANY: "eines von {}",
        Op.CONTAINS_ALL: "alle von {}",
        Op.KNOWN: "bekannt",
    },
}
_NO_NAMES: Mapping[str, str] = {}


def in_words(
    condition: Condition,
    language: str,
    program: Program,
    segments: Mapping[str, str] = _NO_NAMES,
) -> str:
    """The condition as a phrase: `country: AT and (tier: Gold or interests: coffee)`.

    language: `de`; all else is said in English. segments: their names, by id; without one an id
    stands for itself.
    """
    telling = _Telling("de" if language == "de" else "en", program, segments)
    return telling.phrase(condition, is_part=False)


class _Telling:
    """What every part of one condition is said with."""

    def __init__(self, language: str, program: Program, segments: Mapping[str, str]) -> None:
        self.language = language
        self.words = _WORDS[language]
        self.program = program
        self.facts = facts_declared(program)
        self.segments = segments

    def phrase(self, condition: Condition, *, is_part: bool) -> str:
        match condition:
            case All(parts) | Any(parts):
                word = self.words["all" if isinstance(condition, All) else "any"]
                joined = word.join(self.phrase(part, is_part=True) for part in parts)
                return f"({joined})" if is_part and len(parts) > 1 else joined
            case Not(part):
                return self.words["not"].format(self.phrase(part, is_part=False))
            case InSegment(segment_id):
                name = self.segments.get(segment_id, segment_id)
                return self.words["segment"].format(name)
            case Leaf():
                return self._leaf(condition)

    def _leaf(self, leaf: Leaf) -> str:
        fact = self.facts.get(leaf.fact)
        # An attribute that the program has stopped declaring still stands in conditions of before.
        name = fact.says[self.language] if fact else leaf.fact
        return f"{name}: {self._asked(leaf, fact)}"

    def _asked(self, leaf: Leaf, fact: Fact | None) -> str:
        if leaf.op is Op.KNOWN and not leaf.value:
            return self.words["not_known"]
        values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        said = [self._value(value, fact) for value in values]
        if leaf.op is Op.BETWEEN:
            return self.words[leaf.op].format(*said)
        return self.words[leaf.op].format(", ".join(said))

    def _value(self, value: Operand, fact: Fact | None) -> str:
        if isinstance(value, bool):
            return self.words["true" if value else "false"]
        if isinstance(value, int) and fact is not None and fact.unit == "minor":
            return money(value, self.program.currency, self.language)
        if fact is not None and fact.name == "tier":
            return self._tier(str(value))
        if fact is not None and fact.kind is FactKind.TEXTS:
            return self.segments.get(str(value), str(value))
        return str(value)

    def _tier(self, tier_id: str) -> str:
        if tier_id == NO_TIER:
            return self.words["no_tier"]
        levels = self.program.tiers.levels if self.program.tiers else ()
        return next((level.name for level in levels if level.tier_id == tier_id), tier_id)
