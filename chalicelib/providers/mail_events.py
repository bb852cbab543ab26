"""Reads what SES tells of mails that came back or were complained of, as EventBridge passes it on.

Knows SES's shape and nothing of members. What it raises never repeats an address.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.domain.instants import parsed
from chalicelib.domain.mail_events import MailEvent, MailTrouble

_FOR_GOOD = "Permanent"
"""The type of a bounce that another try does not mend; mailboxes that are full are not of it."""


def mail_events(text: str) -> tuple[MailEvent, ...]:
    """What one event says, an address each; nothing for a bounce that may be over tomorrow, and for
    events of other kinds. ValueError for what SES never wrote."""
    try:
        detail = json.loads(text)["detail"]
        return tuple(_events(detail, parsed(detail["mail"]["timestamp"])))
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    raise ValueError("not an event of SES")  # outside of the handler, which holds the event


def _events(detail: dict[str, Any], sent_at: datetime) -> Iterator[MailEvent]:
    match detail["eventType"]:
        case "Bounce" if detail["bounce"]["bounceType"] == _FOR_GOOD:
            trouble, recipients = MailTrouble.BOUNCED, detail["bounce"]["bouncedRecipients"]
        case "Complaint":
            trouble = MailTrouble.COMPLAINED
            recipients = detail["complaint"]["complainedRecipients"]
        case _:
            return
    for recipient in recipients:
        address = str(recipient["emailAddress"])
        yield MailEvent(trouble, address.rpartition("<")[2].rstrip(">").strip(), sent_at)
