"""An event of a shop platform arrives: perhaps again, perhaps late, perhaps not the platform's own.

What it tells is posted under the platform's own ids, as a till would post it, so that it counts
once however often and in whatever order events come. Whom nobody knows gets nothing, and can claim
the purchase later.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chalicelib.domain.callers import Caller, CallerKind, Scope
from chalicelib.domain.connections import Connection, Provider, is_signed, path_of
from chalicelib.domain.findings import Unacceptable
from chalicelib.domain.identifiers import Kind
from chalicelib.domain.platform_orders import PlatformPurchase, PlatformReturn, Told
from chalicelib.domain.purchases import PurchaseFile
from chalicelib.domain.refusals import (
    ConflictingReplay,
    CurrencyNotAccepted,
    FieldError,
    InvalidContent,
    MemberErased,
    MemberNotFound,
    Refusal,
    ReturnExceedsPurchase,
    SignatureRefused,
    TooFarBack,
    TooManyReturnsWaiting,
)
from chalicelib.domain.returned import Returned, ReturnedLine
from chalicelib.domain.shopify import told_by_shopify
from chalicelib.domain.square import told_by_square
from chalicelib.usecases.identify import identify
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase, purchase_name
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnKept, ReturnPurchase, return_purchase
from chalicelib.usecases.tell_refused import Intake, tell_refused

Came = Literal["posted", "returned", "waiting", "already", "refused", "ignored"]
"""What became of what an event told: `waiting` is a return whose purchase has not come, `already`
what an earlier event had told, `ignored` what earns nothing, such as an order that is not paid."""

_FOR_GOOD = (
    CurrencyNotAccepted,
    InvalidContent,
    ReturnExceedsPurchase,
    TooFarBack,
    TooManyReturnsWaiting,
)
"""What no repetition mends: the platform is told that all is well, and somebody else that it is
not. Whatever else is refused, the platform sends again."""


@dataclass(frozen=True, slots=True)
class PlatformEvent:
    """An event as it came. topic, name: headers of Shopify's; Square says both in the body. raw:
    the bytes that were signed."""

    provider: Provider
    connection_id: str
    signature: str
    raw: bytes
    topic: str = ""
    name: str | None = None


def receive_platform_event(ports: Ports, event: PlatformEvent, now: datetime) -> tuple[Came, ...]:
    """Post what an event tells, once; what became of each part of it.

    Raises SignatureRefused, also where there is no such connection; Conflict, InTheFuture,
    TryAgain, StoreUnavailable: the platform sends it again then.
    """
    connection = _proven(ports, event, now)
    taking = _TakingIn(ports, connection, event, now)
    try:
        told = _told(event)
    except InvalidContent as refusal:
        return (taking.refused(refusal),)
    return tuple(map(taking.take_in, told)) or ("ignored",)


def caller_of(connection: Connection) -> Caller:
    """As whom a connection posts: as a key of its source would. The platform's ids are no cards."""
    return Caller(
        CallerKind.CHECKOUT,
        source=connection.source,
        scopes=frozenset({Scope.PURCHASES}),
        subject=connection.connection_id,
        numeric_ids=True,
    )


def _proven(ports: Ports, event: PlatformEvent, now: datetime) -> Connection:
    connection = ports.connections.get(event.connection_id)
    if connection is None or connection.provider is not event.provider:
        raise SignatureRefused
    secrets = ports.connections.secrets(event.connection_id, now)
    address = f"{ports.public_url}{path_of(connection)}"
    if not is_signed(event.provider, secrets, address, event.raw, event.signature):
        raise SignatureRefused
    return connection


def _told(event: PlatformEvent) -> Told:
    try:
        payload: object = json.loads(event.raw)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        detail = "The platform's event should be a JSON object."
        raise InvalidContent(errors=[FieldError("", "malformed", detail)])
    if event.provider is Provider.SHOPIFY:
        return told_by_shopify(event.topic, payload)
    return told_by_square(payload)


