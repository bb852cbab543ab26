"""Whether a member gets a letter about its points now, and which: it belongs to what the member
joined for, and goes through the one door of all letters."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.letters import Letter
from chalicelib.domain.notice_letters import expiring_letter
from chalicelib.domain.notices import Notice
from chalicelib.domain.preferences import MessageChannel
from chalicelib.usecases.contact import SERVICE, Address, Withheld, may_write
from chalicelib.usecases.current import Current
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter, and where it may go."""

    address: Address
    letter: Letter


def write_notice(ports: Ports, at: Current, notices: Sequence[Notice]) -> Addressed | Withheld:
    """The letter about these notices, counted among the member's messages of the week, or why there
    is none. Raises StoreUnavailable, StoreNewer."""
    address = may_write(ports, at.account_id, SERVICE, MessageChannel.MAIL, at.now)
    if isinstance(address, Withheld):
        return address
    return Addressed(address, expiring_letter(at.program.name, address.language, notices))
