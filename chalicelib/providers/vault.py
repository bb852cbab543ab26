"""Seals personal fields with the member's own data key: AES-256-GCM, the key wrapped by KMS.

Deleting a member's wrapped key makes all that was sealed with it unreadable, in backups too. Must
not know where wrapped keys and sealed fields are stored, nor what they mean.

A sealed field is a format byte, 12 random bytes (the nonce) and the ciphertext with its tag.
"""

import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.domain.names import length_prefixed
from chalicelib.providers.aws import code_of, outages

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from mypy_boto3_kms import KMSClient

_FORMAT = b"\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEPT_SECONDS = 300.0
_NOT_OURS = frozenset(
    {"InvalidCiphertextException", "IncorrectKeyException", "InvalidKeyUsageException"}
)


@dataclass(frozen=True, slots=True)
class _Unwrapped:
    wrapped: bytes
    cipher: "AESGCM"
    forget_at: float


class KmsVault:
    """A Vault over one KMS key.

    Unwrapped keys are remembered for five minutes, `at_most` of them. An erased member's key
    may so be usable for five more minutes in a process that has not been told to forget it; what
    it sealed is no longer in the tables by then.
    """

    def __init__(
        self,
        kms: Callable[[], "KMSClient"],
        key_id: str,
        seconds: Callable[[], float] = monotonic,
        at_most: int = 512,
    ) -> None:
        self._kms = kms
        self._key_id = key_id
        self._seconds = seconds
        self._at_most = at_most
        self._kept: OrderedDict[str, _Unwrapped] = OrderedDict()
        self._guard = Lock()

    def seal(self, member_id: str, wrapped_key: bytes, field: str, plain: bytes) -> bytes:
        """Seal one field of one member.

        Raises StoreUnavailable when KMS does not answer, ValueError when the key is not theirs.
        """
        nonce = os.urandom(_NONCE_BYTES)  # random is safe up to 2^32 fields of one member's key
        cipher = self._cipher(member_id, wrapped_key)
        return _FORMAT + nonce + cipher.encrypt(nonce, plain, _bound_to(member_id, field))

    def open(self, member_id: str, wrapped_key: bytes, field: str, sealed: bytes) -> bytes:
        """Open what `seal` sealed for the same member and field.

        Raises ValueError when it was tampered with or moved, StoreUnavailable as `seal` does.
        """
        from cryptography.exceptions import InvalidTag  # lazily: 30 ms that few routes need

        if sealed[:1] != _FORMAT or len(sealed) < 1 + _NONCE_BYTES + _TAG_BYTES:
            raise ValueError("not a sealed field of a format that this release knows")
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        cipher = self._cipher(member_id, wrapped_key)
        try:
            return cipher.decrypt(nonce, ciphertext, _bound_to(member_id, field))
        except InvalidTag as error:
            raise ValueError("a sealed field was changed or moved") from error

    def create_key(self, member_id: str) -> bytes:
        """A new data key for a member, wrapped. Raises StoreUnavailable."""
        with outages("KMS"):
            made = self._kms().generate_data_key(
                KeyId=self._key_id, KeySpec="AES_256", EncryptionContext=_context(member_id)
            )
        self._keep(member_id, made["CiphertextBlob"], made["Plaintext"])
        return made["CiphertextBlob"]

    def forget(self, member_id: str) -> None:
        """Drop the member's unwrapped key from this process."""
        with self._guard:
            self._kept.pop(member_id, None)

    def _cipher(self, member_id: str, wrapped_key: bytes) -> "AESGCM":
        with self._guard:
            kept = self._kept.get(member_id)
            fresh = kept is not None and kept.forget_at > self._seconds()
            if kept is not None and fresh and kept.wrapped == wrapped_key:
                self._kept.move_to_end(member_id)
                return kept.cipher
        return self._keep(member_id, wrapped_key, self._unwrap(member_id, wrapped_key))

    def _unwrap(self, member_id: str, wrapped_key: bytes) -> bytes:
        with outages("KMS"):
            try:
                answer = self._kms().decrypt(
                    KeyId=self._key_id,
                    CiphertextBlob=wrapped_key,
                    EncryptionContext=_context(member_id),
                )
            except ClientError as error:
                if code_of(error) in _NOT_OURS:
                    raise ValueError("a wrapped key was changed or is another's") from error
                raise
        return answer["Plaintext"]

    def _keep(self, member_id: str, wrapped: bytes, key: bytes) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # lazily, as above

        kept = _Unwrapped(wrapped, AESGCM(key), self._seconds() + _KEPT_SECONDS)
        with self._guard:
            self._kept[member_id] = kept
            self._kept.move_to_end(member_id)
            if len(self._kept) > self._at_most:
                self._kept.popitem(last=False)
        return kept.cipher


def _context(member_id: str) -> dict[str, str]:
    """What KMS binds a wrapped key to, so that it opens for this member alone."""
    return {"member_id": member_id}


def _bound_to(member_id: str, field: str) -> bytes:
    return length_prefixed(member_id, field)
