"""`make demo`: the main journey once, over real HTTP, step by step, against a service of its own.

It fails (and says where) when an answer is not what the story says.
"""

import re
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infrastructure.local import demo_data, interruptions, stack
from infrastructure.local.conversation import Conversation, Unexpected
from infrastructure.local.ministack import StartFailed
from infrastructure.local.stack import Stack
from infrastructure.local.state import CannotUse, StateFolder
from infrastructure.local.terminal import Terminal

_EMAIL = "mara.winter@example.com"
_MARKETER = ("demo-marketer", ["marketer"])


def main() -> int:
    """Tell the story. 0 when it went as told, 1 with one line on stderr when not."""
    interruptions.end_at_once()
    terminal = Terminal()
    try:
        with tempfile.TemporaryDirectory(prefix="stampbook-demo-") as folder:
            _tell(StateFolder(Path(folder) / "state"), terminal)
    except (CannotUse, StartFailed, Unexpected) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1
    return 0


def _tell(folder: StateFolder, terminal: Terminal) -> None:
    began = time.monotonic()
    with open("/dev/null", "w") as nowhere, stack.running(folder, 0, Terminal(nowhere)) as running:
        ports, now = running.services.ports, running.clock()
        demo = demo_data.seeded(ports, folder, now, lambda *_: None, people=0)
        running.open()
        terminal.say(f"A service of its own, on {running.api_url}")
        Story(running, demo.checkout_key, terminal.say).tell()
    terminal.say(f"\nTold in {time.monotonic() - began:.1f} seconds; nothing is left running.")


