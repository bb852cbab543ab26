"""Path arguments: decoded, with `me` resolved, or the same 404 as for what is unknown."""

from collections.abc import Callable, Mapping
from urllib.parse import unquote_to_bytes

from chalicelib.api.auth import own_member_id
from chalicelib.domain.callers import Caller
from chalicelib.domain.refusals import (
    MemberNotFound,
    NotFound,
    PurchaseNotFound,
    RedemptionNotFound,
    Refusal,
    RewardNotFound,
)

_LONGEST_ID = 256

_UNKNOWN: Mapping[str, Callable[[], Refusal]] = {
    "member_id": MemberNotFound,
    "purchase_id": PurchaseNotFound,
    "redemption_id": RedemptionNotFound,
    "reward_id": RewardNotFound,
}


def unknown(name: str) -> Refusal:
    """The refusal of a path argument that names nothing, by the argument's name."""
    return _UNKNOWN[name]() if name in _UNKNOWN else NotFound(name.removesuffix("_id"))


def arguments(path: Mapping[str, str], caller: Caller) -> dict[str, str]:
    """The arguments of a path as the view takes them; refuses what is unknown or another's."""
    named = {name: _decoded(name, text) for name, text in path.items()}
    if "member_id" in named:
        named["member_id"] = own_member_id(caller, named["member_id"])
    return named


def _decoded(name: str, text: str) -> str:
    try:
        value = unquote_to_bytes(text).decode()
    except UnicodeError as error:
        raise unknown(name) from error
    if not 1 <= len(value) <= _LONGEST_ID:
        raise unknown(name)
    return value
