"""Who a member is, as a till may know it: found by anything that leads to it."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.allowances import LOOK_UPS
from chalicelib.domain.callers import Caller
from chalicelib.domain.identifiers import Identifier, masked_card_number
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_account import TierView, read_account
from chalicelib.usecases.resolve_member import led_to
from chalicelib.usecases.take_allowance import take_allowance


@dataclass(frozen=True, slots=True)
class FoundMember:
    """card_number: masked but for the last four digits. tier: None where there are no tiers."""

    member_id: str
    given_name: str | None
    card_number: str
    tier: TierView | None


def find_member(ports: Ports, caller: Caller, identifier: Identifier, now: datetime) -> FoundMember:
    """Look a member up.

    Raises MemberNotFound, MemberErased, TooManyRequests beyond ten a second.
    """
    take_allowance(ports, LOOK_UPS, caller.subject, now)
    member = ports.people.member(led_to(ports, identifier))
    if member is None:
        raise MemberNotFound
    return FoundMember(
        member_id=member.member_id,
        given_name=member.person.name.given,
        card_number=masked_card_number(member.card_number),
        tier=read_account(ports, member.member_id, now).tier,
    )