class Story:
    """A marketer, a till and a member meet."""

    def __init__(self, running: Stack, checkout_key: str, say: Callable[[str], None]) -> None:
        self._running = running
        self._api = Conversation(running.api_url, say)
        self._stripe = Conversation(running.stripe_url, say)
        self._say = say
        self._till = f"Bearer {checkout_key}"
        self._member = ""
        self._program: dict[str, Any] = {}

    def tell(self) -> None:
        """All of it, in order."""
        self._rewards()
        self._offer()
        self._sign_up()
        self._purchase()
        self._two_weeks()
        self._redemption()
        self._return()
        self._preferences()
        self._card()
        self._proof()
        self._plan()

    def _rewards(self) -> None:
        self._api.chapter("A marketer looks at the program and adds a reward")
        token = self._token(*_MARKETER)
        self._program = self._api.ask("Marketer", "GET /v1/program", Authorization=token).body
        reward = {"name": "A cookie", "kind": "free_product", "sku": "cookie", "points": 10}
        made = self._api.ask(
            "Marketer",
            "POST /v1/rewards",
            reward | {"stock": 100, "member_limit": 1},
            status=201,
            Authorization=token,
            Idempotency_Key="cookie-1",
        )
        self._cookie = made.body["reward_id"]

    def _offer(self) -> None:
        self._api.chapter("The marketer writes an offer, and launches it")
        token = self._token(*_MARKETER)
        offer = {
            "name": "Flat whites",
            "texts": {"en": {"name": "Flat whites"}, "de": {"name": "Kaffeewochen"}},
            "basket": {"minimum_minor": 800, "products": {"skus": ["flat-white"]}},
            "effect": {"kind": "bonus_points", "points": 5},
            "budget": {"unit": "points", "amount": 1_000},
        }
        made = self._api.ask(
            "Marketer",
            "POST /v1/offers",
            offer,
            status=201,
            Authorization=token,
            Idempotency_Key="flat-whites-1",
        )
        launch = f"POST /v1/offers/{made.body['offer_id']}/launch"
        self._api.ask("Marketer", launch, Authorization=token)

    def _sign_up(self) -> None:
        self._api.chapter("Somebody signs up, and proves the address with the code from the mail")
        solved = self._api.ask("", "POST /_dev/captcha", quiet=True).body["captcha_token"]
        wish = {
            "email": _EMAIL,
            "name": {"given": "Mara", "family": "Winter"},
            "consents": [
                {"purpose": "loyalty_terms", "granted": True, "policy_version": "2026-01"}
            ],
            "captcha_token": solved,
        }
        signed = self._api.ask("Mara", "POST /v1/members", wish, status=202).body
        mail = self._api.ask("", "GET /_dev/mail", quiet=True).body["items"][0]
        self._say(f"\nMail to {mail['to']}: {mail['text']}")
        (code,) = re.findall(r"\b\d{6}\b", mail["text"])
        proof = {"signup_id": signed["signup_id"], "channel": "email", "code": code}
        joined = self._api.ask("Mara", "POST /v1/members/verify", proof).body
        self._card_number, self._member_id = joined["card_number"], joined["member_id"]
        self._member = self._token(self._member_id, [])

    def _purchase(self) -> None:
        self._api.chapter("A till posts a purchase; the reply is lost, so it posts it again")
        purchase = {
            "purchase_id": "receipt-1",
            "member": {"card_number": self._card_number},
            "occurred_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "currency": "EUR",
            "lines": [
                {"line_id": "1", "sku": "flat-white", "quantity": 2, "amount_minor": 840},
                {
                    "line_id": "2",
                    "sku": "beans-250g",
                    "category": "beans",
                    "quantity": 1,
                    "amount_minor": 890,
                },
            ],
        }
        ask = self._api.ask
        ask("Till", "POST /v1/purchases", purchase, status=201, Authorization=self._till)
        again = ask("Till", "POST /v1/purchases", purchase, status=201, Authorization=self._till)
        self._say(f"  (Idempotent-Replayed: {again.headers['Idempotent-Replayed']})")
        ask("Mara", "GET /v1/members/me/account", Authorization=self._member)

    def _two_weeks(self) -> None:
        self._api.chapter("The beans could still come back, so the points wait; two weeks pass")
        later = datetime.now(UTC) + timedelta(days=15)
        now = {"now": later.isoformat(timespec="seconds")}
        self._api.ask("", "PUT /_dev/clock", now, quiet=True)
        self._member = self._token(self._member_id, [])
        self._api.ask("Mara", "GET /v1/members/me/account", Authorization=self._member)

    def _redemption(self) -> None:
        self._api.chapter("Mara spends points; the till takes her voucher, once")
        issued = self._api.ask(
            "Mara",
            "POST /v1/members/me/redemptions",
            {"reward_id": self._cookie},
            status=201,
            Authorization=self._member,
            Idempotency_Key="my-cookie",
        ).body
        voucher = {"voucher_code": issued["voucher_code"]}
        self._use(voucher, "use-1", 200)
        self._use(voucher, "use-2", 409)

    def _use(self, voucher: dict[str, Any], key: str, status: int) -> None:
        self._api.ask(
            "Till",
            "POST /v1/vouchers/use",
            voucher,
            status=status,
            Authorization=self._till,
            Idempotency_Key=key,
        )

    def _return(self) -> None:
        self._api.chapter("The beans come back: what they gave is taken, what is spent is owed")
        lines = [{"line_id": "2", "quantity": 1, "amount_minor": 890}]
        self._api.ask(
            "Till",
            "POST /v1/purchases/receipt-1/returns",
            {"return_id": "return-1", "lines": lines},
            status=201,
            Authorization=self._till,
        )
        self._api.ask("Mara", "GET /v1/members/me/entries", Authorization=self._member)

    def _preferences(self) -> None:
        self._api.chapter("Mara says what she wants to hear, and how often")
        path = "/v1/members/me/preferences"
        kept = self._api.ask("Mara", f"GET {path}", Authorization=self._member)
        wanted = {"channels": ["mail"], "categories": ["beans"], "max_messages_per_week": 1}
        self._api.ask(
            "Mara",
            f"PUT {path}",
            kept.body | wanted,
            Authorization=self._member,
            If_Match=kept.headers["ETag"],
        )

    def _card(self) -> None:
        self._api.chapter(
            "Mara puts a card on file: Stripe takes it, asks for 3-D Secure, keeps it"
        )
        methods = "/v1/members/me/payment-methods"
        setup = self._api.ask(
            "Mara",
            f"POST {methods}/setup",
            status=201,
            Authorization=self._member,
            Idempotency_Key="card-1",
        ).body
        intent = f"/v1/setup_intents/{setup['setup_intent_id']}"
        card = "payment_method=pm_card_authenticationRequired"
        confirmed = self._stripe.ask("", f"POST {intent}/confirm", card, quiet=True).body
        self._say(f"\nStripe: {confirmed['status']} (Mara's bank asks whether it is her)")
        done = self._stripe.ask("", f"POST {intent}/double/authenticate", quiet=True).body
        self._say(f"Stripe: {done['status']}, and tells the service by a signed event")
        self._api.ask("", "POST /_dev/drain", quiet=True)
        self._api.ask("Mara", f"GET {methods}", Authorization=self._member)

    def _proof(self) -> None:
        self._api.chapter("Every entry carries the hash of the one before: nothing was changed")
        self._api.ask("Mara", "GET /v1/members/me/entries/proof", Authorization=self._member)

    def _plan(self) -> None:
        self._api.chapter("A marketer drafts a dearer program, and asks what it would change")
        token = self._token(*_MARKETER)
        changed = {"base": {"points": 2, "per_minor": 100}}
        answers = ("version", "active_version", "latest_version")
        draft = {name: told for name, told in self._program.items() if name not in answers}
        put = self._api.ask(
            "",
            "PUT /v1/program",
            draft | changed,
            quiet=True,
            Authorization=token,
            If_Match=f'"{self._program["latest_version"]}"',
        ).body
        asked = {"version": put["version"]}
        self._api.ask("Marketer", "POST /v1/program/plan", asked, Authorization=token)

    def _token(self, sub: str, groups: list[str]) -> str:
        wish = {"sub": sub, "groups": groups}
        return f"Bearer {self._api.ask('', 'POST /_dev/tokens', wish, quiet=True).body['token']}"


if __name__ == "__main__":
    sys.exit(main())
