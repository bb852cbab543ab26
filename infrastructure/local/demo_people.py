"""The demo's members and what they buy: made up, always the same for the same number. Facts alone.

Addresses lie in example.com, phones in the range that Germany keeps for films.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.consents import Statement
from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.members import Name
from chalicelib.domain.purchases import Purchase
from chalicelib.usecases.read_newcomer import JoinRequest
from chalicelib.usecases.read_person import PersonDraft
from infrastructure.local.demo_shop import CATALOGUE, CURRENCY, Article

MEMBERS = 200
SEED = 2026
_POLICY = "2026-01"
_MOST_PURCHASES = 8
_PHONES = 100
_GIVEN = (
    "Ada Ben Cem Dora Emil Fatma Gina Hugo Ida Jan Kira Leon Mia Nils Olga Paul Rosa Sami Tina Yara"
)
_FAMILY = "Adler Becker Celik Dietz Engel Fuchs Graf Huber Imhof Jung Kaya Lang Maier Nowak Otto"


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up member: when it joined, what it said, its purchases by age."""

    number: int
    joined_at: datetime
    request: JoinRequest
    purchases: tuple[Purchase, ...]


def person(number: int, anchor: datetime) -> Person:
    """The member of this number, with a year of purchases before `anchor`."""
    chance = random.Random(f"{SEED}/{number}")
    joined_at = anchor - timedelta(days=365) + _up_to(chance, timedelta(days=240))
    email = _email(chance, number)
    return Person(
        number,
        joined_at,
        _request(chance, number, email),
        _bought(chance, number, joined_at, anchor),
    )


def entropy(number: int) -> random.Random:
    """Where the member's ids and card number come from: the same ones each time."""
    return random.Random(f"{SEED}/{number}/entropy")


def _email(chance: random.Random, number: int) -> str:
    given, family = chance.choice(_GIVEN.split()), chance.choice(_FAMILY.split())
    return f"{given}.{family}.{number}@example.com".lower()


def _request(chance: random.Random, number: int, email: str) -> JoinRequest:
    given, family, _ = email.title().split("@")[0].split(".")
    granted = {
        "loyalty_terms": True,
        "marketing_mail": chance.random() < 0.6,
        "profiling": chance.random() < 0.3,
    }
    return JoinRequest(
        PersonDraft(
            email=email,
            phone=f"+4917139200{number:02}" if number < _PHONES else None,
            name=Name(given, family),
            birth_date=f"{chance.randint(1950, 2005)}-{chance.randint(1, 12):02}-15",
            locale=chance.choice(("de-DE", "de-DE", "en-GB", "tr-TR")),
            attributes={"favourite_drink": chance.choice(CATALOGUE[:4]).sku},
        ),
        tuple(Statement(purpose, said, _POLICY) for purpose, said in granted.items()),
    )


def _bought(
    chance: random.Random, number: int, joined_at: datetime, anchor: datetime
) -> tuple[Purchase, ...]:
    """Up to a year of purchases: at least 2 days after joining, at least an hour ago."""
    first = joined_at + timedelta(days=2)
    span = anchor - timedelta(hours=1) - first
    instants = sorted(
        first + _up_to(chance, span) for _ in range(chance.randint(2, _MOST_PURCHASES))
    )
    return tuple(_purchase(chance, number, place, at) for place, at in enumerate(instants))


def _purchase(chance: random.Random, number: int, place: int, at: datetime) -> Purchase:
    articles = chance.sample(CATALOGUE, chance.choice((1, 1, 2, 2, 3)))
    lines = tuple(_line(chance, index, article) for index, article in enumerate(articles, 1))
    amount = sum(line.amount_minor for line in lines)
    return Purchase(
        purchase_id=f"demo-{number:03}-{place:02}",
        occurred_at=at,
        currency=CURRENCY,
        lines=lines,
        tenders=(Tender(chance.choice(("card", "cash")), amount),),
        channel="store",
        store_id=chance.choice(("berlin-mitte", "berlin-wedding")),
    )


def _line(chance: random.Random, index: int, article: Article) -> Line:
    quantity = chance.choice((1, 1, 1, 2))
    amount = quantity * article.price_minor
    return Line(f"line-{index}", article.sku, quantity, amount, article.category, article.brand)


def _up_to(chance: random.Random, span: timedelta) -> timedelta:
    return timedelta(seconds=int(chance.random() * span.total_seconds()))
