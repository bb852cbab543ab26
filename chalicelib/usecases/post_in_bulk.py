"""Purchases and returns that a shop's own systems send in bulk, under the source of who sends them.

Who sends is told by the queue, never by the message. What is refused for good is told, with the
problem, by another queue, for nobody waits for an answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.callers import Caller, CallerKind, Scope
from chalicelib.domain.connections import Connection
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.refusals import (
    Conflict,
    InvalidContent,
    NotAuthenticated,
    Refusal,
    ReturnExceedsPurchase,
    TryAgain,
)
from chalicelib.domain.returns import returned_rows
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase, purchase_name
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from chalicelib.usecases.tell_refused import Intake, tell_refused

Command = PostPurchase | ReturnPurchase

_LATER = (TryAgain, Conflict)
"""What may be taken when it comes again: nothing is wrong with the message."""


@dataclass(frozen=True, slots=True)
class BulkMessage:
    """A message as it came. sender: who put it into the queue, as the queue says. read: what it
    asks for (numeric_ids: whether its source's ids may look like card numbers), or a refusal that
    is raised."""

    name: str
    sender: str
    read: Callable[[bool], Command]


def post_in_bulk(ports: Ports, message: BulkMessage, now: datetime) -> bool:
    """Post what a message asks for, once; whether it was taken.

    Raises TryAgain, Conflict, StoreUnavailable: then it is to come again. NotAuthenticated, where
    nobody is connected who sends so: nothing is wrong with the message, which is kept aside.
    """
    connection = ports.connections.of_sender(message.sender)
    if connection is None:
        raise NotAuthenticated("unknown_sender")
    caller = _caller(ports, connection)
    intake = Intake(connection.source, connection.connection_id, message.name)
    try:
        command = message.read(caller.numeric_ids)
        intake = _named(intake, command)
        _post(ports, caller, command, intake, now)
    except _LATER:
        raise
    except Refusal as refusal:
        tell_refused(ports, intake, refusal, now)
        return False
    return True


def _post(ports: Ports, caller: Caller, command: Command, intake: Intake, now: datetime) -> None:
    if isinstance(command, ReturnPurchase):
        return_purchase(ports, caller, command, now)
        return
    posted = post_purchase(ports, caller, command, now).answer
    if late := {one.return_id for one in posted.returns_applied if one.refused is not None}:
        _tell_of_waited(ports, purchase_name(ports, caller, posted.purchase_id), late, intake, now)


def _tell_of_waited(
    ports: Ports, name: str, return_ids: set[str], intake: Intake, now: datetime
) -> None:
    """Tell of the returns that had been taken to wait for a purchase, and do not fit it."""
    file = ports.ledger.purchase(name)
    if not isinstance(file, PurchaseFile):
        return
    for waiting in (one for one in file.waiting if one.return_id in return_ids):
        try:
            returned_rows(file, waiting.returned)
        except (ReturnExceedsPurchase, InvalidContent) as refusal:
            tell_refused(ports, replace(intake, return_id=waiting.return_id), refusal, now)


def _named(intake: Intake, command: Command) -> Intake:
    if isinstance(command, PostPurchase):
        return replace(intake, purchase_id=command.purchase.purchase_id)
    return replace(intake, purchase_id=command.purchase_id, return_id=command.return_id)


def _caller(ports: Ports, connection: Connection) -> Caller:
    """As whom it posts: as the keys of its source do, what they may call their things included."""
    of_source = (key for key in ports.keys.all() if key.source == connection.source)
    return Caller(
        CallerKind.CHECKOUT,
        source=connection.source,
        scopes=frozenset({Scope.PURCHASES}),
        subject=connection.connection_id,
        numeric_ids=any(key.numeric_ids for key in of_source),
    )
