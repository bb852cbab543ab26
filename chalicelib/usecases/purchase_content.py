"""What a purchase is compared by, to tell a repeat of it from another one under its id."""

from dataclasses import fields

from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.fingerprints import fingerprint
from chalicelib.domain.instants import printed
from chalicelib.domain.purchases import Purchase


def content_of(purchase: Purchase, member_id: str | None) -> dict[str, str]:
    """By field a digest of what was posted, and for whom; None for nobody."""
    content = _fields_of(purchase) | {
        "occurred_at": printed(purchase.occurred_at),
        "lines": [_fields_of(line) for line in purchase.lines],
        "tenders": [_said(tender) for tender in purchase.tenders] or None,
        "member": member_id,
    }
    del content["purchase_id"]
    return fingerprint(content)


def _said(tender: Tender) -> dict[str, object]:
    """A tender as it is compared: one that names no redemption says nothing of it."""
    return {name: value for name, value in _fields_of(tender).items() if value is not None}


def _fields_of(record: Purchase | Line | Tender) -> dict[str, object]:
    """A record by the names of its fields, as it is: a copy of all that is in it takes long."""
    return {field.name: getattr(record, field.name) for field in fields(record)}
