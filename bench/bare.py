"""A bare function beside ours: it imports boto3, makes a DynamoDB client, and its handler makes the
two calls that a purchase of ours makes, with the very items. Nothing is decided, nothing checked.
"""

import shutil
from pathlib import Path
from typing import Any

from pynamodb.connection import Connection

from bench.lambda_runtime import compile_all

_LIBRARIES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.pyc")

_HANDLER = """
import boto3

client = boto3.client("dynamodb")
QUERY = {query!r}
WRITE = {write!r}


def handle(event, _):
    client.query(**QUERY)
    for row in WRITE["TransactItems"]:
        row["Put"]["Item"]["pk"]["S"] = event["pk"] + row["Put"]["Item"]["sk"]["S"]
    client.transact_write_items(**WRITE)
    return {{}}
"""


class Recorded:
    """The last parameters of each of DynamoDB's calls over a connection, while it records."""

    def __init__(self, connection: Connection) -> None:
        self._calls: dict[str, dict[str, Any]] = {}
        events: Any = connection.client.meta.events
        events.register("provide-client-params.dynamodb", self._note)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self._calls[model.name] = params

    def handler(self) -> str:
        """The source of a function that makes a purchase's two calls again, under other keys."""
        write = dict(self._calls["TransactWriteItems"])
        write.pop("ClientRequestToken", None)  # boto3 makes one for each call
        return _HANDLER.format(query=self._calls["Query"], write=write)


def write_function(folder: Path, packaged: Path, handler: str) -> None:
    """Write a function whose libraries are the package's own, compiled as they are there. Botocore
    has the few services of the package, so that it does not look through 440 folders."""
    folder.mkdir(parents=True)
    for name in _LIBRARIES:
        found = packaged / name
        if found.is_dir():
            shutil.copytree(found, folder / name)
        else:
            shutil.copy2(found, folder)
    (folder / "bare.py").write_text(handler)
    compile_all(folder / "bare.py")
