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
from chalicelib.domain.platform_orders import (
    Json,
    PlatformPurchase,
    PlatformReturn,
    Reading,
    Told,
    fitted,
)
from chalicelib.domain.purchases import Purchase, PurchaseFile
from chalicelib.domain.refusals import (
    Conflict,
    ConflictingReplay,
    FieldError,
    InvalidContent,
    MemberErased,
    MemberNotFound,
    Refusal,
    ReturnExceedsPurchase,
    SignatureRefused,
    TryAgain,
)
from chalicelib.domain.returned import RefusedReturn, Returned
from chalicelib.domain.shopify import told_by_shopify
from chalicelib.domain.square import told_by_square
from chalicelib.usecases.identify import identify
from chalicelib.usecases.ports import Outcome, Ports
from chalicelib.usecases.post_purchase import (
    PostPurchase,
    PurchasePosted,
    post_purchase,
    purchase_name,
)
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnKept, ReturnPurchase, return_purchase
from chalicelib.usecases.tell_refused import Intake, tell_refused

Came = Literal["posted", "returned", "waiting", "already", "refused", "ignored"]
"""What became of what an event told: `waiting` is a return whose purchase has not come, `already`
what an earlier event had told, `ignored` what earns nothing, such as an order that is not paid."""

_LATER = (TryAgain, Conflict)
"""What may pass: the platform sends it again. Of whatever else is refused it is told that all is
well, and somebody else that it is not: no repetition mends it, and a platform gives up on whoever
answers with errors."""


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

    Raises SignatureRefused, also where there is no such connection; Conflict, TryAgain,
    StoreUnavailable: the platform sends it again then.
    """
    connection = _proven(ports, event, now)
    intake = Intake(connection.source, connection.connection_id, event.name)
    try:
        payload = _payload(event.raw)
        intake = _named(intake, event.provider, Reading(payload))
        told = _told(event, payload)
    except InvalidContent as refusal:
        tell_refused(ports, intake, refusal, now)
        return ("refused",)
    taking = _TakingIn(ports, caller_of(connection), connection.match, intake, now)
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


def _payload(raw: bytes) -> Json:
    try:
        payload: object = json.loads(raw)
    except (ValueError, RecursionError):
        payload = None
    if isinstance(payload, dict):
        return payload
    detail = "The platform's event should be a JSON object."
    raise InvalidContent(errors=[FieldError("", "malformed", detail)])


def _named(intake: Intake, provider: Provider, payload: Reading) -> Intake:
    """With what leads back to it at the platform, even where the rest of it cannot be read."""
    if provider is Provider.SQUARE:
        return replace(intake, name=payload.word("event_id"))
    return replace(intake, purchase_id=payload.name("order_id") or payload.name("id"))


def _told(event: PlatformEvent, payload: Json) -> Told:
    if event.provider is Provider.SHOPIFY:
        return told_by_shopify(event.topic, payload)
    return told_by_square(payload)


class _TakingIn:
    """What one event tells, on its way in."""

    def __init__(
        self, ports: Ports, caller: Caller, match: tuple[Kind, ...], intake: Intake, now: datetime
    ) -> None:
        self._ports = ports
        self._caller = caller
        self._match = match
        self._intake = intake
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
        except _LATER:
            raise
        except Refusal as refusal:
            tell_refused(self._ports, self._intake, refusal, self._now)
            return "refused"

    def _post(self, part: PlatformPurchase) -> Came:
        # A clock that is ahead of ours is no reason to let the platform try for hours, and give up.
        occurred_at = min(part.purchase.occurred_at, self._now)
        purchase = replace(part.purchase, occurred_at=occurred_at)
        try:
            outcome = self._posted(purchase, self._member(part.names))
        except ConflictingReplay:
            self._take_late(purchase.purchase_id)
            raise
        if any(waited.refused is not None for waited in outcome.answer.returns_applied):
            self._take_late(purchase.purchase_id)
        return "already" if outcome.replayed else "posted"

    def _posted(self, purchase: Purchase, member: MemberId | None) -> Outcome[PurchasePosted]:
        try:
            command = PostPurchase(purchase, member)
            return post_purchase(self._ports, self._caller, command, self._now)
        except (MemberErased, MemberNotFound):  # gone since it was looked for
            command = PostPurchase(purchase, None)
            return post_purchase(self._ports, self._caller, command, self._now)

    def _take_late(self, purchase_id: str) -> None:
        """Take back what waited and did not fit its purchase as if it came now, cut to what is
        left: under an id beside its own, which is used up."""
        file = self._file(purchase_id)
        if file is None or file.record.is_redacted:
            return
        late = {event.return_id for event in file.waited if isinstance(event, RefusedReturn)}
        for one in file.waiting:
            if one.return_id in late:
                self.take_in(PlatformReturn(purchase_id, f"{one.return_id}-late", one.returned))

    def _file(self, purchase_id: str) -> PurchaseFile | None:
        name = purchase_name(self._ports, self._caller, purchase_id)
        file = self._ports.ledger.purchase(name)
        return file if isinstance(file, PurchaseFile) else None

    def _member(self, names: Mapping[Kind, str]) -> MemberId | None:
        """The first member whom the platform's names lead to."""
        for kind in self._match:
            try:
                found = kind in names and self._ports.people.find(identify(kind, names[kind]))
            except Unacceptable:  # what a platform takes for a phone need not be one here
                continue
            if found:
                return MemberId(found)
        return None

    def _return(self, part: PlatformReturn) -> Came:
        returned = part.returned
        while True:
            try:
                return self._take_back(part, returned)
            except (ReturnExceedsPurchase, InvalidContent):
                # Platforms round each part of a line by itself, and orders are edited after they
                # are paid: what is left is all there is. Another return may have taken some of it.
                fits = self._fitted(part)
                if not fits or fits == returned:
                    raise
                returned = fits

    def _fitted(self, part: PlatformReturn) -> Returned:
        file = self._file(part.purchase_id)
        if file is None:
            return ()
        return fitted(part.returned, file.record.purchase.lines, file.remaining())

    def _take_back(self, part: PlatformReturn, returned: Returned) -> Came:
        command = ReturnPurchase(part.purchase_id, part.return_id, returned)
        outcome = return_purchase(self._ports, self._caller, command, self._now)
        if outcome.replayed:
            return "already"
        return "waiting" if isinstance(outcome.answer, ReturnKept) else "returned"