class _TakingIn:
    """What one event tells, on its way in."""

    def __init__(
        self, ports: Ports, connection: Connection, event: PlatformEvent, now: datetime
    ) -> None:
        self._ports = ports
        self._connection = connection
        self._caller = caller_of(connection)
        self._intake = Intake(connection.source, connection.connection_id, event.name)
        self._now = now

    def take_in(self, part: PlatformPurchase | PlatformReturn) -> Came:
        if isinstance(part, PlatformPurchase):
            self._intake = replace(self._intake, purchase_id=part.purchase.purchase_id)
        else:
            ids = {"purchase_id": part.purchase_id, "return_id": part.return_id}
            self._intake = replace(self._intake, **ids)
        try:
            return self._post(part) if isinstance(part, PlatformPurchase) else self._return(part)
        except (ConflictingReplay, MemberErased):
            # It counted when it came first; what it says by now is not what it counts for.
            return "already"
        except _FOR_GOOD as refusal:
            return self.refused(refusal)

    def refused(self, refusal: Refusal) -> Came:
        tell_refused(self._ports, self._intake, refusal, self._now)
        return "refused"

    def _post(self, part: PlatformPurchase) -> Came:
        command = PostPurchase(part.purchase, self._member(part.names))
        try:
            outcome = post_purchase(self._ports, self._caller, command, self._now)
        except (MemberErased, MemberNotFound):  # gone since it was looked for
            command = PostPurchase(part.purchase, None)
            outcome = post_purchase(self._ports, self._caller, command, self._now)
        for waited in outcome.answer.returns_applied:
            if waited.refused is not None:
                self._take_late(part.purchase.purchase_id, waited.return_id)
        return "already" if outcome.replayed else "posted"

    def _take_late(self, purchase_id: str, return_id: str) -> None:
        """Take back what waited and did not fit its purchase as if it came now, cut to what is
        left: under an id beside its own, which is used up."""
        name = purchase_name(self._ports, self._caller, purchase_id)
        file = self._ports.ledger.purchase(name)
        waiting = file.waiting if isinstance(file, PurchaseFile) else ()
        for one in waiting:
            if one.return_id == return_id:
                self.take_in(PlatformReturn(purchase_id, f"{return_id}-late", one.returned))

    def _member(self, names: Mapping[Kind, str]) -> MemberId | None:
        """The first member whom the platform's names lead to."""
        for kind in self._connection.match:
            try:
                found = kind in names and self._ports.people.find(identify(kind, names[kind]))
            except Unacceptable:  # what a platform takes for a phone need not be one here
                continue
            if found:
                return MemberId(found)
        return None

    def _return(self, part: PlatformReturn) -> Came:
        try:
            return self._take_back(part, part.returned)
        except ReturnExceedsPurchase as exceeds:
            # Platforms round each part of a line by itself: what is left is all there is.
            left = _at_most(part.returned, exceeds.remaining)
            if not left:
                raise
            return self._take_back(part, left)

    def _take_back(self, part: PlatformReturn, returned: Returned) -> Came:
        command = ReturnPurchase(part.purchase_id, part.return_id, returned)
        outcome = return_purchase(self._ports, self._caller, command, self._now)
        if outcome.replayed:
            return "already"
        return "waiting" if isinstance(outcome.answer, ReturnKept) else "returned"


def _at_most(returned: Returned, remaining: list[dict[str, str | int]]) -> Returned:
    """As much of a return as is left of its purchase; nothing where nothing is."""
    left = {str(row["line_id"]): row for row in remaining}
    if isinstance(returned, int):
        return min(returned, sum(int(row["amount_minor"]) for row in left.values()))
    lines = []
    for line in returned:
        row = left.get(line.line_id, {"quantity": 0, "amount_minor": 0})
        quantity = min(line.quantity, int(row["quantity"]))
        amount_minor = min(line.amount_minor, int(row["amount_minor"]))
        if quantity or amount_minor:
            lines.append(ReturnedLine(line.line_id, quantity, amount_minor))
    return tuple(lines)
