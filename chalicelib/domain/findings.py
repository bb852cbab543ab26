"""Collects everything wrong with a request, so that the caller learns all of it at once."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from chalicelib.domain.refusals import FieldError, InvalidContent

Value = TypeVar("Value")
Arguments = ParamSpec("Arguments")


class Unacceptable(Exception):
    """A value that is not acceptable. code: stable, snake_case; detail: for people, without the
    value itself."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Findings:
    """What was found wrong so far."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def read(
        self,
        pointer: str,
        reading: Callable[Arguments, Value],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Value | None:
        """What `reading` gives; None when it finds its field unacceptable, which is noted."""
        try:
            return reading(*args, **kwargs)
        except Unacceptable as wrong:
            self.errors.append(FieldError(pointer, wrong.code, wrong.detail))
            return None

    def add(self, errors: list[FieldError]) -> None:
        """Note more of them."""
        self.errors.extend(errors)

    def settle(self) -> None:
        """Raise InvalidContent if anything was found."""
        if self.errors:
            raise InvalidContent(self.errors)
