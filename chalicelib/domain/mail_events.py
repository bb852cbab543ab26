"""What mail providers tell of mails afterwards. Values alone; an address in it is never logged."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MailTrouble(StrEnum):
    """BOUNCED: it came back, and will come back every time. COMPLAINED: whoever got it called it
    unwanted."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class MailEvent:
    """Trouble with a mail to one address. sent_at: when that mail was sent."""

    trouble: MailTrouble
    address: str
    sent_at: datetime
