"""What a request says of a person, read into what is kept; everything wrong with it at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from chalicelib.domain import person_fields
from chalicelib.domain.findings import Findings
from chalicelib.domain.members import AttributeValue, Name, Person, PostalAddress
from chalicelib.domain.program import Program
from chalicelib.usecases.identify import phone
from chalicelib.usecases.mailboxes import lasting_email
from chalicelib.usecases.postal_formats import postal_address


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """A person as somebody wrote it down; None: not said."""

    email: str | None = None
    phone: str | None = None
    name: Name | None = None
    birth_date: str | None = None
    postal_address: PostalAddress | None = None
    locale: str | None = None
    external_id: str | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    referred_by: str | None = None


def read_person(draft: PersonDraft, program: Program, today: date, findings: Findings) -> Person:
    """The person as it is kept; what is wrong is noted, and missing in the answer.

    today: in the program's zone.
    """
    name, address = draft.name, draft.postal_address
    return Person(
        email=_read(findings, "/email", draft.email, lasting_email),
        phone=_read(findings, "/phone", draft.phone, phone),
        name=person_fields.name(name, findings, "/name") if name else Name(),
        birth_date=(
            findings.read("/birth_date", person_fields.birth_date, draft.birth_date, today)
            if draft.birth_date is not None
            else None
        ),
        postal_address=(postal_address(address, findings, "/postal_address") if address else None),
        locale=_read(findings, "/locale", draft.locale, person_fields.locale),
        external_id=_read(findings, "/external_id", draft.external_id, person_fields.external_id),
        attributes=person_fields.attributes(
            draft.attributes, program.attributes, findings, "/attributes"
        ),
        referred_by=_read(findings, "/referred_by", draft.referred_by, person_fields.referrer),
    )


def _read(
    findings: Findings, pointer: str, text: str | None, reading: Callable[[str], str]
) -> str | None:
    return None if text is None else findings.read(pointer, reading, text)
