"""What an offer may cost in all, spread over counters (shards) so that many tills can take from it
at once. Decides who takes what from which of them; knows neither stores nor purchases.

A withdrawal is of one shard as long as that holds enough of it. What is left in parts that are all
too small is taken together, so that less than one offer's worth is ever left over.
"""

import hashlib
from collections.abc import Sequence

Parts = tuple[tuple[int, int], ...]
"""(shard, part of the cost that came from it), in the order in which it was taken."""

_COST_A_SHARD = 1_000
_MOST_SHARDS = 10


def shards_for_budget(amount: int) -> int:
    """How many counters a budget deserves: one for 1,000 points or minor units, ten at most."""
    return min(_MOST_SHARDS, max(1, amount // _COST_A_SHARD))


def one_shard(shards: int, name: str, cost: int) -> Parts:
    """All of a cost from the shard that an operation begins with, whatever is left in it."""
    first = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % shards
    return ((first, cost),)


def from_what_is_left(left: Sequence[int], name: str, cost: int) -> Parts | None:
    """A cost from what the shards hold: from one of those that hold enough, else from several,
    fullest first. None where all of them together hold less."""
    if sum(left) < cost:
        return None
    enough = [shard for shard, units in enumerate(left) if units >= cost]
    if enough:
        ((place, _),) = one_shard(len(enough), name, cost)
        return ((enough[place], cost),)
    parts: list[tuple[int, int]] = []
    for shard in sorted(range(len(left)), key=lambda shard: -left[shard]):
        part = min(left[shard], cost)
        cost -= part
        if part:
            parts.append((shard, part))
    return tuple(parts)


def given_back(taken: Parts, before: int, after: int) -> Parts:
    """What goes back to each shard when a cost falls from `before` to `after`: the shards that were
    taken from last get theirs back first, so that in any number of steps each gets its own."""
    held_before, held_after = _held(taken, before), _held(taken, after)
    return tuple(
        (shard, was - still)
        for (shard, _), was, still in zip(taken, held_before, held_after, strict=True)
        if was != still
    )


def _held(taken: Parts, cost: int) -> list[int]:
    """How much of each part a cost still takes."""
    held = []
    for _, part in taken:
        held.append(min(part, cost))
        cost -= held[-1]
    return held
