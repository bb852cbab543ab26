"""A sign-up that nobody has verified yet: not a member, so it keeps no address from anybody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.consents import ConsentRecord
from chalicelib.domain.members import Member
from chalicelib.domain.preferences import Preferences

WAITS_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody without an integration asked for.

    member: who it becomes when its address is verified; its codes are kept under that id.
    """

    signup_id: str
    member: Member
    consents: tuple[ConsentRecord, ...]
    preferences: Preferences | None
    good_until: datetime

    @property
    def member_id(self) -> str:
        """The id under which its codes are kept."""
        return self.member.member_id


@dataclass(frozen=True, slots=True)
class Joined:
    """A sign-up after its address was verified: all that is left of it. member_id: whom it led
    to, which is an older member where the address had become somebody's in the meantime."""

    signup_id: str
    member_id: str
    good_until: datetime
