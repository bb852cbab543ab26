"""Program versions: the same promises kept by the store and by the fake."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.program import EarningRate, EarningRule, Exclusions, Program, Rounding
from chalicelib.domain.refusals import Conflict
from chalicelib.storage import keys, programs
from chalicelib.storage.programs import DynamoPrograms, ProgramItem
from chalicelib.usecases.ports import Programs, StoreNewer
from tests.counted import calls_of
from tests.fakes.programs import FakePrograms
from tests.fakes.seconds import Seconds
from tests.interleaved import before_first

FIRST = Program(
    version=1,
    name="Kaffeehaus “Zum Löwen”",
    zone="Europe/Berlin",
    currency="EUR",
    base=EarningRate(1, 100),
    rounding=Rounding.HALF_UP,
    rules=(
        EarningRule("beans", "Beans", EarningRate(1, 100), categories=frozenset({"beans", "b2"})),
    ),
    excluded=Exclusions(tenders=frozenset({"gift_card", "points"})),
    purposes=("loyalty_terms", "mail"),
)
SECOND = replace(FIRST, version=2, base=EarningRate(2, 100))

AS_STORED = (
    '{"version":1,"name":"Kaffeehaus “Zum Löwen”","zone":"Europe/Berlin","currency":"EUR",'
    '"base":{"points":1,"per_minor":100},"rounding":"half_up","rules":[{"rule_id":"beans",'
    '"name":"Beans","rate":{"points":1,"per_minor":100},"categories":["b2","beans"],"brands":[],'
    '"skus":[]}],"excluded":{"categories":[],"skus":[],"tenders":["gift_card","points"]},'
    '"limits":{"adjustment_without_approval":500,"late_purchase_days":30},'
    '"purposes":["loyalty_terms","mail"],"attributes":[]}'
)
"""A document of the first release. Purchases are priced by it for ever: never change this text."""


@pytest.fixture(params=["dynamo", "fake"])
def store(request: pytest.FixtureRequest) -> Programs:
    if request.param == "fake":
        return FakePrograms()
    request.getfixturevalue("empty_config")
    return DynamoPrograms()


def test_there_is_no_program_before_the_first(store: Programs) -> None:
    assert store.latest() is None
    assert store.active_number() is None
    with pytest.raises(Conflict) as refusal:
        store.active()
    assert refusal.value.reason == "no_program"
    with pytest.raises(LookupError):
        store.version(1)
    with pytest.raises(LookupError):
        store.activate(1)


def test_the_first_version_is_active_as_soon_as_it_is_written(store: Programs) -> None:
    assert store.add(FIRST)
    assert store.active() == store.latest() == store.version(1) == FIRST
    assert store.active_number() == 1


def test_a_later_version_is_a_draft_until_it_is_activated(store: Programs) -> None:
    store.add(FIRST)
    assert store.add(SECOND)
    assert (store.active(), store.latest()) == (FIRST, SECOND)
    assert store.activate(2) == 1
    assert (store.active(), store.active_number()) == (SECOND, 2)


def test_activating_what_is_active_changes_nothing(store: Programs) -> None:
    store.add(FIRST)
    assert store.activate(1) == 1
    assert store.active() == FIRST


def test_an_older_version_can_become_active_again(store: Programs) -> None:
    store.add(FIRST)
    store.add(SECOND)
    store.activate(2)
    assert store.activate(1) == 2
    assert (store.active(), store.latest()) == (FIRST, SECOND)


def test_a_version_is_never_written_twice(store: Programs) -> None:
    store.add(FIRST)
    assert not store.add(replace(FIRST, name="Another"))
    assert store.version(1) == FIRST


def test_what_was_never_written_cannot_be_activated(store: Programs) -> None:
    store.add(FIRST)
    with pytest.raises(LookupError):
        store.activate(2)
    assert store.active() == FIRST


@pytest.mark.usefixtures("empty_config")
def test_the_newest_of_many_versions_is_found_in_one_call(connection: Connection) -> None:
    store = DynamoPrograms()
    for number in range(1, 13):
        store.add(replace(FIRST, version=number))
    with calls_of(connection) as calls:
        latest = store.latest()
    assert latest is not None
    assert (latest.version, calls) == (12, ["Query"])


@pytest.mark.usefixtures("empty_config")
def test_a_switch_is_seen_at_once_in_its_process_and_after_30_seconds_in_others() -> None:
    seconds = Seconds()
    here, there = DynamoPrograms(seconds), DynamoPrograms(seconds)
    here.add(FIRST)
    here.add(SECOND)
    assert there.active() == FIRST
    here.activate(2)
    assert here.active() == SECOND
    assert there.active() == FIRST
    seconds.now += programs.ACTIVE_SECONDS
    assert there.active() == SECOND


@pytest.mark.usefixtures("empty_config")
def test_a_process_that_knows_the_program_asks_nobody(connection: Connection) -> None:
    seconds = Seconds()
    store = DynamoPrograms(seconds)
    store.add(FIRST)
    with calls_of(connection) as calls:
        store.active()
        store.active()
        store.version(1)
        seconds.now += programs.ACTIVE_SECONDS
        store.active()
    assert calls == ["GetItem", "GetItem", "GetItem"]  # pointer, version, pointer again


@pytest.mark.usefixtures("empty_config")
def test_of_eight_who_write_the_same_version_one_succeeds() -> None:
    store = DynamoPrograms()
    variants = [replace(FIRST, name=f"Variant {number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(store.add, variants))
    assert written.count(True) == 1
    assert store.version(1) == variants[written.index(True)]


@pytest.mark.usefixtures("empty_config")
def test_switches_at_once_each_say_what_they_replaced() -> None:
    store = DynamoPrograms()
    for number in range(1, 6):
        store.add(replace(FIRST, version=number))
    with ThreadPoolExecutor(4) as pool:
        replaced = list(pool.map(store.activate, [2, 3, 4, 5]))
    # A chain: each of them was replaced by exactly one, but the last, which is active.
    assert sorted([*replaced, store.active().version]) == [1, 2, 3, 4, 5]


@pytest.mark.usefixtures("empty_config")
def test_a_switch_says_what_it_replaced_not_what_it_had_read(connection: Connection) -> None:
    store = DynamoPrograms()
    for number in (1, 2, 3):
        store.add(replace(FIRST, version=number))
    with before_first(connection, "TransactWriteItems", lambda: store.activate(3)):
        assert store.activate(2) == 3


@pytest.mark.usefixtures("empty_config")
def test_a_document_of_the_first_release_is_read_and_written_as_it_was() -> None:
    _store_text(AS_STORED, schema=1)
    assert DynamoPrograms().version(1) == FIRST
    DynamoPrograms().add(replace(FIRST, version=2))
    written = ProgramItem.get(keys.PROGRAM, keys.program_version(2)).document
    assert written == AS_STORED.replace('"version":1', '"version":2')


@pytest.mark.usefixtures("empty_config")
@pytest.mark.parametrize(
    ("text", "schema"),
    [(AS_STORED, 2), (AS_STORED.replace("half_up", "bankers"), 1)],
    ids=["a newer schema", "a word that is not known"],
)
def test_a_document_of_a_newer_release_is_refused_rather_than_half_read(
    text: str, schema: int
) -> None:
    _store_text(text, schema)
    with pytest.raises(StoreNewer):
        DynamoPrograms().version(1)
    with pytest.raises(StoreNewer):
        DynamoPrograms().latest()


def _store_text(text: str, schema: int) -> None:
    item = ProgramItem(keys.PROGRAM, keys.program_version(1))
    item.schema, item.version, item.document = schema, 1, text
    item.save()
