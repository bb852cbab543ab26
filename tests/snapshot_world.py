"""A snapshot to ask, by each engine, and rows to put into it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import boto3

from chalicelib.domain.fact_list import FACTS, Facts, FactValue
from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.domain.reach import Reach
from chalicelib.domain.snapshot_columns import Dataset, Row
from chalicelib.domain.snapshot_rows import gone_row, member_row
from chalicelib.providers import aws
from chalicelib.providers.athena_engine import AthenaEngine, AthenaPlace
from chalicelib.providers.duckdb_engine import DuckDbEngine
from chalicelib.providers.snapshot_files import SnapshotFiles
from chalicelib.providers.snapshot_objects import FolderObjects, S3Objects
from chalicelib.usecases.ports import AudienceQueries, Where
from chalicelib.wiring import outside
from infrastructure.local import resources
from tests.ledger_world import PROGRAM

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
TODAY = date(2026, 3, 14)
ADVERTS = Purpose("adverts", PurposeKind.MARKETING)
SHOP = replace(PROGRAM, purposes=("loyalty_terms", ADVERTS), attributes=("drink",))
_digests = count(1)
NOTHING_KNOWN: Facts = dict.fromkeys(FACTS)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where it lies and who asks it."""

    files: SnapshotFiles
    queries: AudienceQueries

    def change(self, *rows: Row, at: datetime = NOW, dataset: Dataset = Dataset.MEMBERS) -> None:
        """Put rows that came at an instant."""
        self.files.put_changes(dataset, at, f"{next(_digests):016x}", rows)

    def ids(self, text: str = "TRUE", *parameters: int | str) -> list[str]:
        """Who matches."""
        return list(self.queries.members(Where(text, parameters), None, 1_000).members)


def member(
    member_id: str,
    at: datetime = NOW,
    *,
    seq: int = 1,
    reached: Sequence[MessageChannel] = (),
    profiling: bool = True,
    merged: bool = False,
    **facts: FactValue,
) -> Row:
    """A member of whom these facts are known. reached: its channels for adverts."""
    return member_of(
        member_id,
        {name.replace("__", "."): value for name, value in facts.items()},
        at,
        seq=seq,
        reached=reached,
        profiling=profiling,
        merged=merged,
    )


def member_of(
    member_id: str,
    facts: Facts,
    at: datetime = NOW,
    *,
    seq: int = 1,
    reached: Sequence[MessageChannel] = (),
    profiling: bool = True,
    merged: bool = False,
) -> Row:
    """The same with facts by their names."""
    channels = tuple(reached)
    reach = Reach(consents={"adverts": channels, "loyalty_terms": channels}, proved=channels)
    return member_row(
        member_id,
        {**NOTHING_KNOWN, **facts},
        reach,
        SHOP,
        seq=seq,
        profiling=profiling,
        merged=merged,
        as_of=at,
    )


def gone(member_id: str, at: datetime = NOW) -> Row:
    """A member who was erased."""
    return gone_row(member_id, at, SHOP.zone)


def purchase(event: str, member_id: str, day: date = TODAY, amount_minor: int = 100) -> Row:
    """What somebody bought."""
    return {
        "event": event,
        "member_id": member_id,
        "name": event,
        "at": f"{day}T12:00:00.000Z",
        "day": day.isoformat(),
        "kind": "purchase",
        "amount_minor": amount_minor,
        "points": 1,
        "store": None,
        "channel": None,
    }


def in_folder(folder: Path) -> Snapshot:
    """One that is asked in this process, of files."""
    files = SnapshotFiles(FolderObjects(folder))
    return Snapshot(files, DuckDbEngine(files, lambda: SHOP.attributes))


def in_bucket(bucket: str, cache: Path) -> Snapshot:
    """One that is asked in this process, of objects of the local S3."""
    boto3.client("s3").create_bucket(Bucket=bucket)
    files = SnapshotFiles(S3Objects(bucket, aws.s3, cache))
    return Snapshot(files, DuckDbEngine(files, lambda: SHOP.attributes))


def in_athena(name: str) -> Snapshot:
    """One that the local Athena is asked for, by the template's tables and workgroup."""
    boto3.client("s3").create_bucket(Bucket=name)
    glue, tables = boto3.client("glue"), tables_of_template(name)
    glue.create_database(DatabaseInput={"Name": name})
    for table in tables:
        glue.create_table(DatabaseName=name, TableInput=table)
    boto3.client("athena").create_work_group(
        Name=name,
        Configuration={"ResultConfiguration": {"OutputLocation": f"s3://{name}/results/"}},
    )
    files = SnapshotFiles(S3Objects(name, aws.s3, None))
    place = AthenaPlace(name, name, name)
    patience = replace(outside.patience(), pause=lambda _: None)
    return Snapshot(files, AthenaEngine(aws.athena, files, place, lambda: ("drink",), patience))


def tables_of_template(bucket: str) -> list[Any]:
    """What the template says of each table, over a bucket."""
    return [
        _filled(resource["Properties"]["TableInput"], bucket)
        for resource in resources.template()["Resources"].values()
        if resource.get("Type") == "AWS::Glue::Table"
    ]


def _filled(value: Any, bucket: str) -> Any:
    match value:
        case {"Fn::Sub": str(text)}:
            return _filled(text, bucket)
        case dict():
            return {key: _filled(one, bucket) for key, one in value.items()}
        case list():
            return [_filled(one, bucket) for one in value]
        case str():
            return value.replace("${SnapshotBucket}", bucket).replace("${!part}", "${part}")
    return value
