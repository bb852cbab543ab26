"""What a message in the queue of purchases means, read as strictly as the API's own bodies.

A message is the body of `POST /v1/purchases`, or that of a return with its `purchase_id` beside.
Knows no queue.
"""

import msgspec

from chalicelib.api.points import Identity
from chalicelib.api.purchase_models import (
    RESERVED_ID,
    PurchaseBody,
    purchase_command,
    purchase_rules,
)
from chalicelib.api.return_models import ReturnBody, return_command
from chalicelib.api.shell.reader import read_json
from chalicelib.domain.refusals import PurchaseNotFound
from chalicelib.usecases.post_purchase import PostPurchase
from chalicelib.usecases.return_purchase import ReturnPurchase


class ReturnMessage(ReturnBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The body of a return, and of which purchase."""

    purchase_id: Identity


class _Shape(msgspec.Struct, frozen=True):
    """What tells a return from a purchase."""

    return_id: object = msgspec.UNSET


def command_of(message: str, numeric_ids: bool) -> PostPurchase | ReturnPurchase:
    """What a message asks for. numeric_ids: as of the source's keys.

    Raises what the API's routes raise for a body that they do not take.
    """
    raw = message.encode("utf-8", "replace")
    if not _is_return(raw):
        return purchase_command(read_json(raw, PurchaseBody, purchase_rules, numeric_ids))
    body = read_json(raw, ReturnMessage, None, numeric_ids)
    if body.purchase_id == RESERVED_ID:
        raise PurchaseNotFound
    return return_command(body.purchase_id, body)


def _is_return(raw: bytes) -> bool:
    try:
        return msgspec.json.decode(raw, type=_Shape).return_id is not msgspec.UNSET
    except msgspec.MsgspecError:
        return False  # the strict reader says what is wrong with it
