"""What was made to be deployed, kept in a bucket of the account, and which of it a stack served.

A release is a template and its zip under the name of their content: kept once, never changed. A
stack's list holds the releases that passed their smoke test, oldest first; who rolls back goes one
back in it. Must not know how a stack is changed.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Parameters = dict[str, str]
_MARK = "Release"  # in the template's metadata: what a stack serves says itself which release it is


@dataclass(frozen=True, slots=True)
class Served:
    """A release that a stack served well, and the parameters it served with. key: of its record."""

    release: str
    parameters: Parameters
    key: str


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases of one stack. bucket: the account's own, made when it is missing."""

    s3: "S3Client"
    bucket: str
    stack: str

    def keep(self, package: Path) -> str:
        """Keep what `make package` left in a folder; the release's name, 16 hex digits."""
        self._make_the_bucket()
        template_text = (package / "template.json").read_text()
        archive = (package / "deployment.zip").read_bytes()
        release = hashlib.sha256(template_text.encode() + archive).hexdigest()[:16]
        folder = self._folder(release)
        template = _pointed(
            json.loads(template_text), release, f"s3://{self.bucket}/{folder}/deployment.zip"
        )
        self._put(f"{folder}/deployment.zip", archive)
        self._put(f"{folder}/template.json", json.dumps(template).encode())
        return release

    def template_url(self, release: str) -> str:
        """Where CloudFormation reads a release's template."""
        return f"{self.s3.meta.endpoint_url}/{self.bucket}/{self._folder(release)}/template.json"

    def keep_template(self, name: str, template: dict[str, Any]) -> str:
        """Keep a template that is no release, under a name of its own; where it is read."""
        self._make_the_bucket()
        key = f"{self.stack}/templates/{name}.json"
        self._put(key, json.dumps(template).encode())
        return f"{self.s3.meta.endpoint_url}/{self.bucket}/{key}"

    def template(self, release: str) -> dict[str, Any]:
        """The template of a release that was kept."""
        found: dict[str, Any] = json.loads(self._read(f"{self._folder(release)}/template.json"))
        return found

    def record(self, release: str, parameters: Parameters, now: datetime) -> None:
        """Note that a release passed its smoke test; once, while it stays the newest."""
        served = self.served()
        if served and (served[-1].release, served[-1].parameters) == (release, parameters):
            return
        key = f"{self.stack}/served/{now:%Y-%m-%dT%H:%M:%S.%fZ}.json"
        self._put(key, json.dumps({"release": release, "parameters": parameters}).encode())

    def withdraw(self, release: str) -> None:
        """Take the newest release off the list, if it is this one: it was rolled back."""
        served = self.served()
        if served and served[-1].release == release:
            self.s3.delete_object(Bucket=self.bucket, Key=served[-1].key)

    def served(self) -> list[Served]:
        """What the stack served well, oldest first; empty before the first deployment."""
        pages = self.s3.get_paginator("list_objects_v2")
        try:
            keys = [
                row["Key"]
                for page in pages.paginate(Bucket=self.bucket, Prefix=f"{self.stack}/served/")
                for row in page.get("Contents", [])
            ]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchBucket":
                return []
            raise
        records = [(key, json.loads(self._read(key))) for key in sorted(keys)]
        return [Served(found["release"], found["parameters"], key) for key, found in records]

    def former(self, current: str | None) -> Served | None:
        """What the stack served well before the current release; None where there is nothing."""
        others = [served for served in self.served() if served.release != current]
        return others[-1] if others else None

    def _folder(self, release: str) -> str:
        return f"{self.stack}/releases/{release}"

    def _read(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def _put(self, key: str, content: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content, ServerSideEncryption="AES256")

    def _make_the_bucket(self) -> None:
        """Create the bucket where there is none: closed to the public, every version kept."""
        try:
            self.s3.head_bucket(Bucket=self.bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
                raise
        else:
            return
        region = self.s3.meta.region_name
        where: Any = {} if region == "us-east-1" else {"LocationConstraint": region}
        configuration: Any = {"CreateBucketConfiguration": where} if where else {}
        self.s3.create_bucket(Bucket=self.bucket, **configuration)
        self.s3.put_public_access_block(
            Bucket=self.bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
        )
        self.s3.put_bucket_versioning(
            Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"}
        )


def release_in(template: dict[str, Any]) -> str | None:
    """Which release a stack's template is; None where it was not deployed from here."""
    found = template.get("Metadata", {}).get(_MARK)
    return str(found) if found else None


def _pointed(template: dict[str, Any], release: str, code: str) -> dict[str, Any]:
    """The template with its functions' code where it is kept, and its release's name in it."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
    template.setdefault("Metadata", {})[_MARK] = release
    return template
