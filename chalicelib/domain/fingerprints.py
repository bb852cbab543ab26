"""Fingerprints: what a request said, field by field, as short digests. Tells a replay from another
request under the same id, and names what differs, without keeping what was said."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from chalicelib.domain.refusals import MemberErased

REDACTED = {"erased": ""}
"""Stands for what a request said whose member was erased: nobody can repeat it any more."""


def fingerprint(content: Mapping[str, object]) -> dict[str, str]:
    """Field -> eight characters (48 bits) of its content's digest; fields that are None left out.

    content: JSON-like values, as parsed: how they were written does not count.
    """
    return {name: _digest(value) for name, value in content.items() if value is not None}


def differing(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    """The names of the fields in which two requests differ, sorted. first: as it was kept.

    Raises MemberErased where it was redacted.
    """
    if first == REDACTED:
        raise MemberErased
    names = first.keys() | second.keys()
    return sorted(name for name in names if first.get(name) != second.get(name))


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:6]).decode()
