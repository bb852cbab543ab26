"""The tables that Athena reads the snapshot by are those that its rows are made for."""

import pytest

from chalicelib.domain.fact_list import FactKind
from chalicelib.domain.snapshot_columns import COLUMNS, Dataset
from chalicelib.providers.snapshot_files import Kind
from tests.snapshot_world import tables_of_template

TYPES = {
    FactKind.INTEGER: "bigint",
    FactKind.BOOLEAN: "boolean",
    FactKind.TEXT: "string",
    FactKind.TEXTS: "array<string>",
}
TABLES = {table["Name"]: table for table in tables_of_template("bucket")}


def test_every_dataset_has_a_table_of_each_kind_of_objects() -> None:
    every = {f"{dataset}_{kind}" for dataset in Dataset for kind in (Kind.BASE, Kind.CHANGES)}
    assert set(TABLES) == every | {"members_all"}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_has_the_columns_of_its_rows_and_lies_where_they_do(name: str) -> None:
    table = TABLES[name]
    dataset, _, kind = name.partition("_")
    storage = table["StorageDescriptor"]
    assert {column["Name"]: column["Type"] for column in storage["Columns"]} == {
        column: TYPES[of] for column, of in COLUMNS[Dataset(dataset)].items()
    }
    place = f"s3://bucket/{kind}/{dataset}/"
    assert storage["Location"] == place
    assert table["Parameters"]["storage.location.template"] == place + "part=${part}/"
    # Of a base one part is ever read, which a query names; of the others those of some days.
    projected = "injected" if kind == Kind.BASE else "date"
    assert table["Parameters"]["projection.part.type"] == projected
