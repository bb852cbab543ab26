"""Why a member of staff does or reads something: the header X-Access-Reason, kept in the audit."""

from typing import TYPE_CHECKING, Any

from chalicelib.domain.card_numbers import holds_card_number
from chalicelib.domain.refusals import CardNumberRefused, FieldError, InvalidContent

if TYPE_CHECKING:  # the shell reads the header, too
    from chalicelib.api.shell.call import Call

ACCESS_REASON = "X-Access-Reason"

_LONGEST_REASON = 200


def access_reason(call: "Call[Any, Any]") -> str | None:
    """The reason in X-Access-Reason, None without one. Raises InvalidContent, CardNumberRefused."""
    reason = call.headers.get(ACCESS_REASON.lower(), "").strip()
    if len(reason) > _LONGEST_REASON:
        detail = f"Write a reason of at most {_LONGEST_REASON} characters in {ACCESS_REASON}."
        raise InvalidContent(errors=[FieldError("", "wrong_length", detail)])
    if holds_card_number(reason):
        detail = f"The reason in {ACCESS_REASON} holds a card number; leave it out."
        raise CardNumberRefused(errors=[FieldError("", "card_number_refused", detail)])
    return reason or None
