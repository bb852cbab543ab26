"""What two members have in common who are probably one person. A hint for people, never a rule.

Texts are boiled down on purpose: what differs only in dots, accents, look-alike letters or the
order of names comes out the same. Knows no storage; nothing here identifies anybody.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.members import Member, Name, PostalAddress


class Likeness(StrEnum):
    """mailbox: the same but for dots, what follows a plus, and look-alike letters. born: name and
    date of birth. home: name and postal address. phone: the same number, proved or not."""

    MAILBOX = "mailbox"
    BORN = "born"
    HOME = "home"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Alike:
    """What members have in common: equal exactly where they are alike in it."""

    likeness: Likeness
    value: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two members who are alike, the lesser id first, and in what."""

    members: tuple[str, str]
    likenesses: tuple[Likeness, ...]


def pair_of(one: str, other: str, likenesses: set[Likeness]) -> Pair:
    """Two members as a pair, whichever of them was found first."""
    first, second = sorted((one, other))
    return Pair((first, second), tuple(sorted(likenesses)))


def alikes_of(member: Member) -> frozenset[Alike]:
    """Everything by which a member is compared with others; what waits for its code counts."""
    person = member.person
    reached = [person.email, person.phone, *member.pending.values()]
    texts = {text for text in reached if text is not None}
    found = {
        Alike(Likeness.MAILBOX, _mailbox(text))
        if "@" in text
        else Alike(Likeness.PHONE, _letters(text))
        for text in texts
    }
    name = _name(person.name)
    if name and person.birth_date is not None:
        found.add(Alike(Likeness.BORN, f"{name}|{person.birth_date}"))
    if name and person.postal_address is not None:
        found.add(Alike(Likeness.HOME, f"{name}|{_home(person.postal_address)}"))
    return frozenset(found)


def _mailbox(address: str) -> str:
    local, _, domain = address.rpartition("@")
    domain = domain.lower()
    base = _letters(local.partition("+")[0] or local)
    return f"{base}@{_SAME_HOUSE.get(domain, domain)}"


def _name(name: Name) -> str:
    """Both names in any order; empty where one is missing, which half the town may share."""
    if name.given is None or name.family is None:
        return ""
    return " ".join(sorted(_letters(f"{name.given} {name.family}", " ").split()))


def _home(address: PostalAddress) -> str:
    """The street without the many ways to write that it is one."""
    street = _letters(address.street.replace("\n", " "), " ")
    for written in ("strasse", "street", "str"):
        street = street.replace(written, "st")
    town = _letters(address.postal_code or address.city)
    return f"{address.country}|{town}|{street.replace(' ', '')}"


def _letters(text: str, also: str = "") -> str:
    """Letters and digits in small, without accents, look-alikes as what they look like. also:
    what else is kept."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    shown = (_LOOKS_LIKE.get(letter, letter) for letter in plain)
    return "".join(letter for letter in shown if letter.isalnum() or letter in also)


_SAME_HOUSE = {"googlemail.com": "gmail.com", "hotmail.com": "outlook.com"}

_LOOKS_LIKE = dict(zip("аеорсухіѕјһԁԛԝɡαορνικτυ", "aeopcyxisjhdqwgaopviktu", strict=True))
"""Cyrillic and Greek letters that no eye tells from Latin ones."""
