"""The demo's offers: one of each kind, as a marketer writes them, in English and German. Facts, and
how they are launched; docs/offers.md explains the same kinds.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec

from chalicelib.api.offer_documents import draft_of
from chalicelib.api.offer_models import OfferBody
from chalicelib.domain.callers import Caller
from chalicelib.domain.offers import OfferStatus
from chalicelib.domain.refusals import Conflict, ConflictingReplay, InvalidContent
from chalicelib.domain.segments import Segment, SegmentKind
from chalicelib.usecases.create_offer import create_offer
from chalicelib.usecases.launch_offer import approve_offer, launch_offer
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.save_segment import create_segment

Document = Mapping[str, Any]


REGULARS = Segment("", 0, "Regulars who come less often", SegmentKind.DYNAMIC)
REGULARS_ARE: Document = {
    "all": [
        {"fact": "purchases_last_90_days", "op": "lte", "value": 2},
        {"fact": "lifetime_purchases", "op": "gte", "value": 3},
    ]
}


def offers(rewards: Mapping[str, str], regulars: str) -> dict[str, Document]:
    """The documents, by the idempotency key that each is created with. rewards: key -> id.
    regulars: the id of the segment."""
    return {
        "beans-week": {
            "name": "Beans count more, while the budget lasts",
            "texts": _texts(
                ("Bean weeks", "More points on all coffee beans."),
                ("Bohnenwochen", "Mehr Punkte auf alle Kaffeebohnen."),
            ),
            "effect": {"kind": "multiplier", "percent": 150},
            "basket": {"products": {"categories": ["beans"]}},
            "budget": {"unit": "points", "amount": 20_000},
            "most_points": 100,
            "stacking": {"priority": 10},
        },
        "happy-hour": {
            "name": "Happy hour with a cake",
            "texts": _texts(
                ("Happy hour", "Two points more for each piece from the bakery."),
                ("Happy Hour", "Zwei Punkte mehr für jedes Stück aus der Backstube."),
            ),
            "schedule": {
                "weekdays": ["mon", "tue", "wed", "thu", "fri"],
                "hours": [{"from": "14:00", "to": "17:00"}],
            },
            "effect": {"kind": "points_per_unit", "points": 2},
            "basket": {"products": {"categories": ["bakery"]}, "stores": ["berlin-mitte"]},
            "budget": {"unit": "minor", "amount": 20_000},
        },
        "weekend-opt-in": {
            "name": "Weekend bonus for who wants it",
            "texts": _texts(
                ("Weekend bonus", "Activate it and shop on a weekend."),
                ("Wochenend-Bonus", "Aktivieren und am Wochenende einkaufen."),
            ),
            "schedule": {"weekdays": ["sat", "sun"]},
            "effect": {"kind": "bonus_points", "points": 15},
            "basket": {"minimum_minor": 1_000},
            "activation": "opt_in",
            "member_limit": 1,
            "member_limit_period": "week",
            "budget": {"unit": "points", "amount": 3_000},
        },
        "quiet-members": {
            "name": "A bonus for regulars who come less often, with a control group",
            "texts": _texts(
                ("Nice to see you", "20 points for 8 euros or more."),
                ("Schön, dass du da bist", "20 Punkte ab 8 Euro."),
            ),
            "audience": {"segment": regulars},
            "effect": {"kind": "bonus_points", "points": 20},
            "basket": {"minimum_minor": 800},
            "member_limit": 2,
            "member_limit_period": "month",
            "budget": {"unit": "points", "amount": 2_000},
            "holdout_percent": 20,
        },
        "cheaper-coffee": {
            "name": "A coffee for fewer points for silver and gold",
            "texts": _texts(
                ("Your coffee for 35 points", "For silver and gold members, twice a month."),
                ("Dein Kaffee für 35 Punkte", "Für Silber und Gold, zweimal im Monat."),
            ),
            "occasion": "redemption",
            "audience": {"fact": "tier", "op": "in", "value": ["silver", "gold"]},
            "effect": {
                "kind": "reward_price",
                "reward_id": rewards["free-coffee"],
                "points": 35,
            },
            "member_limit": 2,
            "member_limit_period": "month",
            "budget": {"unit": "points", "amount": 3_000},
        },
        "five-coffees": {
            "name": "Five coffees, one free",
            "texts": _texts(
                ("Five coffees, one free", "Every fifth drink earns you the next one."),
                ("Fünf Kaffee, einer gratis", "Nach je fünf Getränken ist das nächste frei."),
            ),
            "challenge": {"kind": "quantity", "goal": 5},
            "basket": {"products": {"categories": ["drinks"]}},
            "effect": {
                "kind": "reward_price",
                "reward_id": rewards["free-coffee"],
                "points": 0,
            },
            "activation": "opt_in",
            "budget": {"unit": "points", "amount": 10_000},
        },
        "birthday": {
            "name": "Birthday gift",
            "texts": _texts(
                ("Happy birthday!", "50 points from us."),
                ("Alles Gute!", "50 Punkte von uns."),
            ),
            "occasion": "birthday",
            "effect": {"kind": "bonus_points", "points": 50},
            "budget": {"unit": "points", "amount": 10_000},
        },
        "come-back": {
            "name": "We miss you",
            "texts": _texts(
                ("We have missed you", "30 points for your next coffee."),
                ("Du hast uns gefehlt", "30 Punkte für den nächsten Kaffee."),
            ),
            "occasion": "moment",
            "audience": {"fact": "churn_risk", "op": "eq", "value": "high"},
            "effect": {"kind": "bonus_points", "points": 30},
            "member_limit": 1,
            "member_limit_period": "year",
            "budget": {"unit": "points", "amount": 3_000},
            "holdout_percent": 10,
        },
        "everybody-double": {
            "name": "Double points for everybody, without a budget",
            "texts": _texts(("Double points", "On everything."), ("Doppelte Punkte", "Auf alles.")),
            "effect": {"kind": "multiplier", "percent": 200},
        },
        "welcome": {
            "name": "Welcome gift",
            "texts": _texts(
                ("Welcome!", "20 points to begin with."),
                ("Willkommen!", "20 Punkte für den Anfang."),
            ),
            "occasion": "joined",
            "effect": {"kind": "bonus_points", "points": 20},
            "budget": {"unit": "points", "amount": 5_000},
        },
    }


DRAFTS = frozenset({"welcome"})
"""What the marketer has not launched yet; what costs too much awaits an approval."""


def launched(
    ports: Ports, marketer: Caller, second: Caller, rewards: Mapping[str, str], at: datetime
) -> None:
    """Write the offers and launch them, unless that was done; a second person approves what has a
    budget."""
    made = create_segment(ports, marketer, REGULARS, REGULARS_ARE, "regulars", at)
    for key, document in offers(rewards, made.answer.segment_id).items():
        # Whoever plays with them may have ended one, or archived its reward: then it stays so.
        with suppress(Conflict, ConflictingReplay, InvalidContent):
            draft = draft_of(msgspec.convert(document, OfferBody))
            outcome = create_offer(ports, marketer, draft, key, at)
            if key not in DRAFTS:
                _launch(ports, marketer, second, outcome.answer.offer_id, at)


def _launch(ports: Ports, marketer: Caller, second: Caller, offer_id: str, at: datetime) -> None:
    asked = launch_offer(ports, marketer, offer_id, at)
    if asked.status is OfferStatus.AWAITING_APPROVAL and asked.budget is not None:
        approve_offer(ports, second, offer_id, asked.version, at)


def _texts(english: tuple[str, str], german: tuple[str, str]) -> dict[str, dict[str, str]]:
    return {
        language: {"name": name, "description": description}
        for language, (name, description) in (("en", english), ("de", german))
    }
