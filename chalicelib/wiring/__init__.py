"""The composition root: which store and provider a use case gets. Knows every implementation and
decides nothing else; what lies outside of the service is made in `outside.py`. Imports stand in
functions, so that each Lambda loads what it uses.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial
from secrets import token_bytes
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib import observability
from chalicelib.domain.names import Namer
from chalicelib.settings import Settings
from chalicelib.wiring import outside

if TYPE_CHECKING:
    from chalicelib.providers.secrets import Secrets
    from chalicelib.usecases.check_health import Vital
    from chalicelib.usecases.ports import (
        EventBus,
        Ports,
        TokenVerifier,
        Vault,
    )
    from chalicelib.usecases.ports.roots import AnchorPorts
    from chalicelib.usecases.ports.webhooks import WebhookPorts


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a request or a worker needs. clock: the instant now, aware."""

    ports: Ports
    clock: Callable[[], datetime]
    tokens: TokenVerifier
    settings: Settings


_building = Lock()
_installed: Services | None = None


def services() -> Services:
    """The services of this process, built from the environment when first asked for.

    ValueError when the environment is incomplete, StoreUnavailable when a secret cannot be read.
    """
    global _installed  # noqa: PLW0603  # one composition a process is what this module is for
    if _installed is None:
        with _building:
            if _installed is None:
                _installed = build(Settings.read(os.environ))
    return _installed


def install(replacement: Services | None) -> None:
    """Put other services in place (a moved clock, doubles); None builds anew when next asked."""
    global _installed  # noqa: PLW0603  # as above
    _installed = replacement


def system_clock() -> datetime:
    """The instant now."""
    return datetime.now(UTC)


def build(settings: Settings) -> Services:
    """The real services for these settings. StoreUnavailable when the secret cannot be read."""
    kept = outside.secrets(settings)
    namer = Namer(kept.current().naming_secret)
    return Services(
        ports=_ports(settings, kept, namer),
        clock=system_clock,
        tokens=outside.token_verifier(settings),
        settings=settings,
    )


def _ports(settings: Settings, kept: Secrets, namer: Namer) -> Ports:
    from chalicelib.storage import tables
    from chalicelib.storage.allowances import DynamoAllowances
    from chalicelib.storage.anchors import DynamoAnchors
    from chalicelib.storage.announcements import DynamoAnnouncements
    from chalicelib.storage.api_keys import DynamoApiKeys
    from chalicelib.storage.audiences import DynamoAudiences
    from chalicelib.storage.audit import DynamoAudit
    from chalicelib.storage.behaviours import DynamoBehaviours
    from chalicelib.storage.books import DynamoBooks
    from chalicelib.storage.connections import DynamoConnections
    from chalicelib.storage.duplicates import DynamoDuplicates
    from chalicelib.storage.eraser import DynamoEraser
    from chalicelib.storage.erasures import DynamoErasures
    from chalicelib.storage.exports import DynamoExports
    from chalicelib.storage.imports import DynamoImports
    from chalicelib.storage.interactions import DynamoInteractions
    from chalicelib.storage.ledger import DynamoLedger
    from chalicelib.storage.notices import DynamoNotices
    from chalicelib.storage.offer_measures import DynamoOfferMeasures
    from chalicelib.storage.offers import DynamoOffers
    from chalicelib.storage.payment_methods import DynamoPaymentMethods
    from chalicelib.storage.people import DynamoPeople
    from chalicelib.storage.products import DynamoProducts
    from chalicelib.storage.programs import DynamoPrograms
    from chalicelib.storage.reconciliations import DynamoReconciliations
    from chalicelib.storage.reviews import DynamoReviews
    from chalicelib.storage.rewards import DynamoRewards
    from chalicelib.storage.roll import DynamoRoll
    from chalicelib.storage.segments import DynamoSegments
    from chalicelib.storage.surveys import DynamoSurveys
    from chalicelib.usecases.ports import Ports

    tables.bind(settings)
    sealing = outside.vault(settings)
    programs = DynamoPrograms()
    return Ports(
        ledger=DynamoLedger(),
        behaviours=DynamoBehaviours(),
        books=DynamoBooks(),
        reconciliations=DynamoReconciliations(),
        roots=DynamoAnchors(),
        people=DynamoPeople(sealing, namer),
        roll=DynamoRoll(),
        audiences=DynamoAudiences(),
        programs=programs,
        rewards=DynamoRewards(),
        offers=DynamoOffers(),
        products=DynamoProducts(),
        measures=DynamoOfferMeasures(),
        surveys=DynamoSurveys(),
        segments=DynamoSegments(),
        announcements=DynamoAnnouncements(),
        letter_queue=outside.letter_queue(settings),
        interactions=DynamoInteractions(sealing, DynamoLedger()),
        cards=outside.cards(settings, kept),
        payment_methods=DynamoPaymentMethods(namer),
        keys=DynamoApiKeys(),
        connections=DynamoConnections(sealing),
        refused=outside.refused_queue(settings),
        captcha=outside.captcha(settings, kept),
        messages=outside.messages(settings),
        notices=DynamoNotices(),
        duplicates=DynamoDuplicates(namer),
        reviews=DynamoReviews(),
        allowances=DynamoAllowances(namer, settings.allowance_factor),
        audit=DynamoAudit(token_bytes, sealing),
        imports=DynamoImports(),
        import_files=outside.import_files(settings),
        import_queue=outside.import_queue(settings),
        erasures=DynamoErasures(sealing),
        eraser=DynamoEraser(sealing, namer),
        erase_queue=outside.erase_queue(settings),
        exports=DynamoExports(),
        export_files=outside.export_files(settings),
        export_queue=outside.export_queue(settings),
        snapshots=outside.snapshots(settings),
        snapshot_queue=outside.snapshot_queue(settings),
        queries=outside.audience_queries(settings, lambda: programs.active().attributes),
        webhooks=webhook_ports(settings, sealing),
        public_url=settings.public_url,
        namer=namer,
        entropy=token_bytes,
        patience=outside.patience(),
    )


