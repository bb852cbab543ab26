"""Nothing that a person says of itself lies in clear in any table."""

from secrets import token_hex
from typing import Any

from chalicelib.storage.tables import AuditItem, ConfigItem, KeysItem, LedgerItem, PeopleItem
from tests.api.club import TERMS, Club

TABLES = (LedgerItem, PeopleItem, KeysItem, ConfigItem, AuditItem)


def _canary() -> str:
    return f"canary{token_hex(8)}"


def _texts(value: Any) -> list[bytes]:
    """Every text and every byte string of a raw item, keys of maps included."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, bytes) else [str(value).encode()]


def _stored() -> list[bytes]:
    """All texts of all tables."""
    client = PeopleItem._get_connection().connection.client
    texts: list[bytes] = []
    for model in TABLES:
        for page in client.get_paginator("scan").paginate(TableName=model.Meta.table_name):
            texts += _texts(page["Items"])
    return texts


def test_no_word_of_a_person_is_stored_in_clear(club: Club) -> None:
    secret = {name: _canary() for name in ("given", "family", "street", "code", "city", "drink")}
    email, phone = f"{_canary()}@example.com", club.phone()
    external_id, new_email, waiting = _canary(), f"{_canary()}@example.com", club.phone()
    referrer = club.member()["card_number"]
    person = {
        "name": {"given": secret["given"], "family": secret["family"]},
        "birth_date": "1987-06-05",
        "postal_address": {
            "street": secret["street"],
            "city": secret["city"],
            "postal_code": secret["code"][:12],
            "country": "AO",  # where any code will do
        },
        "locale": "gsw-LI",
        "attributes": {"favourite_drink": secret["drink"]},
        "referred_by": referrer,
        "consents": [TERMS],
    }
    member = club.member(email=email, phone=phone, external_id=external_id, **person)
    member_id = member["member_id"]
    club.patch(member_id, {"email": new_email, "phone": waiting})
    club.verify(club.code(new_email), member_id=member_id)
    own = club.own(member_id)
    wishes = {"language": "gsw-LI", "quiet_hours": {"from": "03:33", "until": "04:44"}}
    put = club.client.put(
        "/v1/members/me/preferences", wishes, bearer=own, headers={"If-Match": '"0"'}
    )
    assert put.status == 200
    asleep = f"{_canary()}@example.com"
    assert club.sign_up(email=asleep, **person).status == 202

    told = [
        *secret.values(),
        secret["code"][:12],
        *(email, phone, external_id, new_email, waiting, asleep),
        *(referrer, member["card_number"]),
        *("1987-06-05", "gsw-LI"),
    ]
    stored = _stored()
    everything = b"\n".join(stored)
    assert member_id.encode() in everything
    assert [word for word in told if word.encode() in everything] == []
    # A code is kept as a digest; six digits may be part of a number by chance.
    assert club.code(new_email).encode() not in stored
