"""JSON as strictly as the contract has it: from bytes to plain Python values.

The size is bounded before; depth is checked by a linear scan, because a parser that recurses
would meet its limit first. Knows no fields.
"""

import json
import re
from collections import Counter
from math import isinf
from typing import NoReturn

from chalicelib.api import refused

DEEPEST = 32

# An unterminated string matches to the end, so that no text is scanned twice.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_BEYOND_ANY_RANGE = 10**18
"""Stands for integers of more digits than any field takes: refused by field, and not costly."""


def parsed(raw: bytes) -> object:
    """The value of a JSON text; raises the refusals of its form, each with its own code."""
    text = _decoded(raw)
    _check_depth(raw)
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        raise refused.MalformedJson(error.lineno, error.colno) from error
    if _SURROGATE_ESCAPE.search(raw):
        _check_surrogates(value)
    return value


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise refused.NotUtf8 from error
    if "\ufffd" in text:  # what gateways put in place of bytes that were not UTF-8
        raise refused.NotUtf8
    return text


def _check_depth(raw: bytes) -> None:
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return
    depth = 0
    for bracket in _STRINGS.sub(b"", raw).translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise refused.TooDeep(DEEPEST)


def _check_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise refused.LoneSurrogate from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise refused.DuplicateKey(twice.encode("ascii", "backslashreplace").decode()[:64])
    return members


def _constant(_name: str) -> NoReturn:
    raise refused.NotANumber


def _float(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise refused.NotANumber
    return number


def _integer(text: str) -> int:
    if len(text) > 18:
        return -_BEYOND_ANY_RANGE if text.startswith("-") else _BEYOND_ANY_RANGE
    return int(text)
