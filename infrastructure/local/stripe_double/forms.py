"""Stripe's request bodies: form-encoded, nested by square brackets. Knows no operation."""

import binascii
import re
from base64 import b64decode
from typing import Any
from urllib.parse import parse_qsl

Params = dict[str, Any]
"""Form fields by name: text, or a dict for `a[b]`, or a list for `a[]` and `a[0]`."""

_PART = re.compile(r"\[([^\[\]]*)\]")


def parsed(text: str) -> Params:
    """The fields of a form-encoded body or query, nested. ValueError when brackets do not match."""
    tree: Params = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _place(tree, _path(name), value)
    return {name: _with_lists(value) for name, value in tree.items()}


def _path(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    parts = _PART.findall(bracket + rest)
    if not head or "".join(f"[{part}]" for part in parts) != bracket + rest:
        raise ValueError(f"malformed field name: {name}")
    return [head, *parts]


def _place(tree: Params, path: list[str], value: str) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise ValueError("a field is both a value and a hash")
    last = path[-1] or str(len(tree))
    tree[last] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    members = {name: _with_lists(member) for name, member in value.items()}
    if members and all(name.isdigit() for name in members):
        return [members[name] for name in sorted(members, key=int)]
    return members


def basic_user(credentials: str) -> str:
    """The user name of a Basic authorization, as Stripe takes the key; empty when unreadable."""
    try:
        return b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
