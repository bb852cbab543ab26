"""The signature under a root: made by KMS, checked with nothing but the public key."""

import os

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from chalicelib.domain.roots import Signature
from chalicelib.providers import aws
from chalicelib.providers.signer import KmsSigner
from chalicelib.settings import Settings
from chalicelib.usecases.ports import StoreUnavailable


def verify(signature: Signature, text: bytes) -> None:
    key = load_pem_public_key(signature.public_key.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature.value, text, ec.ECDSA(SHA256()))


@pytest.fixture
def signer(bound: Settings) -> KmsSigner:
    return KmsSigner(aws.kms, bound.root_key_id)


def test_a_signature_holds_for_its_text_alone(signer: KmsSigner, bound: Settings) -> None:
    text = os.urandom(4_096)
    signature = signer.sign(text)
    verify(signature, text)
    with pytest.raises(InvalidSignature):
        verify(signature, text[:-1])
    assert signature.algorithm == "ECDSA_SHA_256"
    assert signature.key_id == bound.root_key_id


def test_the_same_key_signs_every_time(signer: KmsSigner) -> None:
    assert signer.sign(b"1").public_key == signer.sign(b"2").public_key


def test_a_key_that_cannot_sign_is_an_outage(bound: Settings) -> None:
    with pytest.raises(StoreUnavailable, match="KMS"):
        KmsSigner(aws.kms, bound.kms_key_id).sign(b"1")
    with pytest.raises(StoreUnavailable, match="KMS"):
        KmsSigner(aws.kms, "no-such-key").sign(b"1")
