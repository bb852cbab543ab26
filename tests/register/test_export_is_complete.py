"""An export shows every registered personal field: a canary is planted in each, and found.

What was planted is read back from the tables as it lies there, by the register's own names: a field
that somebody stores tomorrow is looked for without being named here.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from secrets import token_bytes
from typing import Any

import pytest
from pynamodb.models import Model

from chalicelib.domain.names import new_id
from chalicelib.domain.program import Transfers
from chalicelib.domain.register import REGISTER, Row
from chalicelib.storage.members_keys import seal_of
from chalicelib.storage.people_items import SealedAttribute
from chalicelib.storage.tables import LedgerItem
from chalicelib.usecases import export_points
from chalicelib.usecases.export_reading import SOMEBODY_ELSE
from chalicelib.usecases.export_sections import SECTIONS, Reading
from chalicelib.usecases.export_zip import zipped
from chalicelib.wiring import Services, outside
from tests.api.club import Club
from tests.api.shop import Shop
from tests.register.filled import Canaries
from tests.register.planting import PLANTED, Plot
from tests.register.shapes import READ, SEALED
from tests.register.stored import TABLES, item_name

Found = dict[str, set[str]]
"""By a row's address, what was found stored under it."""


@pytest.fixture
def plot(club: Club) -> Plot:
    member_id = new_id("mem", token_bytes(16))
    made = Plot(club.services.ports, member_id, club.services.clock(), Canaries())
    for plant in PLANTED:
        plant(made)
    return made


def test_every_registered_personal_field_is_in_the_export(plot: Plot, services: Services) -> None:
    stored, files = _stored(plot, services), _sections(plot)
    shown = [row for row in REGISTER.rows if row.exported and not _has_parts(row)]
    bare = [row.address for row in shown if not stored.get(row.address) and not _is_key(row)]
    assert bare == [], f"tests/register/planting.py plants nothing in {bare}"
    missing = {
        row.address: lost
        for row in shown
        if (lost := stored.get(row.address, set()) - _shown(row, files))
    }
    assert missing == {}, missing


def test_the_csv_of_a_section_says_what_its_json_says(plot: Plot) -> None:
    with zipfile.ZipFile(io.BytesIO(_zipped(plot))) as held:
        for section in SECTIONS:
            text = held.read(f"{section.name}.csv").decode()
            rows = json.loads(held.read(f"{section.name}.json"))
            canaries = {leaf for leaf in _leaves(rows) if str(leaf).startswith("canary-")}
            assert {one for one in canaries if one not in text} == set(), section.name


def test_every_section_of_the_register_is_in_the_zip_and_every_one_shows_something(
    plot: Plot,
) -> None:
    registered = {row.item.section for row in REGISTER.rows if row.exported}
    assert registered <= {section.name for section in SECTIONS}
    assert [name for name, leaves in _sections(plot).items() if not leaves] == []


def test_no_secret_and_no_member_of_staff_is_in_the_export(plot: Plot) -> None:
    with zipfile.ZipFile(io.BytesIO(_zipped(plot))) as held:
        everything = b"".join(held.read(name) for name in held.namelist()).decode()
    assert "staff:canary" not in everything


def test_every_answer_that_an_operation_keeps_has_a_row_and_names_nobody_else(shop: Shop) -> None:
    """Their names are no dataclass's: what real operations wrote is looked at instead."""
    one, other = shop.member(), shop.member()
    shop.promise(transfers=Transfers(500, 500, 0), household_members=3)
    shop.earn(one, 100)
    body = {"to": {"member_id": other}, "points": 10}
    own = shop.token_for(one)
    made = shop.client.post(
        "/v1/members/me/transfers", body, bearer=own, headers={"Idempotency-Key": "k"}
    )
    assert made.status == 201, made.body
    registered = {row.address for row in REGISTER.rows}
    names = {
        f"ledger/operation/d.answer.{name}"
        for address, value in _attributes(one, shop.services)
        if address == "ledger/operation/d" and isinstance(value, dict)
        for name in value["answer"]
    }
    assert names
    assert names - registered == set()
    shown = list(export_points.operations(Reading(shop.services.ports, one, shop.services.clock())))
    assert SOMEBODY_ELSE in repr(shown)
    assert other not in repr(shown)


