"""The columnar snapshot: where its rows are put, and the engines that it is asked through.

A snapshot is a base, made once a day, and what changed since; `domain/snapshot_columns.py` says
which columns its datasets have. Nothing in it names a person. It lags: nothing is decided by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chalicelib.domain.dialects import Dialect
from chalicelib.domain.snapshot_columns import Cell, Dataset, Row


@dataclass(frozen=True, slots=True)
class Where:
    """A condition over the columns of `members`, as `condition_sql.where` compiles it for an
    engine's dialect; everybody, if nothing is said. parameters: one for each `?`, in order."""

    text: str = "TRUE"
    parameters: tuple[int | str | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class SnapshotQuery:
    """A SELECT in an engine's dialect that reads from `{members}`, `{purchases}`, `{uses}`,
    `{lines}` and `{audiences}`, each with an alias; no other braces. parameters: one for each `?`,
    in order.

    What members did is there while they are, and their lines while profiling is allowed."""

    text: str
    parameters: tuple[int | str | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class AsOf:
    """How fresh a snapshot is. day: of its base (in the program's zone), None before the first.
    at: the newest change in it, None while it is empty."""

    day: date | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """How many members a condition is true of, and how many of them may be written to for
    marketing, by channel."""

    members: int
    mail: int
    sms: int
    push: int


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Ids of members, in order. after: where the next page begins, None after the last one."""

    members: tuple[str, ...]
    after: str | None


class AudienceQueries(Protocol):
    """Asks a snapshot. Every method may raise StoreUnavailable, also where a query takes longer
    than whoever asks can wait. The newest row of a member counts; who was erased is in none."""

    @property
    def dialect(self) -> Dialect:
        """The SQL that it speaks."""
        ...

    def as_of(self) -> AsOf:
        """How fresh what it knows is."""
        ...

    def count(self, where: Where) -> AudienceCount:
        """How many members."""
        ...

    def sample(self, where: Where, most: int) -> tuple[Row, ...]:
        """Rows of some members, the same for the same snapshot, spread over all."""
        ...

    def members(self, where: Where, after: str | None, limit: int) -> MemberPage:
        """Ids of members, from the first above `after`."""
        ...

    def rows(self, query: SnapshotQuery) -> list[tuple[Cell, ...]]:
        """What a query gives."""
        ...

    def compact(self, day: date) -> None:
        """Make the base of a day from the one before it and all that was put since, without what is
        erased or too old, and have it read from now on. Safe to repeat."""
        ...


class Snapshots(Protocol):
    """Where the snapshot lies. Every method may raise StoreUnavailable."""

    def put_all(self, day: date, page: int, rows: Sequence[Row]) -> None:
        """Keep a page of the pass over all members of a day, over one of that number."""
        ...

    def put_changes(self, dataset: Dataset, at: datetime, digest: str, rows: Sequence[Row]) -> None:
        """Keep rows that came after that. at: when they came; digest: hex digits that are the same
        for the same rows. What is put twice counts once."""
        ...


class SnapshotQueue(Protocol):
    """Who brings what happened to the ledger into the snapshot, a little later."""

    def put(self, records: Sequence[Mapping[str, object]]) -> list[int]:
        """Hand records of the ledger's stream on, as Lambda is given them; the indexes of those
        that were not taken, ascending. What is handed on twice counts once."""
        ...
