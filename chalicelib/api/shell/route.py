"""The declaration of a route: everything that is said about it, said once, beside its view.

Scopes, strict reading, problem documents, metrics and the OpenAPI entry all follow from it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Required, TypedDict

import msgspec

from chalicelib.api.shell.call import Answer
from chalicelib.domain.allowances import Allowance
from chalicelib.domain.callers import Scope
from chalicelib.domain.refusals import FieldError, Refusal

_PARAMETER = re.compile(r"{(\w+)}")

LARGEST_BODY_BYTES = 256 * 1024

Exists = Callable[..., str | None]

Rules = Callable[[Mapping[str, object]], list[FieldError]]
"""What is wrong with fields beyond their types, found in a body whose other fields may be anything.
"""


class Public(Enum):
    """Marks a route that nobody needs to prove anything for."""

    PUBLIC = "public"


PUBLIC: Final = Public.PUBLIC
"""In place of scopes: open to everybody. An identity that is sent is verified all the same."""


class Declaration(TypedDict, total=False):
    """What a view's decorator says; see Route."""

    opens: Required[tuple[Scope, ...] | Public]
    summary: Required[str]
    answers: Required[Mapping[int, type[msgspec.Struct] | str | None]]
    body: type[msgspec.Struct] | None
    rules: Rules | None
    query: type[msgspec.Struct] | None
    raw_body: bool
    raw_kinds: tuple[str, ...]
    largest_bytes: int
    refuses: tuple[type[Refusal], ...]
    idempotency_key: bool
    if_match: bool
    headers: Mapping[str, str]
    also: str
    exists: Exists | None
    audited: str | None
    rationed: Allowance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One declared route. opens: any one of these scopes opens it.

    answers: status -> the Struct of its body, None for no body, a media type for files.
    rules: asked when the body's types are wrong, so that the caller learns everything at once; a
    body of the right types is judged by its view.
    raw_body: the view reads `call.raw` itself (signed webhooks, forms). raw_kinds: its media types;
    a form may come without one. largest_bytes: of its body. refuses: what the view may raise
    beside what every route may. headers: others that the view reads where they are sent, and what
    each says. also: the media type of a text that a 200 can hold instead. exists(call, **path):
    asked only when the request is refused as malformed, so that whose it is and whether it exists
    is answered first; gives the current ETag (or None) or raises
    the 404 or 410. audited: what it is called in the audit that staff or a key have read this of a
    member; None where they learn nothing of any. rationed: how often
    one caller may have it, counted once its request is found to be well-formed.
    """

    method: str
    path: str
    view: Callable[..., Answer]
    opens: tuple[Scope, ...] | Public
    summary: str
    answers: Mapping[int, type[msgspec.Struct] | str | None]
    body: type[msgspec.Struct] | None = None
    rules: Rules | None = None
    query: type[msgspec.Struct] | None = None
    raw_body: bool = False
    raw_kinds: tuple[str, ...] = ("application/json",)
    largest_bytes: int = LARGEST_BODY_BYTES
    refuses: tuple[type[Refusal], ...] = ()
    idempotency_key: bool = False
    if_match: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    also: str | None = None
    exists: Exists | None = None
    audited: str | None = None
    rationed: Allowance | None = None

    def __post_init__(self) -> None:
        if self.opens == ():
            raise ValueError(f"{self.name} opens for nobody; say PUBLIC if that is meant")

    @property
    def name(self) -> str:
        """Method and path template, as logs, metrics and cursors name the route."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """The names of the path's parameters, in order."""
        return _PARAMETER.findall(self.path)
