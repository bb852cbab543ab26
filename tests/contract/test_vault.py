"""Sealing with members' own keys, against a KMS that answers."""

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.providers import aws
from chalicelib.providers.vault import KmsVault
from chalicelib.usecases.ports import StoreUnavailable, Vault
from infrastructure.local.resources import Stack
from tests.fakes.outside import FakeVault
from tests.fakes.seconds import Seconds

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

PLAIN = "Žofie Nováková".encode()


class CountedKms:
    """Hands out the real client and counts how often it was asked for."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> "KMSClient":
        self.calls += 1
        return aws.kms()


@pytest.fixture(params=["kms", "fake"])
def vault(request: pytest.FixtureRequest, stack: Stack) -> Vault:
    """Every implementation: what a use case may rely on holds for both."""
    return KmsVault(aws.kms, stack.names["MasterKey"]) if request.param == "kms" else FakeVault()


@pytest.fixture
def kms_vault(stack: Stack) -> KmsVault:
    return KmsVault(aws.kms, stack.names["MasterKey"])


def test_what_was_sealed_opens_again_in_another_process(stack: Stack, kms_vault: KmsVault) -> None:
    wrapped = kms_vault.create_key("mem_a")
    sealed = kms_vault.seal("mem_a", wrapped, "email", PLAIN)
    elsewhere = KmsVault(aws.kms, stack.names["MasterKey"])
    assert elsewhere.open("mem_a", wrapped, "email", sealed) == PLAIN


def test_sealed_bytes_show_nothing_and_never_repeat(kms_vault: KmsVault) -> None:
    wrapped = kms_vault.create_key("mem_a")
    first, second = (kms_vault.seal("mem_a", wrapped, "email", PLAIN) for _ in range(2))
    assert first != second
    assert PLAIN not in first
    assert len(first) == len(PLAIN) + 1 + 12 + 16


def test_an_empty_field_can_be_sealed(vault: Vault) -> None:
    wrapped = vault.create_key("mem_a")
    assert vault.open("mem_a", wrapped, "x", vault.seal("mem_a", wrapped, "x", b"")) == b""


def test_a_field_moved_to_another_name_does_not_open(vault: Vault) -> None:
    wrapped = vault.create_key("mem_a")
    sealed = vault.seal("mem_a", wrapped, "email", PLAIN)
    with pytest.raises(ValueError, match="changed or moved"):
        vault.open("mem_a", wrapped, "phone", sealed)


def test_a_field_moved_to_another_member_does_not_open(vault: Vault) -> None:
    mine, theirs = vault.create_key("mem_a"), vault.create_key("mem_b")
    sealed = vault.seal("mem_a", mine, "email", PLAIN)
    with pytest.raises(ValueError, match="changed or moved"):
        vault.open("mem_b", theirs, "email", sealed)


def test_a_wrapped_key_opens_for_its_own_member_only(vault: Vault) -> None:
    mine = vault.create_key("mem_a")
    sealed = vault.seal("mem_a", mine, "email", PLAIN)
    with pytest.raises(ValueError, match=r"another's|changed or moved"):
        vault.open("mem_b", mine, "email", sealed)


def test_kms_itself_refuses_another_members_key(kms_vault: KmsVault) -> None:
    mine = kms_vault.create_key("mem_a")
    with pytest.raises(ValueError, match="another's"):
        kms_vault.seal("mem_b", mine, "email", PLAIN)


def test_member_and_field_cannot_be_shifted_into_each_other() -> None:
    """Even with one key for all, which KMS would never give out."""

    class OneKey:
        def decrypt(self, **_: object) -> dict[str, bytes]:
            return {"Plaintext": b"k" * 32}

    vault = KmsVault(OneKey, "key")  # type: ignore[arg-type]  # stands in for the client
    sealed = vault.seal("mem_a", b"wrapped", "bc", PLAIN)
    with pytest.raises(ValueError, match="changed or moved"):
        vault.open("mem_ab", b"wrapped", "c", sealed)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_is_found(vault: Vault, data: st.DataObject) -> None:
    wrapped = vault.create_key("mem_fuzz")
    sealed = bytearray(vault.seal("mem_fuzz", wrapped, "email", PLAIN))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match=r"changed or moved|format"):
        vault.open("mem_fuzz", wrapped, "email", bytes(sealed))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sealed=st.binary(max_size=64))
def test_bytes_that_nobody_sealed_are_refused(vault: Vault, sealed: bytes) -> None:
    wrapped = vault.create_key("mem_fuzz")
    with pytest.raises(ValueError, match=r"changed or moved|format"):
        vault.open("mem_fuzz", wrapped, "email", sealed)


def test_kms_is_asked_once_for_many_fields_and_again_after_five_minutes(stack: Stack) -> None:
    kms, seconds = CountedKms(), Seconds()
    vault = KmsVault(kms, stack.names["MasterKey"], seconds)
    wrapped = vault.create_key("mem_a")
    sealed = [vault.seal("mem_a", wrapped, str(n), PLAIN) for n in range(5)]
    assert kms.calls == 1
    seconds.now += 301
    assert [vault.open("mem_a", wrapped, str(n), s) for n, s in enumerate(sealed)] == [PLAIN] * 5
    assert kms.calls == 2


def test_a_forgotten_key_has_to_be_unwrapped_again(stack: Stack) -> None:
    kms = CountedKms()
    vault = KmsVault(kms, stack.names["MasterKey"])
    wrapped = vault.create_key("mem_a")
    vault.forget("mem_a")
    vault.forget("mem_never_seen")
    vault.seal("mem_a", wrapped, "email", PLAIN)
    assert kms.calls == 2


def test_a_members_second_key_is_not_mistaken_for_the_first(vault: Vault) -> None:
    first, second = vault.create_key("mem_a"), vault.create_key("mem_a")
    sealed = vault.seal("mem_a", first, "email", PLAIN)
    assert vault.open("mem_a", first, "email", sealed) == PLAIN
    with pytest.raises(ValueError, match="changed or moved"):
        vault.open("mem_a", second, "email", sealed)


def test_only_the_latest_used_keys_are_remembered(stack: Stack) -> None:
    kms = CountedKms()
    vault = KmsVault(kms, stack.names["MasterKey"], at_most=2)
    keys = {name: vault.create_key(name) for name in ("mem_a", "mem_b")}
    vault.seal("mem_a", keys["mem_a"], "x", PLAIN)  # used after b
    keys["mem_c"] = vault.create_key("mem_c")
    before = kms.calls
    vault.seal("mem_a", keys["mem_a"], "x", PLAIN)
    assert kms.calls == before
    vault.seal("mem_b", keys["mem_b"], "x", PLAIN)
    assert kms.calls == before + 1


def test_threads_share_one_vault(vault: Vault) -> None:
    wrapped = vault.create_key("mem_a")
    opened: list[bytes] = []

    def seal_and_open(number: int) -> None:
        sealed = vault.seal("mem_a", wrapped, str(number), PLAIN)
        opened.append(vault.open("mem_a", wrapped, str(number), sealed))

    threads = [threading.Thread(target=seal_and_open, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [PLAIN] * 16


def test_a_key_service_that_refuses_is_an_outage(stack: Stack) -> None:
    vault = KmsVault(aws.kms, "11111111-1111-1111-1111-111111111111")
    with pytest.raises(StoreUnavailable, match="KMS"):
        vault.create_key("mem_a")
    assert stack.names
