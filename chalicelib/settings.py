"""The environment, read once and checked as a whole. Nobody else reads `os.environ`."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is an environment variable of the same name in capitals.

    secret_id: the Secrets Manager secret, a JSON object with `naming_secret` (64 hex digits or
      more, for ever), `stripe_api_key`, `stripe_webhook_secret`, `turnstile_secret`.
    kms_key_id: wraps the members' data keys. root_key_id: signs the roots of the days.
    mail_from: the sender of every mail. mail_configuration: SES's configuration set for them, which
      tells of those that come back; none locally.
    public_url: where the API is reached from outside, for links in mails; no slash at its end.
    oidc_issuer, oidc_audience, oidc_jwks_url: whose tokens are believed, and for whom.
    import_bucket, import_queue: where files of imports lie, and the address of the queue that
      their workers are fed by. export_bucket, export_queue: the same of members' exports.
    erase_queue: the address of the queue that the worker is fed by that erases members.
    letter_queue: of the one that announces offers. refused_queue: of the one that tells of what
      came in by a platform or a queue and was refused.
    snapshot_bucket, snapshot_queue: where the snapshot of all members lies, and the address of the
      queue that its worker is fed by. snapshot_database, snapshot_workgroup:
      through which Athena asks it. snapshot_folder: where it is asked by an engine in this process
      instead, which keeps what it reads there.
    webhook_queue: of the one that delivers to webhooks. outgoing_loopback: `allowed` where webhooks
      may be on this very machine, over http: locally, and never where others choose addresses.
    stripe_api_base, turnstile_url: the providers' addresses (doubles when run locally).
    allowance_factor: how many times the usual request allowances apply (30 locally).
    """

    stage: str
    ledger_table: str
    people_table: str
    keys_table: str
    config_table: str
    audit_table: str
    anchors_table: str
    event_bus: str
    import_bucket: str
    import_queue: str
    export_bucket: str
    export_queue: str
    erase_queue: str
    letter_queue: str
    refused_queue: str
    snapshot_bucket: str
    snapshot_queue: str
    webhook_queue: str
    secret_id: str
    kms_key_id: str
    root_key_id: str
    mail_from: str
    public_url: str
    oidc_issuer: str
    oidc_audience: str
    oidc_jwks_url: str
    mail_configuration: str = ""
    snapshot_database: str = ""
    snapshot_workgroup: str = ""
    snapshot_folder: str = ""
    stripe_api_base: str = "https://api.stripe.com"
    turnstile_url: str = "https://challenges.cloudflare.com/turnstile/v0/siteverify"
    outgoing_loopback: str = ""
    allowance_factor: int = 1

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Settings from an environment; ValueError that names everything missing or malformed."""
        values: dict[str, str | int] = {}
        wrong: list[str] = []
        for field in fields(cls):
            name = field.name.upper()
            text = environment.get(name, "")
            if field.type in (int, "int") and text:
                if _NUMBER.fullmatch(text):
                    values[field.name] = int(text)
                else:
                    wrong.append(f"{name} must be a positive whole number, not {text!r}")
            elif text:
                values[field.name] = text
            elif field.name in _REQUIRED:
                wrong.append(f"{name} is not set")
        if wrong:
            raise ValueError("the environment is incomplete: " + "; ".join(wrong))
        return cls(**values)  # type: ignore[arg-type]  # each value was read by its field's type


_REQUIRED = frozenset(field.name for field in fields(Settings) if field.default is MISSING)
