"""What is wrong with a request to join when some of its fields are not even of the right type."""

from collections.abc import Callable, Mapping

from chalicelib.domain import person_fields
from chalicelib.domain.consents import TERMS_REQUIRED
from chalicelib.domain.findings import Findings
from chalicelib.domain.purposes import LOYALTY_TERMS
from chalicelib.domain.refusals import FieldError
from chalicelib.usecases.identify import email, phone
from chalicelib.usecases.read_newcomer import NO_CHANNEL

_READINGS: Mapping[str, Callable[[str], str]] = {
    "email": email,
    "phone": phone,
    "locale": person_fields.locale,
    "external_id": person_fields.external_id,
    "referred_by": person_fields.referrer,
}


def join_rules(raw: Mapping[str, object]) -> list[FieldError]:
    """What is wrong with a request to join beyond the types of its fields."""
    findings = Findings()
    for name, reading in _READINGS.items():
        text = raw.get(name)
        if isinstance(text, str):
            findings.read(f"/{name}", reading, text)
    if raw.get("email") is None and raw.get("phone") is None:
        findings.add([NO_CHANNEL])
    consents = raw.get("consents")
    if isinstance(consents, list) and not any(
        isinstance(said, dict) and said.get("purpose") == LOYALTY_TERMS for said in consents
    ):
        findings.add([TERMS_REQUIRED])
    return findings.errors
