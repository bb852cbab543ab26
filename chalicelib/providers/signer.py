"""Vouches for texts with a key of KMS that never leaves it. Must not know what they say."""

from base64 import b64encode
from collections.abc import Callable
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from chalicelib.domain.roots import Signature
from chalicelib.providers.aws import outages

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

ALGORITHM: Final = "ECDSA_SHA_256"


class KmsSigner:
    """A Signer over one asymmetric KMS key (ECC_NIST_P256)."""

    def __init__(self, kms: Callable[[], "KMSClient"], key_id: str) -> None:
        self._kms = kms
        self._key_id = key_id

    def sign(self, text: bytes) -> Signature:
        """Sign a text of at most 4,096 bytes. Raises StoreUnavailable."""
        with outages("KMS"):
            key = self._kms().get_public_key(KeyId=self._key_id)
            signed = self._kms().sign(
                KeyId=self._key_id, Message=text, MessageType="RAW", SigningAlgorithm=ALGORITHM
            )
        return Signature(
            key_id=signed["KeyId"].rpartition("/")[2],  # roots are public, our account's number not
            algorithm=signed["SigningAlgorithm"],
            public_key=_pem(key["PublicKey"]),
            value=signed["Signature"],
        )


def _pem(der: bytes) -> str:
    """A public key (SubjectPublicKeyInfo) as people and programs exchange it."""
    lines = wrap(b64encode(der).decode(), 64)
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])
