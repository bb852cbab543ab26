"""Program versions: the same promises kept by the store and by the fake."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.preferences import MessageChannel
from chalicelib.domain.program import (
    EarningRate,
    EarningRule,
    Exclusions,
    Expiry,
    ExpiryAlignment,
    ExpiryKind,
    Pending,
    Program,
    Rounding,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
    Transfers,
)
from chalicelib.domain.program_plan import Plan
from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.domain.refusals import Conflict
from chalicelib.storage import keys, programs
from chalicelib.storage.programs import (
    ActivationItem,
    ActiveProgramItem,
    DynamoPrograms,
    ProgramItem,
)
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
THIRD = replace(FIRST, version=3, base=EarningRate(3, 100))
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENT = timedelta(milliseconds=1)

AS_STORED = (
    '{"version":1,"name":"Kaffeehaus “Zum Löwen”","zone":"Europe/Berlin","currency":"EUR",'
    '"base":{"points":1,"per_minor":100},"rounding":"half_up","rules":[{"rule_id":"beans",'
    '"name":"Beans","rate":{"points":1,"per_minor":100},"categories":["b2","beans"],"brands":[],'
    '"skus":[]}],"excluded":{"categories":[],"skus":[],"tenders":["gift_card","points"]},'
    '"limits":{"adjustment_without_approval":500,"late_purchase_days":30},'
    '"purposes":["loyalty_terms","mail"],"attributes":[]}'
)
"""A document of the first release. Purchases are priced by it for ever: never change this text."""


SECOND_RELEASE = replace(
    FIRST,
    rules=(replace(FIRST.rules[0], pending=Pending(30, date(2027, 1, 6))),),
    pending=Pending(14),
    expiry=Expiry(ExpiryKind.AFTER_EARNING, 12, ExpiryAlignment.YEAR_END),
    grace_days=20,
    tiers=Tiers(
        TierBasis.VISITS, TierWindow.CALENDAR_YEAR, (Tier("gold", "Gold", 10, 150, 50),), 31
    ),
    transfers=Transfers(100, 200, 7),
    household_members=4,
    thousand_points_minor=900,
)
AS_STORED_SINCE = (
    '{"version":1,"name":"Kaffeehaus “Zum Löwen”","zone":"Europe/Berlin","currency":"EUR",'
    '"base":{"points":1,"per_minor":100},"rounding":"half_up","rules":[{"rule_id":"beans",'
    '"name":"Beans","rate":{"points":1,"per_minor":100},"categories":["b2","beans"],"brands":[],'
    '"skus":[],"pending":{"days":30,"until":"2027-01-06"}}],"excluded":{"categories":[],"skus":[],'
    '"tenders":["gift_card","points"]},"limits":{"adjustment_without_approval":500,'
    '"late_purchase_days":30},"purposes":["loyalty_terms","mail"],"attributes":[],'
    '"pending":{"days":14,"until":null},"expiry":{"kind":"after_earning","months":12,'
    '"aligned":"year_end"},"grace_days":20,"tiers":{"basis":"visits","window":"calendar_year",'
    '"levels":[{"tier_id":"gold","name":"Gold","threshold":10,"earn_percent":150,'
    '"gift_points":50}],"grace_days":31},"transfers":{"most_points":100,"most_points_a_month":200,'
    '"cooling_off_days":7},"household_members":4,"thousand_points_minor":900}'
)
"""A document of the second release, for ever likewise."""


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
        store.activate(1, NOW)


def test_the_first_version_is_active_as_soon_as_it_is_written(store: Programs) -> None:
    assert store.add(FIRST, NOW)
    assert store.active() == store.latest() == store.version(1) == FIRST
    assert store.active_number() == 1


def test_a_later_version_is_a_draft_until_it_is_activated(store: Programs) -> None:
    store.add(FIRST, NOW)
    assert store.add(SECOND, NOW)
    assert (store.active(), store.latest()) == (FIRST, SECOND)
    assert store.activate(2, NOW) == 1
    assert (store.active(), store.active_number()) == (SECOND, 2)


def test_activating_what_is_active_changes_nothing(store: Programs) -> None:
    store.add(FIRST, NOW)
    assert store.activate(1, NOW) == 1
    assert store.active() == FIRST


def test_an_older_version_can_become_active_again(store: Programs) -> None:
    store.add(FIRST, NOW)
    store.add(SECOND, NOW)
    store.activate(2, NOW)
    assert store.activate(1, NOW) == 2
    assert (store.active(), store.latest()) == (FIRST, SECOND)


def test_a_version_is_never_written_twice(store: Programs) -> None:
    store.add(FIRST, NOW)
    assert not store.add(replace(FIRST, name="Another"), NOW)
    assert store.version(1) == FIRST


def test_what_was_never_written_cannot_be_activated(store: Programs) -> None:
    store.add(FIRST, NOW)
    with pytest.raises(LookupError):
        store.activate(2, NOW)
    assert store.active() == FIRST


def test_an_instant_has_the_version_that_was_active_at_it(store: Programs) -> None:
    store.add(FIRST, NOW)
    store.add(SECOND, NOW + DAY)
    store.add(THIRD, NOW + DAY)
    store.activate(3, NOW + 2 * DAY)
    store.activate(2, NOW + 3 * DAY)
    store.activate(1, NOW + 4 * DAY)
    versions = [
        store.active_at(NOW + days * DAY + moment).version
        for days in range(5)
        for moment in (-MOMENT, timedelta(0))
    ]
    # A switch is in force from its very millisecond on; before the first there is the first.
    assert versions == [1, 1, 1, 1, 1, 3, 3, 2, 2, 1]


def test_before_the_first_activation_and_in_the_future_there_is_a_version_too(
    store: Programs,
) -> None:
    store.add(FIRST, NOW)
    store.add(SECOND, NOW)
    store.activate(2, NOW + DAY)
    assert store.active_at(NOW - 400 * DAY) == FIRST
    assert store.active_at(NOW + 400 * DAY) == SECOND


def test_without_a_program_no_instant_has_a_version(store: Programs) -> None:
    with pytest.raises(Conflict) as refusal:
        store.active_at(NOW)
    assert refusal.value.reason == "no_program"


def test_a_switch_by_a_clock_that_was_put_back_follows_the_one_before_it(store: Programs) -> None:
    store.add(FIRST, NOW)
    store.add(SECOND, NOW)
    store.add(THIRD, NOW)
    store.activate(2, NOW + DAY)
    store.activate(3, NOW)
    assert store.active() == THIRD
    assert store.active_at(NOW + DAY) == THIRD
    assert store.active_at(NOW + DAY - MOMENT) == FIRST


def test_activating_what_is_active_leaves_it_active_since_when_it_was(store: Programs) -> None:
    store.add(FIRST, NOW)
    store.add(SECOND, NOW)
    store.activate(2, NOW + DAY)
    store.activate(2, NOW + 2 * DAY)
    assert store.active_at(NOW + DAY) == SECOND


def test_a_plan_is_kept_as_it_was_asked_for(store: Programs) -> None:
    plan = Plan("plan_1", 2, 1, NOW + MOMENT)
    store.keep_plan(plan)
    store.keep_plan(replace(plan, plan_id="plan_2", version=3))
    assert store.plan("plan_1") == plan
    assert store.plan("plan_3") is None


@pytest.mark.usefixtures("empty_config")
def test_a_process_that_started_later_knows_the_history_too() -> None:
    store = DynamoPrograms()
    store.add(FIRST, NOW)
    store.add(SECOND, NOW)
    store.activate(2, NOW + DAY)
    assert DynamoPrograms().active_at(NOW) == FIRST


@pytest.mark.usefixtures("empty_config")
def test_only_an_instant_before_the_last_switch_reads_the_history_and_that_once(
    connection: Connection,
) -> None:
    store = DynamoPrograms(Seconds())
    store.add(FIRST, NOW)
    store.add(SECOND, NOW)
    store.activate(2, NOW + DAY)
    assert (store.version(1), store.active()) == (FIRST, SECOND)
    with calls_of(connection) as at_the_till:
        store.active_at(NOW + DAY)
    with calls_of(connection) as late:
        store.active_at(NOW)
        store.active_at(NOW - DAY)
    assert (at_the_till, late) == ([], ["Query"])


@pytest.mark.usefixtures("empty_config")
def test_the_history_is_read_again_after_a_further_switch() -> None:
    store = DynamoPrograms()
    for program in (FIRST, SECOND, THIRD):
        store.add(program, NOW)
    store.activate(2, NOW + DAY)
    assert store.active_at(NOW) == FIRST
    store.activate(3, NOW + 2 * DAY)
    assert store.active_at(NOW + DAY) == SECOND


@pytest.mark.usefixtures("empty_config")
def test_what_an_older_release_activated_was_active_from_the_beginning() -> None:
    _store_text(AS_STORED, schema=1)
    pointer = ActiveProgramItem(keys.PROGRAM, keys.PROGRAM_ACTIVE)
    pointer.version = 1
    pointer.save()
    store = DynamoPrograms()
    assert store.active_at(NOW - 400 * DAY).version == 1
    for program in (SECOND, THIRD):
        store.add(program, NOW)
    store.activate(3, NOW)
    assert store.active_at(NOW - MOMENT).version == 1
    assert store.active_at(NOW) == THIRD


@pytest.mark.usefixtures("empty_config")
def test_the_newest_of_many_versions_is_found_in_one_call(connection: Connection) -> None:
    store = DynamoPrograms()
    for number in range(1, 13):
        store.add(replace(FIRST, version=number), NOW)
    with calls_of(connection) as calls:
        latest = store.latest()
    assert latest is not None
    assert (latest.version, calls) == (12, ["Query"])


@pytest.mark.usefixtures("empty_config")
def test_a_switch_is_seen_at_once_in_its_process_and_after_30_seconds_in_others() -> None:
    seconds = Seconds()
    here, there = DynamoPrograms(seconds), DynamoPrograms(seconds)
    here.add(FIRST, NOW)
    here.add(SECOND, NOW)
    assert there.active() == FIRST
    here.activate(2, NOW)
    assert here.active() == SECOND
    assert there.active() == FIRST
    seconds.now += programs.ACTIVE_SECONDS
    assert there.active() == SECOND


@pytest.mark.usefixtures("empty_config")
def test_a_process_that_knows_the_program_asks_nobody(connection: Connection) -> None:
    seconds = Seconds()
    store = DynamoPrograms(seconds)
    store.add(FIRST, NOW)
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
        written = list(pool.map(lambda program: store.add(program, NOW), variants))
    assert written.count(True) == 1
    assert store.version(1) == variants[written.index(True)]


@pytest.mark.usefixtures("empty_config")
def test_switches_at_once_each_say_what_they_replaced() -> None:
    store = DynamoPrograms()
    for number in range(1, 6):
        store.add(replace(FIRST, version=number), NOW)
    with ThreadPoolExecutor(4) as pool:
        replaced = list(pool.map(lambda number: store.activate(number, NOW), [2, 3, 4, 5]))
    # A chain: each of them was replaced by exactly one, but the last, which is active.
    assert sorted([*replaced, store.active().version]) == [1, 2, 3, 4, 5]
    chain = list(ActivationItem.query(keys.PROGRAM_HISTORY, consistent_read=True))
    assert [item.replaced for item in chain] == [None, *(item.version for item in chain[:-1])]
    assert chain[-1].version == store.active().version


@pytest.mark.usefixtures("empty_config")
def test_a_switch_says_what_it_replaced_not_what_it_had_read(connection: Connection) -> None:
    store = DynamoPrograms()
    for number in (1, 2, 3):
        store.add(replace(FIRST, version=number), NOW)
    with before_first(connection, "TransactWriteItems", lambda: store.activate(3, NOW)):
        assert store.activate(2, NOW) == 3


@pytest.mark.usefixtures("empty_config")
def test_a_document_of_the_first_release_is_read_and_promises_what_it_did() -> None:
    _store_text(AS_STORED, schema=1)
    program = DynamoPrograms().version(1)
    assert program == FIRST
    assert (program.pending, program.expiry, program.tiers) == (Pending(0), None, None)
    assert (program.transfers, program.household_members) == (None, 1)


@pytest.mark.usefixtures("empty_config")
def test_a_document_of_the_second_release_is_read_as_it_was_and_written_as_it_is_now() -> None:
    _store_text(AS_STORED_SINCE, schema=2)
    assert DynamoPrograms().version(1) == SECOND_RELEASE
    DynamoPrograms().add(replace(SECOND_RELEASE, version=2), NOW)
    written = ProgramItem.get(keys.PROGRAM, keys.program_version(2))
    as_it_was = AS_STORED_SINCE.replace('"version":1', '"version":2').removesuffix("}")
    limits = '"late_purchase_days":30'
    as_it_was = as_it_was.replace(limits, f'{limits},"offer_without_approval_minor":50000')
    assert written.document.startswith(as_it_was)
    assert written.schema == 3


@pytest.mark.usefixtures("empty_config")
def test_what_purposes_allow_is_read_as_it_was_written() -> None:
    news = Purpose("news", PurposeKind.MARKETING, MessageChannel.MAIL, double_opt_in=True)
    program = replace(FIRST, purposes=("loyalty_terms", news))
    DynamoPrograms().add(program, NOW)
    assert DynamoPrograms().version(1) == program
    written = ProgramItem.get(keys.PROGRAM, keys.program_version(1))
    stored = (
        '"purposes":["loyalty_terms",{"purpose":"news","kind":"marketing","channel":"mail",'
        '"double_opt_in":true,"text":null}]'
    )
    assert stored in written.document


@pytest.mark.usefixtures("empty_config")
@pytest.mark.parametrize(
    ("text", "schema"),
    [(AS_STORED, 4), (AS_STORED.replace("half_up", "bankers"), 1)],
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
