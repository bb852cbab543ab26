"""Reads for an export what a member said of itself, what it was told, and who looked at it."""

from collections.abc import Iterator
from datetime import date

from chalicelib.domain.behaviour import Behaviour, Figures
from chalicelib.usecases.export_reading import Reading, Rows, plain
from chalicelib.usecases.ports import AuditSearch
from chalicelib.usecases.read_letters import read_letters
from chalicelib.usecases.read_member import known_member

_PAGE = 100


def profile(reading: Reading) -> Iterator[Rows]:
    """The profile, whole."""
    member = known_member(reading.ports, reading.member_id)
    person = plain(member.person)
    yield plain(member, "enrolled_as", "person", "version") | person


def preferences(reading: Reading) -> Iterator[Rows]:
    """The preferences as they stand."""
    yield plain(reading.ports.people.preferences(reading.member_id).preferences)


def consents(reading: Reading) -> Iterator[Rows]:
    """All that was ever said, newest first."""
    before: int | None = None
    while page := reading.ports.people.consents(reading.member_id, before, _PAGE):
        for record in page:
            yield {"number": record.seq, **plain(record.said)}
        before = page[-1].seq


def traits(reading: Reading) -> Iterator[Rows]:
    """What offers may know."""
    found = reading.ports.behaviours.kept(reading.member_id)
    if found is not None:
        bought = behaviour_row(found.behaviour) if found.behaviour is not None else None
        yield {"account_id": reading.member_id, **plain(found.traits), "behaviour": bought}


def behaviour_row(behaviour: Behaviour) -> Rows:
    """What is counted of a member's purchases, with its days as dates."""
    return {
        "seq": behaviour.seq,
        "days": _figures(behaviour.days),
        "weeks": _figures(behaviour.weeks),
        "visits": [_day(day) for day in behaviour.visits],
        "categories": dict(behaviour.categories),
        "stores": dict(behaviour.stores),
        "skus": list(behaviour.skus),
    }


def _figures(rows: tuple[Figures, ...]) -> list[Rows]:
    return [
        {"day": _day(day), "purchases": purchases, "spend_minor": spend}
        for day, purchases, spend in rows
    ]


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def cards(reading: Reading) -> Iterator[Rows]:
    """Every card that is or was on file, and the member's number at Stripe."""
    wallet = reading.ports.payment_methods.wallet(reading.member_id)
    if wallet.customer_id is not None:
        yield {"kind": "customer", "customer_id": wallet.customer_id}
    for reference in wallet.references:
        yield {"kind": "card", **plain(reference, "fingerprint_name")}
    for payment_method_id in sorted(wallet.removed):
        yield {"kind": "removed", "payment_method_id": payment_method_id}


def messages(reading: Reading) -> Iterator[Rows]:
    """What the member, and the shop's systems, were told of points that expire."""
    told = reading.ports.notices.told(reading.member_id)
    for to, stages in (("shop_systems", told.events), ("member", told.letters)):
        for day, stage in sorted(stages.items()):
            yield {"to": to, "last_day": day.isoformat(), "days_before": stage}


def announcements(reading: Reading) -> Iterator[Rows]:
    """The offers that the member was told of by a letter, and its subject; or why it was not."""
    for letter in read_letters(reading.ports, reading.member_id, None):
        yield {**plain(letter.sending, "version", "by"), "subject": letter.subject}


def freshness(reading: Reading) -> Iterator[Rows]:
    """When the member was heard of and asked last, and what comes back from its addresses."""
    yield plain(reading.ports.roll.fresh(reading.member_id), "version", "by")


def accesses(reading: Reading) -> Iterator[Rows]:
    """Who of staff, or which till, looked at the member or changed it; by role, not by name."""
    search, before = AuditSearch(member_id=reading.member_id), None
    while True:
        page = reading.ports.audit.find(search, before, _PAGE)
        yield from (plain(record, "position", "who") for record in page.records)
        if page.more_before is None:
            return
        before = page.more_before


def exports(reading: Reading) -> Iterator[Rows]:
    """The copies that were asked for; this one is still being prepared in it."""
    for export in reading.ports.exports.of_member(reading.member_id):
        yield plain(export, "by")
