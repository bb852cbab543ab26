"""The folder that keeps the local state over restarts, and who may use it just now.

Knows files and locks, nothing of what the others keep in there.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

VERSION = 1
"""Counts the changes of what is kept that an older release could not read."""


class CannotUse(Exception):
    """The folder cannot be used; the message is one clear line for a person."""


class StateFolder:
    """The state's folder, locked for this process until `release` or its end."""

    def __init__(self, path: Path, *, any_version: bool = False) -> None:
        """CannotUse when another process runs on it, or when a newer release has left it (unless
        any version will do, for it to be forgotten)."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        self._lock = (path / "lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise CannotUse(f"A service is running on {path}; stop it first.") from error
        if not any_version:
            self._check_version()

    def _check_version(self) -> None:
        file = self.path / "version"
        if not file.exists():
            file.write_text(str(VERSION))
        found = file.read_text().strip()
        if not found.isdigit() or int(found) > VERSION:
            self.release()
            raise CannotUse(
                f"{self.path} was left by a newer version of Stampbook ({found}, not {VERSION}): "
                "use that one, or forget the state with `make reset`."
            )

    def kept(self, name: str, make: Callable[[], Mapping[str, str]]) -> dict[str, str]:
        """A small JSON object that is made once and kept, readable by its owner only."""
        file = self.path / name
        if not file.exists():
            self.write(name, make())
        values: dict[str, str] = json.loads(file.read_text())
        return values

    def write(self, name: str, value: object) -> Path:
        """Write JSON that only its owner may read, all of it or nothing."""
        file = self.path / name
        draft = file.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(value, out, indent=2)
            out.write("\n")
        draft.replace(file)
        return file

    def forget(self) -> None:
        """Remove everything, and let go."""
        shutil.rmtree(self.path)
        self.release()

    def release(self) -> None:
        """Let another process use the folder."""
        self._lock.close()


def fresh_secrets() -> dict[str, str]:
    """What a new installation keeps secret: the values of `Settings.secret_id`."""
    return {
        "naming_secret": secrets.token_hex(32),
        "stripe_api_key": f"sk_test_{secrets.token_hex(12)}",
        "stripe_webhook_secret": f"whsec_{secrets.token_hex(16)}",
        "turnstile_secret": secrets.token_hex(16),
    }


def signing_key(folder: StateFolder) -> RSAPrivateKey:
    """The local issuer's key, kept so that its tokens outlive a restart."""
    kept = folder.kept("issuer.json", lambda: {"private_key": _new_key_pem()})
    key = serialization.load_pem_private_key(kept["private_key"].encode(), None)
    if not isinstance(key, RSAPrivateKey):
        raise CannotUse(
            f"{folder.path}/issuer.json holds no RSA key; `make reset` makes a new one."
        )
    return key


def _new_key_pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(*pem, serialization.NoEncryption()).decode()
