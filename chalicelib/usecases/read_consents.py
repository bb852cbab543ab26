"""What a member has consented to, as it stands and as it came about."""

from dataclasses import dataclass

from chalicelib.domain.consents import Consent, ConsentRecord
from chalicelib.domain.refusals import MemberNotFound
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.read_member import known_member


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Records, newest first. more_before: the number to go on from, None at the end."""

    records: list[ConsentRecord]
    more_before: int | None


def read_consents(ports: Ports, member_id: str) -> list[Consent]:
    """What was said last for each purpose, by its name. Raises MemberNotFound."""
    return in_order(last_record(ports, member_id))


def last_record(ports: Ports, member_id: str) -> ConsentRecord:
    """The newest record, which every member has. Raises MemberNotFound, MemberErased."""
    last = ports.people.last_consent(member_id)
    if last is None:
        known_member(ports, member_id)
        raise MemberNotFound
    return last


def in_order(record: ConsentRecord) -> list[Consent]:
    """The consents that stand after a record, by the name of their purpose."""
    return [record.standing[purpose] for purpose in sorted(record.standing)]


def read_consent_history(
    ports: Ports, member_id: str, before: int | None, limit: int
) -> HistoryPage:
    """A page of the append-only record. Raises MemberNotFound."""
    records = ports.people.consents(member_id, before, limit + 1)
    if not records:
        known_member(ports, member_id)
    page = records[:limit]
    return HistoryPage(page, page[-1].seq if len(records) > limit else None)
