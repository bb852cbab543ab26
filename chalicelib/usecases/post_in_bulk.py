"""Purchases and returns that a shop's own systems send in bulk, under the source of who sends them.

Who sends is told by the queue, never by the message. What is refused for good is told, with the
problem, by another queue, for nobody waits for an answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.callers import Caller, CallerKind, Scope
from chalicelib.domain.connections import Connection
from chalicelib.domain.refusals import Conflict, NotAuthenticated, Refusal, TryAgain
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
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

    Raises TryAgain, Conflict, StoreUnavailable: then it is to come again.
    """
    connection = ports.connections.of_sender(message.sender)
    if connection is None:
        intake = Intake(source="", came_by=message.sender, name=message.name)
        tell_refused(ports, intake, NotAuthenticated("unknown_sender"), now)
        return False
    caller = _caller(ports, connection)
    intake = Intake(connection.source, connection.connection_id, message.name)
    try:
        command = message.read(caller.numeric_ids)
        intake = _named(intake, command)
        _post(ports, caller, command, now)
    except _LATER:
        raise
    except Refusal as refusal:
        tell_refused(ports, intake, refusal, now)
        return False
    return True


def _post(ports: Ports, caller: Caller, command: Command, now: datetime) -> None:
    if isinstance(command, PostPurchase):
        post_purchase(ports, caller, command, now)
    else:
        return_purchase(ports, caller, command, now)


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
