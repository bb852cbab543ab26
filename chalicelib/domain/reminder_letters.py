"""How a member is reminded that something under warranty is due for service: in words, in the
member's language. Words alone: no address, no way of sending.
"""

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.interactions import Warranty
from chalicelib.domain.letters import Letter
from chalicelib.domain.lots import months_after
from chalicelib.domain.notice_letters import spoken_day


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    due: str
    bought: str


_ENGLISH = _Words(
    subject="{product}: time for service",
    due="Your {product} is due for service on {day}.",
    bought=(
        "You registered it at {program} as bought on {purchased_on}; its warranty lasts until "
        "{last_day}. You get this because you asked to be reminded when you registered it."
    ),
)
_GERMAN = _Words(
    subject="{product}: Zeit für die Wartung",
    due="Für {product} ist am {day} die Wartung fällig.",
    bought=(
        "Sie haben dieses Produkt bei {program} registriert, gekauft am {purchased_on}; die "
        "Garantie gilt bis zum {last_day}. Sie erhalten dies, weil Sie bei der Registrierung "
        "darum gebeten haben."
    ),
)
_SPOKEN = {"de": _GERMAN}


def service_letter(program: str, language: str | None, warranty: Warranty, day: date) -> Letter:
    """The letter about a day of service.

    language: BCP 47; English for one that is not spoken here, and for None.
    """
    words = _SPOKEN.get((language or "").partition("-")[0].lower(), _ENGLISH)
    product = " ".join(warranty.product.split())  # a subject is one line
    bought = words.bought.format(
        program=program,
        purchased_on=spoken_day(language, warranty.purchased_on),
        last_day=spoken_day(language, months_after(warranty.purchased_on, warranty.months)),
    )
    due = words.due.format(product=product, day=spoken_day(language, day))
    return Letter(words.subject.format(product=product), f"{due}\n\n{bought}")
