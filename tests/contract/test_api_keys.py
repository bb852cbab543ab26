"""API keys: the same promises kept by the store and by the fake."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from pynamodb.connection import Connection

from chalicelib.domain.api_keys import ApiKey
from chalicelib.domain.callers import Scope
from chalicelib.storage import api_keys
from chalicelib.storage.api_keys import DynamoApiKeys, KeySourceItem
from chalicelib.storage.tables import ConfigItem
from chalicelib.usecases.ports import Keys, StoreUnavailable
from tests.counted import calls_of
from tests.fakes.api_keys import FakeKeys
from tests.fakes.seconds import Seconds
from tests.interleaved import before_first
from tests.interposed import interposed, refusal

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
KEY = ApiKey(
    key_id="key_1",
    source="till-berlin",
    scopes=frozenset({Scope.PURCHASES, Scope.VOUCHERS}),
    numeric_ids=False,
    created_at=NOW,
)


def _key(number: int, source: str = "till-berlin", numeric_ids: bool = False) -> ApiKey:
    later = NOW + timedelta(seconds=number)
    return replace(
        KEY, key_id=f"key_{number}", source=source, numeric_ids=numeric_ids, created_at=later
    )


@pytest.fixture(params=["dynamo", "fake"])
def store(request: pytest.FixtureRequest) -> Keys:
    if request.param == "fake":
        return FakeKeys()
    request.getfixturevalue("empty_config")
    return DynamoApiKeys()


def test_a_key_is_found_by_its_secret_alone(store: Keys) -> None:
    assert store.add(KEY, "hash-1") == "added"
    assert store.find("hash-1") == KEY
    assert store.find("hash-2") is None


def test_keys_are_listed_newest_first_and_stay_listed_when_revoked(store: Keys) -> None:
    for number in (1, 2):
        store.add(_key(number), f"hash-{number}")
    store.add(_key(3, source="web"), "hash-3")
    store.revoke("key_2", NOW)
    assert [key.key_id for key in store.all()] == ["key_3", "key_2", "key_1"]
    assert [key.revoked_at for key in store.all()] == [None, NOW, None]


def test_a_source_has_at_most_two_live_keys(store: Keys) -> None:
    assert store.add(_key(1), "hash-1") == "added"
    assert store.add(_key(2), "hash-2") == "added"
    assert store.add(_key(3), "hash-3") == "two_live_keys"
    assert store.add(_key(4, source="web"), "hash-4") == "added"
    assert store.find("hash-3") is None
    assert "key_3" not in [key.key_id for key in store.all()]


def test_a_revoked_key_makes_room_for_the_next(store: Keys) -> None:
    store.add(_key(1), "hash-1")
    store.add(_key(2), "hash-2")
    store.revoke("key_1", NOW)
    assert store.add(_key(3), "hash-3") == "added"
    assert store.add(_key(4), "hash-4") == "two_live_keys"


def test_a_revoked_key_is_gone_at_once_in_the_process_that_revoked_it(store: Keys) -> None:
    store.add(KEY, "hash-1")
    assert store.find("hash-1") == KEY
    assert store.revoke("key_1", NOW) == replace(KEY, revoked_at=NOW)
    assert store.find("hash-1") is None


def test_revoking_again_makes_no_more_room_and_keeps_the_first_instant(store: Keys) -> None:
    store.add(_key(1), "hash-1")
    store.add(_key(2), "hash-2")
    store.revoke("key_1", NOW)
    again = store.revoke("key_1", NOW + timedelta(days=1))
    assert again is not None
    assert again.revoked_at == NOW
    store.add(_key(3), "hash-3")
    assert store.add(_key(4), "hash-4") == "two_live_keys"


def test_what_was_never_made_cannot_be_revoked(store: Keys) -> None:
    assert store.revoke("key_9", NOW) is None


def test_numeric_ids_belong_to_the_source_for_ever(store: Keys) -> None:
    store.add(_key(1, numeric_ids=True), "hash-1")
    assert store.add(_key(2, numeric_ids=False), "hash-2") == "numeric_ids_differ"
    store.revoke("key_1", NOW)
    assert store.add(_key(3, numeric_ids=False), "hash-3") == "numeric_ids_differ"
    assert store.add(_key(4, numeric_ids=True), "hash-4") == "added"


@pytest.mark.usefixtures("empty_config")
def test_of_eight_keys_made_at_once_for_one_source_two_come_to_live() -> None:
    store = DynamoApiKeys()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: store.add(_key(n), f"hash-{n}"), range(8)))
    assert made.count("added") == 2
    assert made.count("two_live_keys") == 6
    assert len(store.all()) == 2


@pytest.mark.usefixtures("empty_config")
def test_eight_who_revoke_one_key_at_once_count_it_once() -> None:
    store = DynamoApiKeys()
    store.add(_key(1), "hash-1")
    store.add(_key(2), "hash-2")
    instants = [NOW + timedelta(seconds=number) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        revoked = list(pool.map(lambda at: store.revoke("key_1", at), instants))
    assert len({key.revoked_at for key in revoked if key is not None}) == 1
    [source] = KeySourceItem.scan()
    assert source.live == 1


@pytest.mark.usefixtures("empty_config")
def test_a_key_revoked_by_another_meanwhile_is_counted_once(connection: Connection) -> None:
    store = DynamoApiKeys()
    store.add(_key(1), "hash-1")
    store.add(_key(2), "hash-2")
    first, second = NOW, NOW + timedelta(days=1)
    with before_first(connection, "TransactWriteItems", lambda: store.revoke("key_1", first)):
        revoked = store.revoke("key_1", second)
    assert revoked is not None
    assert revoked.revoked_at == first
    [source] = KeySourceItem.scan()
    assert source.live == 1


@pytest.mark.usefixtures("empty_config")
def test_what_was_found_is_remembered_for_30_seconds_unknown_secrets_too(
    connection: Connection,
) -> None:
    seconds = Seconds()
    here, there = DynamoApiKeys(seconds), DynamoApiKeys(seconds)
    here.add(KEY, "hash-1")
    with calls_of(connection) as calls:
        for _ in range(3):
            assert there.find("hash-1") == KEY
            assert there.find("hash-2") is None
    assert calls == ["GetItem", "GetItem"]
    here.revoke("key_1", NOW)
    assert there.find("hash-1") == KEY
    seconds.now += api_keys.FOUND_SECONDS
    assert there.find("hash-1") is None


@pytest.mark.usefixtures("empty_config")
def test_no_secret_is_stored_and_every_item_says_what_it_is() -> None:
    store = DynamoApiKeys()
    store.add(KEY, "hash-1")
    kinds = sorted(type(item).__name__ for item in ConfigItem.scan())
    assert kinds == ["KeyItem", "KeySourceItem", "LiveKeyItem"]


@pytest.mark.usefixtures("empty_config")
def test_a_throttle_while_looking_who_revoked_first_is_an_outage_and_no_fault(
    connection: Connection,
) -> None:
    store = DynamoApiKeys()
    store.add(KEY, "hash-1")
    refused: list[str] = []

    def act(operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        if operation == "TransactWriteItems":
            refused.append(operation)
            codes = ("None", "ConditionalCheckFailed", "None")
            reasons = [{"Code": code} for code in codes]
            return refusal(request.url, "TransactionCanceledException", CancellationReasons=reasons)
        return refusal(request.url, "ThrottlingException") if refused else None

    with interposed(connection, act), pytest.raises(StoreUnavailable):
        store.revoke(KEY.key_id, NOW)
