"""What lies outside of the service, made from the settings: one function for each. All are cheap to
make and reach out on first use. Imports stand in functions: each Lambda loads what it uses.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib import observability
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from chalicelib.providers.secrets import Secrets
    from chalicelib.providers.snapshot_files import SnapshotFiles
    from chalicelib.usecases.ports import (
        AudienceQueries,
        Captcha,
        Cards,
        EraseQueue,
        EventBus,
        ExportFiles,
        ExportQueue,
        ImportFiles,
        ImportQueue,
        LetterQueue,
        Messages,
        Patience,
        RefusedQueue,
        SnapshotQueue,
        TokenVerifier,
        Vault,
    )


def patience() -> Patience:
    """Waiting by this machine's clock; how often is told in the log."""
    from chalicelib.usecases.ports import Patience

    return Patience(
        monotonic=time.monotonic,
        pause=time.sleep,
        jitter=random.random,
        repeated=lambda: observability.note("retries"),
    )


def secrets(settings: Settings) -> Secrets:
    """The service's own secrets, read when first asked for."""
    from chalicelib.providers import aws
    from chalicelib.providers.secrets import Secrets

    return Secrets(settings.secret_id, aws.secretsmanager)


def token_verifier(settings: Settings) -> TokenVerifier:
    """Whose tokens are believed."""
    from chalicelib.providers.jwks import KeySet
    from chalicelib.providers.oidc import OidcVerifier

    keys = KeySet(settings.oidc_jwks_url)
    return OidcVerifier(settings.oidc_issuer, settings.oidc_audience, keys)


def vault(settings: Settings) -> Vault:
    """What seals personal fields. One a process: it remembers keys, and must forget them."""
    from chalicelib.providers import aws
    from chalicelib.providers.vault import KmsVault

    return KmsVault(aws.kms, settings.kms_key_id)


def captcha(settings: Settings, secrets: Secrets) -> Captcha:
    """Who tells people from programs."""
    from chalicelib.providers.captcha import Turnstile
    from chalicelib.providers.secrets import given

    return Turnstile(
        settings.turnstile_url,
        lambda: given(secrets.current().turnstile_secret, "turnstile_secret"),
    )


def cards(settings: Settings, secrets: Secrets) -> Cards:
    """Who holds payment cards. Loads Stripe's library on first use alone."""
    from chalicelib.providers.secrets import given
    from chalicelib.providers.stripe_cards import StripeCards

    return StripeCards(
        settings.stripe_api_base,
        lambda: given(secrets.current().stripe_api_key, "stripe_api_key"),
        lambda: given(secrets.current().stripe_webhook_secrets, "stripe_webhook_secret"),
    )


def messages(settings: Settings) -> Messages:
    """Who delivers mails and text messages."""
    from chalicelib.providers import aws
    from chalicelib.providers.messages import AwsMessages

    return AwsMessages(settings.mail_from, aws.ses, aws.sns, settings.mail_configuration)


def import_files(settings: Settings) -> ImportFiles:
    """Where files of imports and their reports lie."""
    from chalicelib.providers import aws
    from chalicelib.providers.import_files import S3ImportFiles

    return S3ImportFiles(settings.import_bucket, aws.s3)


def erase_queue(settings: Settings) -> EraseQueue:
    """Who begins or goes on with erasures."""
    from chalicelib.providers import aws
    from chalicelib.providers.erase_queue import SqsEraseQueue

    return SqsEraseQueue(settings.erase_queue, aws.sqs)


def import_queue(settings: Settings) -> ImportQueue:
    """Who goes on with imports."""
    from chalicelib.providers import aws
    from chalicelib.providers.import_queue import SqsImportQueue

    return SqsImportQueue(settings.import_queue, aws.sqs)


def refused_queue(settings: Settings) -> RefusedQueue:
    """Whom to tell of purchases that came in and were refused."""
    from chalicelib.providers import aws
    from chalicelib.providers.refused_queue import SqsRefusedQueue

    return SqsRefusedQueue(settings.refused_queue, aws.sqs)


def export_files(settings: Settings) -> ExportFiles:
    """Where members' exports lie."""
    from chalicelib.providers import aws
    from chalicelib.providers.export_files import S3ExportFiles

    return S3ExportFiles(settings.export_bucket, aws.s3)


def letter_queue(settings: Settings) -> LetterQueue:
    """Who goes through audiences and writes letters."""
    from chalicelib.providers import aws
    from chalicelib.providers.letter_queue import SqsLetterQueue

    return SqsLetterQueue(settings.letter_queue, aws.sqs)


def export_queue(settings: Settings) -> ExportQueue:
    """Who makes members' exports."""
    from chalicelib.providers import aws
    from chalicelib.providers.export_queue import SqsExportQueue

    return SqsExportQueue(settings.export_queue, aws.sqs)


def snapshots(settings: Settings) -> SnapshotFiles:
    """Where the snapshot of all members lies."""
    from chalicelib.providers import aws
    from chalicelib.providers.snapshot_files import SnapshotFiles
    from chalicelib.providers.snapshot_objects import S3Objects

    folder = Path(settings.snapshot_folder) if settings.snapshot_folder else None
    return SnapshotFiles(S3Objects(settings.snapshot_bucket, aws.s3, folder))


def snapshot_queue(settings: Settings) -> SnapshotQueue:
    """Who brings what happened into it."""
    from chalicelib.providers import aws
    from chalicelib.providers.snapshot_queue import SqsSnapshotQueue

    return SqsSnapshotQueue(settings.snapshot_queue, aws.sqs)


def audience_queries(
    settings: Settings, attributes: Callable[[], Sequence[str]]
) -> AudienceQueries:
    """Who asks it. attributes: those that the program declares by now."""
    if settings.snapshot_folder:
        from chalicelib.providers.duckdb_engine import DuckDbEngine

        return DuckDbEngine(snapshots(settings), attributes)
    from chalicelib.providers import aws
    from chalicelib.providers.athena_engine import AthenaEngine, AthenaPlace

    place = AthenaPlace(
        settings.snapshot_bucket, settings.snapshot_database, settings.snapshot_workgroup
    )
    return AthenaEngine(aws.athena, snapshots(settings), place, attributes, patience())


def event_bus(settings: Settings) -> EventBus:
    """Where events are published; for workers."""
    from chalicelib.providers import aws
    from chalicelib.providers.event_bus import EventBridgeBus

    return EventBridgeBus(settings.event_bus, aws.events)
