"""Objects by name, in a bucket or in a folder of this machine. Must not know what is in them."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chalicelib.providers.aws import code_of, outages

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_AT_ONCE = 1_000
"""Names that S3 deletes in one request."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object. tag: another one after it was written again."""

    name: str
    tag: str


class Objects(Protocol):
    """Every method may raise StoreUnavailable."""

    def find(self, prefix: str) -> list[Found]:
        """What begins with a prefix that ends with a slash, in the order of the names."""
        ...

    def read(self, name: str) -> bytes | None:
        """What is in one; None where there is none."""
        ...

    def write(self, name: str, content: bytes | Path) -> None:
        """Put one, over one that is there; whoever reads finds one or the other, whole."""
        ...

    def delete(self, names: Iterable[str]) -> None:
        """Delete some. Safe to repeat."""
        ...

    def paths(self, found: Sequence[Found]) -> list[str]:
        """Where some of them lie on this machine, to be read."""
        ...


class FolderObjects:
    """Objects in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, prefix: str) -> list[Found]:
        files = (path for path in (self._root / prefix).rglob("*") if path.is_file())
        names = sorted(path.relative_to(self._root).as_posix() for path in files)
        return [Found(name, "") for name in names]

    def read(self, name: str) -> bytes | None:
        path = self._root / name
        return path.read_bytes() if path.exists() else None

    def write(self, name: str, content: bytes | Path) -> None:
        _write(self._root / name, content.read_bytes() if isinstance(content, Path) else content)

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            (self._root / name).unlink(missing_ok=True)

    def paths(self, found: Sequence[Found]) -> list[str]:
        return [str(self._root / one.name) for one in found]


class S3Objects:
    """Objects in a bucket. cache: the folder of this machine where those that `paths` was asked for
    are kept; without one it is not to be asked."""

    def __init__(self, bucket: str, s3: Callable[[], "S3Client"], cache: Path | None) -> None:
        self._bucket = bucket
        self._s3 = s3
        self._cache = cache

    def find(self, prefix: str) -> list[Found]:
        with outages("s3"):
            pages = self._s3().get_paginator("list_objects_v2")
            return [
                Found(one["Key"], one["ETag"])
                for page in pages.paginate(Bucket=self._bucket, Prefix=prefix)
                for one in page.get("Contents", ())
            ]

    def read(self, name: str) -> bytes | None:
        from botocore.exceptions import ClientError

        with outages("s3"):
            try:
                return self._s3().get_object(Bucket=self._bucket, Key=name)["Body"].read()
            except ClientError as error:
                if code_of(error) == "NoSuchKey":
                    return None
                raise

    def write(self, name: str, content: bytes | Path) -> None:
        with outages("s3"):
            if isinstance(content, bytes):
                self._s3().put_object(Bucket=self._bucket, Key=name, Body=content)
                return
            with content.open("rb") as body:
                self._s3().put_object(Bucket=self._bucket, Key=name, Body=body)

    def delete(self, names: Iterable[str]) -> None:
        every = list(names)
        for first in range(0, len(every), _AT_ONCE):
            some: list[ObjectIdentifierTypeDef] = [
                {"Key": name} for name in every[first : first + _AT_ONCE]
            ]
            with outages("s3"):
                self._s3().delete_objects(Bucket=self._bucket, Delete={"Objects": some})
        # What is deleted is to be gone from here, too; what is left is fetched again.
        for place in self._cache.iterdir() if self._cache and self._cache.exists() else ():
            place.unlink(missing_ok=True)

    def paths(self, found: Sequence[Found]) -> list[str]:
        assert self._cache is not None, "nowhere to keep them"  # noqa: S101  # the wiring says
        places = []
        for one in found:
            digest = sha256(f"{one.name} {one.tag}".encode()).hexdigest()
            place = self._cache / f"{digest}.{Path(one.name).name.partition('.')[2]}"
            if not place.exists():
                _write(place, self.read(one.name) or b"")
            places.append(str(place))
        return places


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)
