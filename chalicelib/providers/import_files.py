"""Files of imports and their reports, in S3. Must not know what is in them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from chalicelib.domain.imports import FileFacts
from chalicelib.providers.aws import code_of, outages
from chalicelib.usecases.ports.imports import ADDRESS_LIVES, Address, FileChanged

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PIECE_BYTES = 256 * 1024
"""Of a file, read at once."""

PART_BYTES = 5 * 1024 * 1024
"""Of a report, held at once: S3 takes no smaller part but the last."""

_SECONDS = int(ADDRESS_LIVES.total_seconds())
_NOT_THERE = ("404", "NoSuchKey", "NotFound")
_OTHER_FILE = (*_NOT_THERE, "412", "PreconditionFailed")
_BEYOND_THE_END = ("416", "InvalidRange")


class S3ImportFiles:
    """An ImportFiles. The file of an import is `file/<name>`, its report `report/<name>`."""

    def __init__(self, bucket: str, s3: Callable[[], "S3Client"]) -> None:
        self._bucket = bucket
        self._s3 = s3

    def upload_address(self, name: str, now: datetime) -> Address:
        wanted = {"Bucket": self._bucket, "Key": _file(name)}
        with outages("s3"):
            url = self._s3().generate_presigned_url("put_object", wanted, ExpiresIn=_SECONDS)
        return Address(url, now + ADDRESS_LIVES)

    def facts(self, name: str) -> FileFacts | None:
        with outages("s3"):
            try:
                found = self._s3().head_object(Bucket=self._bucket, Key=_file(name))
            except ClientError as error:
                if code_of(error) in _NOT_THERE:
                    return None
                raise
        return FileFacts(found["ContentLength"], found["ETag"])

    def read(self, name: str, file: FileFacts, offset: int) -> bytes:
        if offset >= file.size_bytes:
            return b""
        wanted = f"bytes={offset}-{offset + PIECE_BYTES - 1}"
        with outages("s3"):
            try:
                found = self._s3().get_object(
                    Bucket=self._bucket, Key=_file(name), Range=wanted, IfMatch=file.version
                )
            except ClientError as error:
                if code_of(error) in (*_OTHER_FILE, *_BEYOND_THE_END):
                    raise FileChanged(name) from error
                raise
            return found["Body"].read()

    def put_report(self, name: str, parts: Iterable[bytes]) -> None:
        pieces = _gathered(parts)
        first, second = next(pieces, b""), next(pieces, None)
        if second is None:
            with outages("s3"):
                self._s3().put_object(Bucket=self._bucket, Key=_report(name), Body=first)
            return
        self._put_in_parts(_report(name), _chained(first, second, pieces))

    def report_address(self, name: str, file_name: str, now: datetime) -> Address:
        wanted = {
            "Bucket": self._bucket,
            "Key": _report(name),
            "ResponseContentType": "text/csv; charset=utf-8",
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        }
        with outages("s3"):
            url = self._s3().generate_presigned_url("get_object", wanted, ExpiresIn=_SECONDS)
        return Address(url, now + ADDRESS_LIVES)

    def _put_in_parts(self, key: str, pieces: Iterable[bytes]) -> None:
        """An upload that is broken off leaves parts that the bucket's own rule removes."""
        bucket = self._bucket
        done: list[CompletedPartTypeDef] = []
        with outages("s3"):
            upload = self._s3().create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        for number, piece in enumerate(pieces, start=1):
            with outages("s3"):
                part = self._s3().upload_part(
                    Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=piece
                )
            done.append({"PartNumber": number, "ETag": part["ETag"]})
        with outages("s3"):
            self._s3().complete_multipart_upload(
                Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": done}
            )


def _gathered(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of at least a part's size, but the last."""
    held = bytearray()
    for part in parts:
        held += part
        if len(held) >= PART_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _chained(first: bytes, second: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest


def _file(name: str) -> str:
    return f"file/{name}"


def _report(name: str) -> str:
    return f"report/{name}"
