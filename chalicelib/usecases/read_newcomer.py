"""A request to become a member, read and checked, whoever passes it on."""

from dataclasses import asdict, dataclass
from datetime import datetime

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.consents import Statement, joining_errors
from chalicelib.domain.findings import Findings
from chalicelib.domain.fingerprints import fingerprint
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.instants import local_date
from chalicelib.domain.members import Member, Person
from chalicelib.domain.preferences import Preferences, PreferencesDraft, preferences
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import FieldError
from chalicelib.usecases.read_person import PersonDraft, read_person

NO_CHANNEL = FieldError("/email", "missing", "Write an e-mail address or a phone.")


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """What somebody says who wants to become a member."""

    person: PersonDraft
    consents: tuple[Statement, ...]
    preferences: PreferencesDraft | None = None

    def fingerprint(self) -> dict[str, str]:
        """What was said, field by field, as digests."""
        fields = asdict(self)
        return fingerprint(fields.pop("person") | fields)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A request to join as it is kept."""

    person: Person
    statements: tuple[Statement, ...]
    preferences: Preferences | None

    @property
    def first_channel(self) -> tuple[Channel, str]:
        """Where the first code goes: by mail where there is an address for it."""
        if self.person.email is not None:
            return Channel.EMAIL, self.person.email
        assert self.person.phone is not None  # noqa: S101  # a newcomer has one of them
        return Channel.PHONE, self.person.phone


@dataclass(frozen=True, slots=True)
class Joining:
    """A member as whoever enrolled or verified it is told."""

    member_id: str
    card_number: str
    status: AccountStatus


def joining(member: Member) -> Joining:
    """The same of a member as it is."""
    return Joining(member.member_id, member.card_number, member.status)


def read_newcomer(
    request: JoinRequest, program: Program, now: datetime, also_wrong: list[FieldError]
) -> Newcomer:
    """A request to join, read. Raises InvalidContent with everything that is wrong.

    also_wrong: what the caller has found itself.
    """
    findings = Findings()
    person = read_person(request.person, program, local_date(now, program.zone), findings)
    if request.person.email is None and request.person.phone is None:
        findings.add([NO_CHANNEL])
    findings.add(joining_errors(request.consents, program.asks_for))
    draft = request.preferences
    wanted = preferences(draft, findings, "/preferences") if draft is not None else None
    findings.add(also_wrong)
    findings.settle()
    return Newcomer(person, request.consents, wanted)
