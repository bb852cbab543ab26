"""What HTTP itself can get wrong before the program is asked: refusals of the edge.

Knows no statuses and no headers: `problems.py` maps these as it maps the domain's.
"""

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.domain.refusals import Refusal

# --- a body that cannot be read ------------------------------------------------------------


@dataclass(eq=False)
class BodyMissing(Refusal):
    code: ClassVar[str] = "body_missing"
    detail: ClassVar[str] = "This request needs a JSON body."


@dataclass(eq=False)
class BodyTooLarge(Refusal):
    limit_bytes: int
    code: ClassVar[str] = "body_too_large"
    detail: ClassVar[str] = "The body is larger than `limit_bytes`; split the request."


@dataclass(eq=False)
class MediaTypeNotSupported(Refusal):
    accepted: list[str]
    code: ClassVar[str] = "media_type_not_supported"
    detail: ClassVar[str] = "Send the body as one of `accepted`, and say so in Content-Type."


@dataclass(eq=False)
class MalformedJson(Refusal):
    line: int | None = None
    column: int | None = None
    code: ClassVar[str] = "malformed_json"
    detail: ClassVar[str] = "The body is not JSON; `line` and `column` say where it stops being."


@dataclass(eq=False)
class NotUtf8(Refusal):
    code: ClassVar[str] = "not_utf8"
    detail: ClassVar[str] = "The body is not UTF-8; encode it as UTF-8 without a byte order mark."


@dataclass(eq=False)
class LoneSurrogate(Refusal):
    code: ClassVar[str] = "lone_surrogate"
    detail: ClassVar[str] = "A text holds half of a character (a lone surrogate); send whole ones."


@dataclass(eq=False)
class NotANumber(Refusal):
    code: ClassVar[str] = "not_a_number"
    detail: ClassVar[str] = "NaN, Infinity and numbers too large for JSON are not accepted."


@dataclass(eq=False)
class DuplicateKey(Refusal):
    """`key` is the caller's own word, in ASCII and cut."""

    key: str
    code: ClassVar[str] = "duplicate_key"
    detail: ClassVar[str] = "An object names `key` twice; name each field once."


@dataclass(eq=False)
class TooDeep(Refusal):
    limit: int
    code: ClassVar[str] = "too_deep"
    detail: ClassVar[str] = "The body nests lists and objects deeper than `limit`."


# --- headers and addresses -----------------------------------------------------------------


@dataclass(eq=False)
class IdempotencyKeyMissing(Refusal):
    code: ClassVar[str] = "idempotency_key_missing"
    detail: ClassVar[str] = "Send an Idempotency-Key header, so that a retry does nothing twice."


@dataclass(eq=False)
class IdempotencyKeyMalformed(Refusal):
    code: ClassVar[str] = "idempotency_key_malformed"
    detail: ClassVar[str] = "An Idempotency-Key is 1 to 128 visible ASCII characters."


@dataclass(eq=False)
class IfMatchMissing(Refusal):
    code: ClassVar[str] = "if_match_missing"
    detail: ClassVar[str] = "Read the resource first and send its ETag in If-Match."


@dataclass(eq=False)
class BadCursor(Refusal):
    code: ClassVar[str] = "bad_cursor"
    detail: ClassVar[str] = "This cursor was not given for this list; start without one."


@dataclass(eq=False)
class MethodNotAllowed(Refusal):
    allowed: list[str]
    code: ClassVar[str] = "method_not_allowed"
    detail: ClassVar[str] = "This address does not take this method; `allowed` are those it takes."


@dataclass(eq=False)
class RouteNotFound(Refusal):
    code: ClassVar[str] = "route_not_found"
    detail: ClassVar[str] = "There is no such address."
