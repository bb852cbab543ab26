"""What staff and keys read of members is recorded before it is answered, or it is not answered.

A route says what reading it is called (`Route.audited`), its answer whom it tells something of.
Knows no resource.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.api.access_reasons import access_reason
from chalicelib.api.shell.call import Answer, Call
from chalicelib.api.shell.route import Route
from chalicelib.domain.callers import CallerKind

_WATCHED = (CallerKind.STAFF, CallerKind.CHECKOUT)
"""A member reads what is its own; who has no name reads what is everybody's."""

UNMASKED = "_unmasked"
"""What the audit adds to the name of a read that was not masked."""


def why(route: Route, call: Call[Any, Any]) -> str | None:
    """Why this caller reads it, where it is recorded. Raises InvalidContent, CardNumberRefused."""
    return access_reason(call) if _is_watched(route, call) else None


def record(route: Route, call: Call[Any, Any], path: Mapping[str, str], answer: Answer) -> None:
    """Record a read of each member whom the answer is about; of none in particular, that it was
    read. Raises StoreUnavailable."""
    if route.audited is None or not _is_watched(route, call):
        return
    action = route.audited + (UNMASKED if answer.unmasked else "")
    named = [path["member_id"]] if "member_id" in path else []
    members: list[str | None] = [*dict.fromkeys([*named, *answer.concerns])]
    for member_id in members or [None]:
        call.ports.audit.record(
            who=call.caller.source,
            role=call.caller.role,
            action=action,
            member_id=member_id,
            reason=call.reason,
            at=call.now,
        )


def _is_watched(route: Route, call: Call[Any, Any]) -> bool:
    return route.audited is not None and call.caller.kind in _WATCHED
