"""Hands mails to SES and text messages to SNS. Must not know what they say or to whom they belong.

No address, number or text is logged.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from chalicelib.providers.aws import code_of, outages
from chalicelib.usecases.ports import Message, NotTaken

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sns import SNSClient

_log = logging.getLogger(__name__)

# What SES and SNS say of an address or number that cannot be: a bounce, only at once. Everything
# else that they refuse (an unverified sender, a paused account) is ours to repair.
_BOUNCES = frozenset({"InvalidParameterValue", "InvalidParameter", "InvalidParameterException"})


_OUTAGES = 500
"""The HTTP status from which on an answer does not say whether a message was taken."""


class AwsMessages:
    """Messages by SES (mail) and SNS (sms)."""

    def __init__(
        self,
        mail_from: str,
        ses: Callable[[], "SESClient"],
        sns: Callable[[], "SNSClient"],
        mail_configuration: str = "",
    ) -> None:
        """mail_configuration: SES's configuration set that tells of mails that come back."""
        self._mail_from = mail_from
        self._told: dict[str, Any] = {}
        if mail_configuration:
            self._told = {"ConfigurationSetName": mail_configuration}
        self._ses = ses
        self._sns = sns

    def send(self, message: Message) -> None:
        """Hand a message over. One that can never arrive is dropped, like one that bounces later.

        Raises NotTaken when the provider says no or is not there, StoreUnavailable when it is
        unknown whether it took it, ValueError for a channel that is neither `mail` nor `sms`.
        """
        ways = {"mail": self._mail, "sms": self._text}
        if message.channel not in ways:
            raise ValueError(f"no way to send by {message.channel!r}")
        name = f"messages by {message.channel}"
        with outages(name):
            try:
                ways[message.channel](message)
            except ClientError as error:
                if code_of(error) in _BOUNCES:
                    _log.warning("a message by %s bounced: %s", message.channel, code_of(error))
                elif error.response["ResponseMetadata"]["HTTPStatusCode"] < _OUTAGES:
                    raise NotTaken(f"{name}: {code_of(error)}") from error
                else:
                    raise
            except (ConnectTimeoutError, EndpointConnectionError) as error:
                raise NotTaken(f"{name}: {type(error).__name__}") from error

    def _mail(self, message: Message) -> None:
        to = _in_ascii(message.to)
        if to is None:
            _log.warning("a message by mail bounced: SES knows ASCII mailboxes only")
        elif message.headers:
            self._ses().send_raw_email(
                Source=self._mail_from,
                Destinations=[to],
                RawMessage={"Data": _written_out(self._mail_from, to, message)},
                **self._told,
            )
        else:
            self._plain_mail(to, message)

    def _plain_mail(self, to: str, message: Message) -> None:
        self._ses().send_email(
            Source=self._mail_from,
            Destination={"ToAddresses": [to]},
            Message={
                "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": message.text, "Charset": "UTF-8"}},
            },
            **self._told,
        )

    def _text(self, message: Message) -> None:
        self._sns().publish(
            PhoneNumber=message.to,
            Message=message.text,
            MessageAttributes={
                "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}
            },
        )


def _written_out(mail_from: str, to: str, message: Message) -> bytes:
    """A mail with headers of its own as it goes over the wire: SES writes out only those that it
    knows itself."""
    from email.message import EmailMessage  # lazily: most processes send none
    from email.policy import SMTP

    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = mail_from, to, message.subject
    mail.set_content(message.text)
    # Written by hand: EmailMessage would fold a long address into encoded words that no mail
    # program reads as one.
    own = "".join(f"{name}: {value}\r\n" for name, value in message.headers.items())
    return own.encode("ascii") + mail.as_bytes()


def _in_ascii(address: str) -> str | None:
    """The address with its domain in IDNA's letters, None when its mailbox is not ASCII."""
    if address.isascii():
        return address
    from email_validator import EmailNotValidError, validate_email  # lazily: few need it

    try:
        return validate_email(address, check_deliverability=False).ascii_email
    except EmailNotValidError:
        return None
