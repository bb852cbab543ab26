"""Files of exports, in S3: `export/<member id>/<export id>.zip`. Must not know what is in them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.providers.aws import outages
from chalicelib.usecases.ports.exports import DOWNLOAD_LIVES
from chalicelib.usecases.ports.imports import Address

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SECONDS = int(DOWNLOAD_LIVES.total_seconds())


class S3ExportFiles:
    """An ExportFiles. The bucket keeps no older versions: what is deleted is gone."""

    def __init__(self, bucket: str, s3: Callable[[], "S3Client"]) -> None:
        self._bucket = bucket
        self._s3 = s3

    def put(self, member_id: str, export_id: str, content: bytes) -> None:
        key = _key(member_id, export_id)
        with outages("s3"):
            self._s3().put_object(
                Bucket=self._bucket, Key=key, Body=content, ContentType="application/zip"
            )

    def download_address(
        self, member_id: str, export_id: str, file_name: str, now: datetime
    ) -> Address:
        wanted = {
            "Bucket": self._bucket,
            "Key": _key(member_id, export_id),
            "ResponseCacheControl": "no-store",
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        }
        with outages("s3"):
            url = self._s3().generate_presigned_url("get_object", wanted, ExpiresIn=_SECONDS)
        return Address(url, now + DOWNLOAD_LIVES)

    def delete_all(self, member_id: str) -> int:
        keys = list(self._keys_of(member_id))
        for key in keys:  # one by one: a member has few, and a batch can fail in part unnoticed
            with outages("s3"):
                self._s3().delete_object(Bucket=self._bucket, Key=key)
        return len(keys)

    def _keys_of(self, member_id: str) -> Iterator[str]:
        with outages("s3"):
            pages = self._s3().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=f"export/{member_id}/"):
                yield from (found["Key"] for found in page.get("Contents", ()))


def _key(member_id: str, export_id: str) -> str:
    return f"export/{member_id}/{export_id}.zip"
