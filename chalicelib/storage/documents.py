"""Staff's documents (programs, rewards) as JSON text with a schema number beside it.

Releases are readers first: a document of a newer schema is refused, never half read.
"""

from typing import TypeVar

import msgspec

from chalicelib.usecases.ports import StoreNewer

SCHEMA = 3
"""1: programs without pending, expiry, tiers, transfers and households. 2: programs that do not say
what their purposes allow, and what is held back, kept and erased. A release that knows only these
would go by half a program, so it must refuse the others."""

Document = TypeVar("Document")


def encoded(document: object) -> str:
    """A dataclass as JSON text, the same text for equal documents (sets are sorted)."""
    return msgspec.json.encode(document, order="deterministic").decode()


def decoded(kind: type[Document], text: str, schema: int) -> Document:
    """The document that a text holds. StoreNewer when a newer release wrote it."""
    if schema > SCHEMA:
        raise StoreNewer(f"{kind.__name__} of schema {schema}, this release knows {SCHEMA}")
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:  # such as a scope that this release does not know
        raise StoreNewer(f"{kind.__name__}: {error}") from error
