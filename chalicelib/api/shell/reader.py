"""The one strict reader: headers, query and body of a request, or a typed refusal.

Every string is looked at for card numbers. Knows no resource and no JSON syntax.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from chalicelib.api import refused
from chalicelib.api.shell import content, field_errors, json_text, query_text
from chalicelib.api.shell.call import Call
from chalicelib.api.shell.exchange import Exchange
from chalicelib.api.shell.route import Route, Rules
from chalicelib.domain.refusals import CardNumberRefused, FieldError, InvalidContent

Struct = TypeVar("Struct", bound=msgspec.Struct)

_JSON = "application/json"
_MERGE_PATCH = "application/merge-patch+json"
_VISIBLE = re.compile(r"[!-~]{1,128}")
_STRONG_TAG = re.compile(r'"([!#-~]{1,128})"')


class _NoFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request that needs none."""


def read(
    route: Route, ongoing: Exchange, call: Call[Any, Any], path: Mapping[str, str]
) -> Call[Any, Any]:
    """The call with everything that the route declares; refuses with all that is wrong."""
    return replace(
        call,
        if_match=_required_if_match(ongoing.headers) if route.if_match else "",
        idempotency_key=_required_key(ongoing.headers) if route.idempotency_key else "",
        query=_query(route, ongoing, dict(path), call.caller.numeric_ids),
        raw=(raw := _sized(ongoing.raw_body(), route.largest_bytes)),
        body=_body(route, ongoing, raw, call.caller.numeric_ids),
    )


def if_match_of(headers: Mapping[str, str]) -> str | None:
    """The ETag in If-Match without its quotes; "" for what no ETag of ours can be."""
    sent = headers.get("if-match")
    if sent is None:
        return None
    match = _STRONG_TAG.fullmatch(sent.strip())
    return match[1] if match else ""


def _required_if_match(headers: Mapping[str, str]) -> str:
    tag = if_match_of(headers)
    if tag is None:
        raise refused.IfMatchMissing
    return tag


def idempotency_key_of(headers: Mapping[str, str]) -> str | None:
    """The Idempotency-Key, for routes that take one and do not need it."""
    key = headers.get("idempotency-key")
    if key is not None and not _VISIBLE.fullmatch(key):
        raise refused.IdempotencyKeyMalformed
    return key


def _required_key(headers: Mapping[str, str]) -> str:
    key = idempotency_key_of(headers)
    if key is None:
        raise refused.IdempotencyKeyMissing
    return key


def _query(route: Route, ongoing: Exchange, path: dict[str, str], numeric_ids: bool) -> object:
    model = route.query or _NoFields
    values, errors = query_text.values(ongoing.query_parameters(), model)
    query, wrong = _converted(values, model)
    cards = content.card_numbers(path, numeric_ids) + content.card_numbers(values, numeric_ids)
    _refuse(cards, errors + wrong)
    return query


def _sized(raw: bytes, largest_bytes: int) -> bytes:
    if len(raw) > largest_bytes:
        raise refused.BodyTooLarge(largest_bytes)
    return raw


def _body(route: Route, ongoing: Exchange, raw: bytes, numeric_ids: bool) -> object:
    if route.raw_body or route.method in ("GET", "DELETE"):
        return None
    if not raw.strip():
        if route.body is None:
            return None
        raise refused.BodyMissing
    _check_media_type(route, ongoing.headers.get("content-type", ""))
    return read_json(raw, route.body or _NoFields, route.rules, numeric_ids)


def read_json(raw: bytes, model: type[Struct], rules: Rules | None, numeric_ids: bool) -> Struct:
    """A JSON text as what it should be; raises the refusals of its form, InvalidContent with all
    that is wrong, CardNumberRefused."""
    value = json_text.parsed(raw)
    body, errors = _converted(value, model)
    if errors and rules is not None and isinstance(value, dict):
        errors = [*rules(value), *errors]  # of one place, its type is what to say first
    if content.worth_a_look(raw, value):
        _refuse(content.card_numbers(value, numeric_ids), content.large_integers(value) + errors)
    _refuse([], errors)
    assert body is not None  # noqa: S101  # what was not converted was found wrong
    return body


def _check_media_type(route: Route, header: str) -> None:
    accepted = [_JSON, _MERGE_PATCH] if route.method == "PATCH" else [_JSON]
    kind, _, parameters = header.lower().partition(";")
    charset = parameters.replace(" ", "").replace('"', "")
    if kind.strip() not in accepted or charset not in ("", "charset=utf-8"):
        raise refused.MediaTypeNotSupported(accepted)


def _converted(value: object, model: type[Struct]) -> tuple[Struct | None, list[FieldError]]:
    try:
        return msgspec.convert(value, model), []
    except msgspec.ValidationError:
        return None, field_errors.found(value, model)


def _refuse(cards: list[FieldError], others: list[FieldError]) -> None:
    """Raise what was found, each place once; a card number is the graver thing to say."""
    errors = list({error.pointer: error for error in [*others, *cards]}.values())
    if cards:
        raise CardNumberRefused(errors)
    if errors:
        raise InvalidContent(errors)
