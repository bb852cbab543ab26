"""A club on the real application: people who join, prove addresses and say what they want."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.usecases.ports import AuditRecord, AuditSearch
from chalicelib.wiring import Services
from tests.api.client import Client, Reply
from tests.api.shop import COFFEE
from tests.fakes.outside import FakeCaptcha, FakeMessages

TERMS = {"purpose": "loyalty_terms", "granted": True, "policy_version": "2026-01"}
CLUB = replace(
    COFFEE,
    purposes=("loyalty_terms", "marketing_mail", Purpose("profiling", PurposeKind.PROFILING)),
    attributes=("favourite_drink", "shoe_size"),
)


@dataclass(slots=True)
class Club:
    client: Client
    services: Services
    mailbox: FakeMessages
    captcha: FakeCaptcha
    till: str  # the secret of its key
    token_for: Callable[..., str]

    def address(self) -> str:
        """An e-mail address that nobody has had before."""
        return f"p{token_hex(6)}@example.com"

    def phone(self) -> str:
        """A mobile phone that nobody has had before."""
        return f"+4915{int(token_hex(4), 16) % 10**9:09d}"

    def enrol(self, key: str | None = None, **fields: Any) -> Reply:
        """The till enrols somebody; fields replace or add."""
        body = {"email": self.address(), "consents": [TERMS]} | fields
        headers = {"Idempotency-Key": key} if key is not None else {}
        return self.client.post("/v1/members", body, bearer=self.till, headers=headers)

    def sign_up(self, token: str | None = None, **fields: Any) -> Reply:
        """Somebody signs up, captcha solved; fields replace or add."""
        solved = token_hex(8)
        self.captcha.good.add(solved)
        body = {"email": self.address(), "consents": [TERMS], "captcha_token": solved} | fields
        return self.client.post("/v1/members", body, bearer=token)

    def letters(self, to: str) -> list[str]:
        """What an address was told, oldest first."""
        return [message.text for message in self.mailbox.sent if message.to == to]

    def code(self, to: str) -> str:
        """The code in the newest letter to an address."""
        found = re.search(r"\b\d{6}\b", self.letters(to)[-1])
        assert found is not None
        return found[0]

    def verify(
        self, code: str, *, token: str | None = None, channel: str = "email", **subject: str
    ) -> Reply:
        """Somebody sends a code back."""
        body = {"channel": channel, "code": code, **subject}
        return self.client.post("/v1/members/verify", body, bearer=token)

    def member(self, **fields: Any) -> dict[str, Any]:
        """A member who is active: enrolled, and its address proved."""
        email = fields.setdefault("email", self.address())
        enrolled = self.enrol(**fields)
        assert enrolled.status == 201, enrolled.body
        member_id = enrolled.json()["member_id"]
        verified = self.verify(self.code(email), member_id=member_id)
        assert verified.status == 200, verified.body
        answer: dict[str, Any] = verified.json() | {"email": email}
        return answer

    def own(self, member_id: str, **claims: object) -> str:
        """The member's own token, of somebody who has just signed in."""
        return self.token_for(member_id, **claims)

    def profile(self, member_id: str) -> Reply:
        """The profile, as the member reads it."""
        return self.client.get("/v1/members/me", bearer=self.own(member_id))

    def patch(self, member_id: str, body: object, **how: Any) -> Reply:
        """The member changes its profile as it is now."""
        etag = self.profile(member_id).headers["etag"]
        bearer = how.pop("bearer", None) or self.own(member_id)
        headers = {"If-Match": etag} | how.pop("headers", {})
        return self.client.patch("/v1/members/me", body, bearer=bearer, headers=headers, **how)

    def found(self, **identifier: str) -> str | None:
        """Whom the till finds."""
        reply = self.client.post("/v1/members/lookup", identifier, bearer=self.till)
        return str(reply.json()["member_id"]) if reply.status == 200 else None

    def recorded(self, member_id: str) -> list[AuditRecord]:
        """What was done or read of a member, oldest first."""
        page = self.services.ports.audit.find(AuditSearch(member_id=member_id), None, 100)
        return list(reversed(page.records))
