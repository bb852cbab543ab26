"""Stripe's errors, in Stripe's shape. Knows no HTTP beyond the status."""

from typing import Any


class Refused(Exception):
    """An answer that is an error.

    kept: whether Stripe remembers it under the Idempotency-Key: what the endpoint answered
      once it had begun to work is remembered, what validation refused is not.
    """

    def __init__(
        self,
        status: int,
        message: str,
        type_: str = "invalid_request_error",
        *,
        kept: bool = True,
        **fields: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kept = kept
        self.body = {"error": {"message": message, "type": type_, **fields}}


def missing(what: str, id_: str, param: str, status: int = 404) -> Refused:
    """Nothing under this id: 404 for the resource asked for, 400 for one a parameter names."""
    message = f"No such {what}: '{id_}'"
    return Refused(
        status, message, code="resource_missing", param=param, doc_url=_doc("resource-missing")
    )


def unknown_parameters(names: list[str]) -> Refused:
    """Parameters that the operation does not take."""
    word = "parameters" if len(names) > 1 else "parameter"
    message = f"Received unknown {word}: {', '.join(names)}"
    return Refused(
        400,
        message,
        kept=False,
        code="parameter_unknown",
        param=names[0],
        doc_url=_doc("parameter-unknown"),
    )


def missing_parameter(name: str) -> Refused:
    """A parameter that the operation cannot do without."""
    return Refused(
        400,
        f"Missing required param: {name}.",
        kept=False,
        code="parameter_missing",
        param=name,
        doc_url=_doc("parameter-missing"),
    )


def invalid_parameter(name: str, message: str) -> Refused:
    """A parameter whose value is not one of those it can have."""
    return Refused(400, message, kept=False, param=name)


def _doc(page: str) -> str:
    return f"https://stripe.com/docs/error-codes/{page}"
