"""The mails and text messages that the local AWS has captured instead of sending.

MiniStack keeps mails sent by SES at `GET /_ministack/ses/messages` (`{"messages": {account:
[...]}}`, with a time) and text messages published by SNS at `GET /_ministack/sns/sms-messages`
(`{"sms_messages": {number: [...]}}`, without one). `stamp` therefore gives each text message its
time on its way out, as a message attribute. Mails are forgotten when MiniStack restarts, text
messages are not where its state is kept. Both carry MiniStack's wall clock, not the service's.

MiniStack drops a mail's own headers. `note_headers` keeps those that this process sends.

SES refuses a sender that is not verified: `client("ses").verify_email_identity(EmailAddress=...)`.
"""

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from chalicelib.domain.instants import printed

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sns import SNSClient

_SENT_AT = "sent_at"
_SENT = "stampbook_sent"

_headers: dict[str, dict[str, str]] = {}
"""Of each mail that a noted client has sent in this process, by SES's id of it."""


def captured(endpoint: str) -> list[dict[str, Any]]:
    """What was sent, newest first: `to`, `subject`, `text`, `html`, `headers`, `channel`, `at`.

    endpoint: of MiniStack. channel: `mail` or `sms`. at: printed, None for a text message that
    was not stamped; those come last. html, and a text message's subject, are None.
    """
    found = [*_mails(endpoint), *_texts(endpoint)]
    found.reverse()  # of what has one and the same time, the later one first
    return sorted(found, key=lambda message: message["at"] or "", reverse=True)


def stamp(client: "SNSClient") -> None:
    """Make a client write the time on each text message that it publishes from now on."""
    client.meta.events.register(
        "before-parameter-build.sns.Publish", _stamped, unique_id="outbox-stamp"
    )


def _stamped(params: dict[str, Any], **_: object) -> None:
    attributes = params.get("MessageAttributes", {})
    now = {"DataType": "String", "StringValue": printed(datetime.now(UTC))}
    params["MessageAttributes"] = attributes | {_SENT_AT: now}


def note_headers(client: "SESClient") -> None:
    """Make a client keep the headers of each mail that it sends from now on, for `captured`."""
    events = client.meta.events
    events.register(
        "before-parameter-build.ses.SendRawEmail", _remember_raw, unique_id="outbox-raw"
    )
    events.register("after-call.ses.SendRawEmail", _note, unique_id="outbox-note")


def _remember_raw(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    context[_SENT] = params["RawMessage"]["Data"]


def _note(parsed: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    if "MessageId" in parsed:
        mail = message_from_bytes(context[_SENT], policy=default)
        _headers[parsed["MessageId"]] = {name: str(value) for name, value in mail.items()}


def _mails(endpoint: str) -> Iterator[dict[str, Any]]:
    for account in _read(f"{endpoint}/_ministack/ses/messages")["messages"].values():
        for mail in account:
            yield {
                "to": ", ".join(mail["To"]),
                "subject": mail["Subject"],
                "text": mail["BodyText"].replace("\r\n", "\n"),
                "html": mail["BodyHtml"] or None,
                "headers": _headers.get(mail["MessageId"], {})
                | {
                    "From": mail["Source"],
                    "To": ", ".join(mail["To"]),
                    "Subject": mail["Subject"],
                    "Message-ID": f"<{mail['MessageId']}>",
                },
                "channel": "mail",
                "at": printed(datetime.fromtimestamp(mail["Timestamp"], UTC)),
            }


def _texts(endpoint: str) -> Iterator[dict[str, Any]]:
    texts = _read(f"{endpoint}/_ministack/sns/sms-messages")["sms_messages"]
    for number, published in texts.items():
        for text in published:
            stamped = text["MessageAttributes"].get(_SENT_AT, {})
            yield {
                "to": number,
                "subject": None,
                "text": text["Message"],
                "html": None,
                "headers": {},
                "channel": "sms",
                "at": stamped.get("StringValue"),
            }


def _read(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        read: dict[str, Any] = json.loads(answer.read())
    return read
