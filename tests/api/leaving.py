"""A member who leaves no field empty, with a canary in each, and the worker that erases it."""

import json
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from pynamodb.connection import Connection

from chalicelib.domain.instants import printed
from chalicelib.storage.tables import AuditItem, ConfigItem, KeysItem, LedgerItem, PeopleItem
from chalicelib.workers import erase
from tests.api.client import Reply
from tests.api.club import TERMS, Club

TABLES = (LedgerItem, PeopleItem, KeysItem, ConfigItem, AuditItem)


@dataclass(slots=True)
class Context:
    """Lambda's, with so many milliseconds left at each time it is asked; the last one for ever."""

    left: list[int] = field(default_factory=lambda: [300_000])

    def get_remaining_time_in_millis(self) -> int:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


def message(erasure_id: str) -> dict[str, Any]:
    """A queue's message as Lambda hands it over."""
    record = {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": erasure_id,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:erasures",
        "awsRegion": "eu-central-1",
    }
    return {"Records": [record]}


@dataclass(slots=True)
class Leaver:
    """canary: what stands in every text that is the member's own."""

    club: Club
    canary: str = field(default_factory=lambda: f"zq{token_hex(6)}")
    member_id: str = ""
    email: str = ""
    phone: str = ""
    card_number: str = ""
    purchase_id: str = ""

    @property
    def token(self) -> str:
        """Of somebody who has just signed in."""
        return self.club.own(self.member_id)

    def join(self) -> None:
        """Enrolled by the till, proved, and everything said that can be."""
        self.email, self.phone = f"{self.canary}@example.com", self.club.phone()
        said = {
            "email": self.email,
            "phone": self.phone,
            "name": {"given": f"G{self.canary}", "family": f"F{self.canary}"},
            "birth_date": "1987-03-04",
            "postal_address": {
                "street": f"{self.canary} 1",
                "city": f"C{self.canary}",
                "country": "DE",
                "postal_code": "50667",
            },
            "locale": "de-DE",
            "external_id": f"x-{self.canary}",
            "attributes": {"favourite_drink": f"D{self.canary}"},
            "preferences": {
                "channels": ["mail"],
                "categories": [f"cat-{self.canary}"],
                "language": "de",
            },
            "consents": [TERMS, {**TERMS, "purpose": "marketing_mail", "policy_version": "p1"}],
        }
        joined = self.club.member(**said)
        self.member_id, self.card_number = joined["member_id"], joined["card_number"]

    def shop(self) -> None:
        """A purchase with a text in every field, a return of a part of it, and one by amount."""
        self.purchase_id = f"p-{self.canary}"
        bought = {
            "purchase_id": self.purchase_id,
            "member": {"member_id": self.member_id},
            "occurred_at": printed(self.club.services.clock()),
            "currency": "EUR",
            "channel": f"ch-{self.canary}",
            "store_id": f"st-{self.canary}",
            "external": f"ex-{self.canary}",
            "tenders": [{"kind": f"t-{self.canary}", "amount_minor": 10_000}],
            "lines": [
                {
                    "line_id": f"l{number}-{self.canary}",
                    "sku": f"s-{self.canary}",
                    "category": f"c-{self.canary}",
                    "brand": f"b-{self.canary}",
                    "quantity": 2,
                    "amount_minor": 5_000,
                }
                for number in range(2)
            ],
        }
        assert self.till("/v1/purchases", bought).status == 201
        back = {
            "return_id": f"r-{self.canary}",
            "lines": [{"line_id": f"l0-{self.canary}", "quantity": 1, "amount_minor": 2_500}],
        }
        assert self.till(f"/v1/purchases/{self.purchase_id}/returns", back).status == 201

    def till(self, path: str, body: object, key: str | None = None) -> Reply:
        """The till posts."""
        headers = {"Idempotency-Key": key} if key is not None else {}
        return self.club.client.post(path, body, bearer=self.club.till, headers=headers)

    def ask(self, **claims: object) -> Reply:
        """The member asks to be forgotten."""
        token = self.club.own(self.member_id, **claims)
        return self.club.client.delete("/v1/members/me", bearer=token)

    def leave(self) -> str:
        """The member is erased; the erasure's id."""
        asked = self.ask()
        assert asked.status == 202, asked.body
        erasure_id = str(asked.json()["erasure_id"])
        erase.handle(message(erasure_id), Context())
        return erasure_id

    def receipt(self, erasure_id: str) -> Any:
        """The receipt, as anybody reads it."""
        reply = self.club.client.get(f"/v1/erasures/{erasure_id}")
        assert reply.status == 200, reply.body
        return reply.json()

    def found(self, connection: Connection, *needles: str) -> list[str]:
        """Where in the tables any of these texts stands, in keys or values."""
        return [
            f"{item['pk']['S']} / {item['sk']['S']}"
            for item in everything(connection)
            if any(needle in json.dumps(item, default=repr) for needle in needles)
        ]


def everything(connection: Connection) -> list[dict[str, Any]]:
    """Every item of every table that holds anything of members."""
    pages = connection.client.get_paginator("scan")
    return [
        item
        for table in TABLES
        for page in pages.paginate(TableName=table.Meta.table_name)
        for item in page["Items"]
    ]