def _has_parts(row: Row) -> bool:
    """Whether each of its parts has a row of its own."""
    return any(other.address.startswith(f"{row.address}.") for other in REGISTER.rows)


def _shown(row: Row, files: Found) -> set[str]:
    """Where a field is to be found: in its section, and what a key is made of anywhere."""
    return set().union(*files.values()) if _is_key(row) else files[str(row.item.section)]


def _is_key(row: Row) -> bool:
    """A key may hold nothing but what kind of item it is."""
    return row.field.name in ("pk", "sk")


# --- what is stored -------------------------------------------------------------------------------


def _stored(plot: Plot, services: Services) -> Found:
    rows: dict[str, list[Row]] = {}
    for row in REGISTER.rows:
        rows.setdefault(row.address.partition(".")[0], []).append(row)
    found: Found = {}
    for address, value in _attributes(plot.member_id, services):
        for row in rows.get(address, ()):
            path = row.field.name.split(".")[1:]
            found.setdefault(row.address, set()).update(_leaves(_at(value, path)))
    return found


def _attributes(member_id: str, services: Services) -> Iterator[tuple[str, Any]]:
    """Every stored attribute of a member, opened: its address and its value."""
    vault = outside.vault(services.settings)
    for table, place in TABLES.items():
        shared = set(table.get_attributes()) - {"pk", "sk", "t"}
        for item in _items(table, member_id):
            for name, attribute in type(item).get_attributes().items():
                value = getattr(item, name)
                if name == "t" or value is None:
                    continue
                kind = "any" if name in shared else item_name(type(item))
                address = f"{place}/{kind}/{name}"
                if name in ("pk", "sk"):
                    value = value.partition("#")[2]
                elif isinstance(attribute, SealedAttribute):
                    value = seal_of(vault, member_id).opened(value)
                elif address in SEALED:
                    value = SEALED[address](seal_of(vault, member_id), item)
                yield address, READ[address](value) if address in READ else value


def _items(table: type[Model], member_id: str) -> list[Any]:
    """The items of a table that name a member; of the ledger, also what stands in one partition
    with them: what happened to a purchase."""
    everything = [item for page in _pages(table) for item in page]
    named = [item for item in everything if member_id in repr(item)]
    if table is LedgerItem:
        partitions = {item["pk"]["S"] for item in named}
        named = [item for item in everything if item["pk"]["S"] in partitions]
    return [table.from_raw_data(item) for item in named]


def _pages(table: type[Model]) -> Iterator[list[dict[str, Any]]]:
    start = None
    while True:
        answer = table._get_connection().scan(exclusive_start_key=start, consistent_read=True)
        yield answer["Items"]
        start = answer.get("LastEvaluatedKey")
        if start is None:
            return


# --- what is shown --------------------------------------------------------------------------------


def _zipped(plot: Plot) -> bytes:
    return zipped(Reading(plot.ports, plot.member_id, plot.now))


def _sections(plot: Plot) -> Found:
    """The leaves of every section's JSON, by its name."""
    with zipfile.ZipFile(io.BytesIO(_zipped(plot))) as held:
        return {
            section.name: set(_leaves(json.loads(held.read(f"{section.name}.json"))))
            for section in SECTIONS
        }


# --- what is compared -----------------------------------------------------------------------------


def _at(value: Any, path: list[str]) -> Any:
    """What stands under a path; of lists, under it in each of their parts."""
    if not path:
        return value
    if isinstance(value, list | tuple):
        return [_at(part, path) for part in value]
    return _at(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else None


def _leaves(value: Any) -> Iterator[str]:
    """Every text, number but 0 and truth in a value, written in one way; names that are canaries,
    too."""
    match value:
        case dict():
            yield from (name for name in value if name.startswith("canary-"))
            yield from _leaves(list(value.values()))
        case list() | tuple():
            for part in value:
                yield from _leaves(part)
        case bool():
            yield "yes" if value else "no"
        case None | "" | 0:
            return
        case _:
            yield _written(value)


def _written(value: bytes | str | int) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return datetime.fromisoformat(value).isoformat()
    if isinstance(value, str) and value.isdecimal():
        return str(int(value))
    return str(value)


_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[^#]*", re.ASCII)  # keys hold more
