"""Mails and text messages: what is handed over, and what the local outbox shows of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.session import get_session

from chalicelib.providers import aws
from chalicelib.providers.messages import AwsMessages
from chalicelib.usecases.ports import Message, Messages, NotTaken, StoreUnavailable
from infrastructure.local import outbox
from infrastructure.local.ministack import free_port
from infrastructure.local.resources import MAIL_FROM, Stack
from tests.fakes.outside import FakeMessages

MAIL = Message("mail", "ana@example.com", "Váš kód: 123456", "Zwölf Grüße,\n\nKód 123456 ☕\n")
ONE_TRY: dict[str, Any] = {"retries": {"total_max_attempts": 1, "mode": "standard"}}


@pytest.fixture
def messages(stack: Stack) -> Messages:
    outbox.stamp(aws.sns())
    outbox.note_headers(aws.ses())
    assert stack.names
    return AwsMessages(MAIL_FROM, aws.ses, aws.sns)


def test_a_mail_arrives_as_it_was_written(messages: Messages, endpoint: str) -> None:
    messages.send(MAIL)
    newest = outbox.captured(endpoint)[0]
    assert (newest["channel"], newest["to"]) == ("mail", "ana@example.com")
    assert (newest["subject"], newest["text"], newest["html"]) == (MAIL.subject, MAIL.text, None)
    assert newest["headers"]["From"] == MAIL_FROM


def test_a_mail_with_headers_of_its_own_arrives_with_them_and_as_it_was_written(
    messages: Messages, endpoint: str
) -> None:
    link = "<https://api.stampbook.test/v1/unsubscribe/" + "a1_-" * 30 + ">"
    headers = {"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    messages.send(replace(MAIL, to="ana@bücher.example", headers=headers))
    newest = outbox.captured(endpoint)[0]
    assert (newest["channel"], newest["to"]) == ("mail", "ana@xn--bcher-kva.example")
    assert (newest["subject"], newest["text"], newest["html"]) == (MAIL.subject, MAIL.text, None)
    shown = newest["headers"]
    assert {name: shown[name] for name in headers} == headers
    assert shown["From"] == MAIL_FROM


def test_a_long_header_goes_over_the_wire_in_one_piece_that_every_mail_program_reads() -> None:
    link = "<https://api.stampbook.test/v1/unsubscribe/" + "a1_-" * 30 + ">"
    ses = _Taking()
    sender = AwsMessages(MAIL_FROM, lambda: cast(Any, ses), aws.sns)
    sender.send(replace(MAIL, headers={"List-Unsubscribe": link}))
    assert f"List-Unsubscribe: {link}\r\n".encode() in ses.raw
    assert all(len(line) <= 78 for line in ses.raw.replace(link.encode(), b"").split(b"\r\n"))


def test_every_mail_is_sent_so_that_ses_tells_when_it_comes_back() -> None:
    ses = _Noting()
    sender = AwsMessages(MAIL_FROM, lambda: cast(Any, ses), aws.sns, "stampbook-trouble")
    sender.send(MAIL)
    sender.send(replace(MAIL, headers={"List-Unsubscribe": "<https://api.stampbook.test/>"}))
    assert [sent["ConfigurationSetName"] for sent in ses.sent] == ["stampbook-trouble"] * 2
    AwsMessages(MAIL_FROM, lambda: cast(Any, ses), aws.sns).send(MAIL)
    assert "ConfigurationSetName" not in ses.sent[-1]


class _Noting:
    """An SES client that keeps what it was asked for."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_email(self, **sent: Any) -> None:
        self.sent.append(sent)

    def send_raw_email(self, **sent: Any) -> None:
        self.sent.append(sent)


class _Taking:
    """An SES client that keeps the last mail as it was written out."""

    raw = b""

    def send_raw_email(self, **sent: Any) -> None:
        self.raw = sent["RawMessage"]["Data"]


def test_a_text_message_arrives_as_it_was_written(messages: Messages, endpoint: str) -> None:
    messages.send(Message("sms", "+420601234567", "", "Kód 654321 ☕"))
    newest = outbox.captured(endpoint)[0]
    assert (newest["channel"], newest["to"]) == ("sms", "+420601234567")
    assert newest["text"] == "Kód 654321 ☕"
    assert newest["at"].endswith("Z")


def test_the_newest_message_of_both_channels_comes_first(messages: Messages, endpoint: str) -> None:
    sent = ["first", "second", "third", "fourth"]
    for number, text in enumerate(sent):
        to = ("mail", "ben@example.com") if number % 2 else ("sms", "+420601234568")
        messages.send(Message(*to, subject="", text=text))
    assert [message["text"] for message in outbox.captured(endpoint)[:4]] == sent[::-1]


def test_a_domain_of_another_script_is_written_in_ascii(messages: Messages, endpoint: str) -> None:
    messages.send(Message("mail", "ana@bücher.example", "x", "y"))
    assert outbox.captured(endpoint)[0]["to"] == "ana@xn--bcher-kva.example"


@pytest.mark.parametrize("address", ["josé@example.com", "no-at-sign", "ana@", "jos\u00e9"])
def test_a_mail_that_can_never_arrive_bounces_silently(
    messages: Messages, endpoint: str, address: str
) -> None:
    before = len(outbox.captured(endpoint))
    messages.send(Message("mail", address, "x", "y"))
    assert len(outbox.captured(endpoint)) == before


def test_a_bounce_names_nobody(messages: Messages, caplog: pytest.LogCaptureFixture) -> None:
    messages.send(Message("mail", "no-at-sign", "subject", "123456"))
    assert "bounced" in caplog.text
    assert "no-at-sign" not in caplog.text
    assert "123456" not in caplog.text


def test_a_message_of_a_sender_that_may_not_send_is_not_taken(stack: Stack) -> None:
    assert stack.names
    with pytest.raises(NotTaken, match="MessageRejected"):
        AwsMessages("nobody@elsewhere.example", aws.ses, aws.sns).send(MAIL)


@pytest.mark.parametrize("kind", ["aws", "fake"])
def test_an_unknown_channel_is_a_mistake_of_ours(messages: Messages, kind: str) -> None:
    sender = messages if kind == "aws" else FakeMessages()
    with pytest.raises(ValueError, match="pigeon"):
        sender.send(Message("pigeon", "ana", "x", "y"))


def test_a_provider_that_is_not_there_has_taken_nothing(stack: Stack) -> None:
    assert stack.names
    nowhere: Any = get_session().create_client(
        "ses", endpoint_url=f"http://127.0.0.1:{free_port()}", config=Config(**ONE_TRY)
    )
    with pytest.raises(NotTaken, match="EndpointConnectionError"):
        AwsMessages(MAIL_FROM, lambda: nowhere, aws.sns).send(MAIL)


def test_whether_a_provider_that_breaks_off_has_taken_it_is_unknown(stack: Stack) -> None:
    assert stack.names
    ses: Any = get_session().create_client("ses", config=Config(**ONE_TRY))
    failing = AWSResponse("http://ses", 500, HTTPHeaders(), _Broken())
    ses.meta.events.register("before-send.ses", lambda **_: failing)
    with pytest.raises(StoreUnavailable) as raised:
        AwsMessages(MAIL_FROM, lambda: ses, aws.sns).send(MAIL)
    assert not isinstance(raised.value, NotTaken)


class _Broken:
    """The body of an internal error."""

    def stream(self) -> Iterator[bytes]:
        yield b"<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>"