def vitals(built: Services) -> Sequence[Vital]:
    """Everything that these services need, each to be asked whether it answers."""
    from chalicelib.providers import aws
    from chalicelib.providers.queue_depths import queue_depth
    from chalicelib.storage.vitals import tables_answer
    from chalicelib.usecases.check_health import Vital

    settings = built.settings
    tables = [Vital(f"table {name}", ask) for name, ask in tables_answer(settings).items()]
    queues = [
        Vital(f"queue {field.name.removesuffix('_queue')}", partial(queue_depth, url, aws.sqs))
        for field in fields(settings)
        if field.name.endswith("_queue") and (url := str(getattr(settings, field.name)))
    ]
    sealing = Vital("data keys", lambda: _seal_and_open(outside.vault(settings)))
    snapshot = Vital("snapshot", lambda: f"of {built.ports.queries.as_of().day or 'no day yet'}")
    return [*tables, sealing, *queues, snapshot]


def _seal_and_open(sealing: Vault) -> None:
    nobody, plain = "health", b"well"
    key = sealing.create_key(nobody)
    opened = sealing.open(nobody, key, "health", sealing.seal(nobody, key, "health", plain))
    if opened != plain:
        raise ValueError("what was sealed is not what was opened")


@dataclass(frozen=True, slots=True)
class Anchoring:
    """What makes the roots of the days."""

    ports: AnchorPorts
    clock: Callable[[], datetime]


def anchoring() -> Anchoring:
    """Built apart from the services: it may read no secret and no person. Their clock, where they
    are there, is its clock."""
    if _installed is not None:
        return Anchoring(anchor_ports(_installed.settings), _installed.clock)
    from chalicelib.storage import tables

    settings = Settings.read(os.environ)
    tables.bind(settings)
    return Anchoring(anchor_ports(settings), system_clock)


def anchor_ports(settings: Settings) -> AnchorPorts:
    """The ports of who makes roots, over the bound tables."""
    from chalicelib.providers import aws
    from chalicelib.providers.signer import KmsSigner
    from chalicelib.storage.anchors import DynamoAnchors
    from chalicelib.storage.books import DynamoBooks
    from chalicelib.usecases.ports.roots import AnchorPorts

    signer = KmsSigner(aws.kms, settings.root_key_id)
    return AnchorPorts(DynamoBooks(), DynamoAnchors(), signer, outside.patience())


_publishing: EventBus | None = None


def events_out() -> EventBus:
    """Where the workers publish. Built apart from the services: the relay may read no secret."""
    global _publishing  # noqa: PLW0603  # as above
    if _publishing is None:
        from chalicelib.usecases.tell_webhooks import BusAndWebhooks

        settings = Settings.read(os.environ)
        _publishing = BusAndWebhooks(
            outside.event_bus(settings), lambda: delivering().ports, lambda: delivering().clock()
        )
    return _publishing


def publish_to(replacement: EventBus | None) -> None:
    """Publish to another bus; None builds the real one when next asked."""
    global _publishing  # noqa: PLW0603  # as above
    _publishing = replacement


@dataclass(frozen=True, slots=True)
class Delivering:
    """What tells webhooks of events."""

    ports: WebhookPorts
    clock: Callable[[], datetime]


_delivering: Delivering | None = None


def delivering() -> Delivering:
    """As `anchoring`, apart from the services: what delivers may read no secret and no person."""
    global _delivering  # noqa: PLW0603  # as above
    if _installed is not None:
        return Delivering(_installed.ports.webhooks, _installed.clock)
    if _delivering is None:
        from chalicelib.storage import tables

        settings = Settings.read(os.environ)
        tables.bind(settings)
        _delivering = Delivering(webhook_ports(settings, outside.vault(settings)), system_clock)
    return _delivering


def webhook_ports(settings: Settings, sealing: Vault) -> WebhookPorts:
    """The ports of who tells webhooks, over the bound tables."""
    from chalicelib.providers import aws
    from chalicelib.providers.outgoing import Outgoing
    from chalicelib.providers.webhook_queue import SqsWebhookQueue
    from chalicelib.storage.webhook_deliveries import DynamoDeliveries
    from chalicelib.storage.webhook_events import DynamoKeptEvents
    from chalicelib.storage.webhook_waits import DynamoWaitingParcels
    from chalicelib.storage.webhooks import DynamoWebhooks
    from chalicelib.usecases.ports.webhooks import WebhookPorts

    return WebhookPorts(
        webhooks=DynamoWebhooks(),
        kept=DynamoKeptEvents(),
        waiting=DynamoWaitingParcels(),
        deliveries=DynamoDeliveries(),
        queue=SqsWebhookQueue(settings.webhook_queue, aws.sqs),
        outgoing=Outgoing(loopback=settings.outgoing_loopback == "allowed"),
        vault=sealing,
        entropy=token_bytes,
        patience=outside.patience(),
        noted=observability.note,
    )
