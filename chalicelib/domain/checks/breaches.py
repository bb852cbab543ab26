"""What is wrong with the books, told without a word of what stands in them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """code: stable, snake_case. what: for people, without ids and figures of anybody. key: of the
    partition it was found in; number: of the entry or event there, None for the whole."""

    code: str
    what: str
    key: str
    number: int | None = None
