"""How an engine makes the base of a day, whatever its SQL is run by."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.domain.snapshot_columns import Dataset
from chalicelib.providers.snapshot_files import Current, SnapshotFiles
from chalicelib.providers.snapshot_sql import Relation, base_sql


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of members, and of what they did."""

    members: Current
    events: Current

    def of(self, dataset: Dataset) -> Current:
        """What is read of a dataset."""
        return self.members if dataset is Dataset.MEMBERS else self.events


@dataclass(frozen=True, slots=True)
class Maker:
    """relation: of what is read. keep: writes what a SELECT gives as the base of a dataset. newest:
    the newest `as_of` of that of members, None where it is empty."""

    relation: Callable[[Reading], Relation]
    keep: Callable[[Dataset, Current, str], None]
    newest: Callable[[Current], str | None]


def make_base(files: SnapshotFiles, day: date, maker: Maker) -> None:
    """Make the base of a day and have it read from now on; nothing where one of that day or a later
    one is read already, or no pass over all members has begun on it."""
    before = files.current()
    if before.day >= day.isoformat() or not files.all_of(day):
        return
    after = files.next_base(day)
    # Members first: who did something is looked for among those that are there by then.
    relation = maker.relation(Reading(members=after, events=before))
    for dataset in Dataset:
        maker.keep(dataset, after, base_sql(dataset, relation, day))
    files.switch(before, replace(after, at=maker.newest(after) or ""))
