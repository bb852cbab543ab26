"""Puts members on a static segment and takes them off it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import Conflict, MemberNotFound
from chalicelib.domain.segments import MOST_LISTS, SegmentKind, SegmentStatus
from chalicelib.domain.traits import Traits
from chalicelib.usecases.keep_traits import change_traits
from chalicelib.usecases.note import note
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_audience import segments_by_id
from chalicelib.usecases.save_segment import known_segment

MOST_MEMBERS = 1_000
"""In one call."""

_THREADS = 8
"""A call has to be through before whoever waits for it gives up."""


class Fate(StrEnum):
    """What became of one member. full: it is on as many lists as a member can be."""

    ADDED = "added"
    REMOVED = "removed"
    UNCHANGED = "unchanged"
    UNKNOWN = "unknown"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class ListChange:
    """What became of each of them, in the order in which they were named."""

    fates: tuple[tuple[str, Fate], ...]


def change_list(
    ports: Ports,
    caller: Caller,
    segment_id: str,
    add: Sequence[str],
    remove: Sequence[str],
    now: datetime,
) -> ListChange:
    """Put members on a list and take others off it, by their ids. Safe to repeat: who is on it
    already, or off it, is left as it is.

    Raises NotFound, Conflict (`segment_not_static`, `segment_archived`), TryAgain: then some may be
    changed, and the same call finishes it.
    """
    segment = known_segment(ports, segment_id)
    if segment.kind is not SegmentKind.STATIC:
        raise Conflict(reason="segment_not_static")
    if segment.status is SegmentStatus.ARCHIVED:
        raise Conflict(reason="segment_archived")
    note(ports, caller, "segment.members_changed", now, subject=segment_id)
    kept = frozenset(
        known.segment_id
        for known in segments_by_id(ports).values()
        if known.kind is SegmentKind.STATIC and known.status is SegmentStatus.ACTIVE
    )
    moves = [_Move(ports, segment_id, kept, member_id, is_added=True) for member_id in add]
    moves += [_Move(ports, segment_id, kept, member_id, is_added=False) for member_id in remove]
    with ThreadPoolExecutor(_THREADS) as pool:
        return ListChange(tuple(pool.map(_Move.made, moves)))


@dataclass(frozen=True, slots=True)
class _Move:
    """One member onto the list, or off it. kept: the lists that there are; others were archived,
    and leave a member whenever its lists change."""

    ports: Ports
    segment_id: str
    kept: frozenset[str]
    member_id: str
    is_added: bool

    def made(self) -> tuple[str, Fate]:
        seen: list[Traits] = []

        def change(before: Traits) -> Traits:
            seen.append(before)
            return replace(before, lists=self._lists(before.lists))

        try:
            after = change_traits(self.ports, self.member_id, change)
        except MemberNotFound:
            return self.member_id, Fate.UNKNOWN
        return self.member_id, self._fate(self.segment_id in seen[-1].lists, after)

    def _lists(self, before: tuple[str, ...]) -> tuple[str, ...]:
        if (self.segment_id in before) is self.is_added:
            return before
        others = {name for name in before if name in self.kept} - {self.segment_id}
        if self.is_added and len(others) >= MOST_LISTS:
            return before
        return tuple(sorted(others | {self.segment_id} if self.is_added else others))

    def _fate(self, was_on: bool, after: Traits) -> Fate:
        is_on = self.segment_id in after.lists
        if is_on is not self.is_added:
            return Fate.FULL
        if was_on is is_on:
            return Fate.UNCHANGED
        return Fate.ADDED if is_on else Fate.REMOVED
