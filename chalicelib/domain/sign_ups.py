"""A sign-up that nobody has verified yet: not a member, so it keeps no address from anybody."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.consents import ConsentRecord
from chalicelib.domain.members import Member
from chalicelib.domain.preferences import Preferences

WAITS_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody without an integration asked for.

    member: who it becomes when its address is verified. became: the member it led to, which is
    another one where the address had become somebody's; None while it waits.
    """

    signup_id: str
    member: Member
    consents: tuple[ConsentRecord, ...]
    preferences: Preferences | None
    started_at: datetime
    became: str | None = None

    @property
    def good_until(self) -> datetime:
        """The instant from which it leads to nothing any more."""
        return self.started_at + WAITS_FOR

    @property
    def subject_id(self) -> str:
        """The member id under which its codes are kept."""
        return self.became or self.member.member_id


def led_to(sign_up: SignUp, member_id: str) -> SignUp:
    """The sign-up after its address was verified."""
    return replace(sign_up, became=member_id)
