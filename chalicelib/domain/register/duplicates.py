"""What is held of members who are probably one person: in what they are alike, and of whom."""

from chalicelib.domain.register.rows import (
    Basis,
    Field,
    Item,
    Place,
    Purpose,
    Reader,
    Retention,
    Words,
)

_ALIKE = Item(
    Place.PEOPLE,
    "alike",
    "a lead to a member from something it may have in common with others",
    Words(
        "Digests of your name, addresses and phone, to notice when somebody joins twice.",
        "Prüfsummen von Name, Adressen und Telefon, um doppelte Konten zu bemerken.",
    ),
    Purpose.SECURITY,
    Basis.LEGITIMATE_INTEREST,
    Retention.MEMBERSHIP,
    Field(
        "pk",
        "a keyed digest of what members have in common, and the member's id",
        withheld="a keyed digest that nobody can read; the export shows what it stands for",
    ),
    (Field("m", "the member's id", withheld="the id is in the profile"),),
)

_PAIR = Item(
    Place.PEOPLE,
    "pair",
    "that two members are probably one person, for support to look at",
    Words(
        "That your account looks like another one of yours, for support to look at.",
        "Dass Ihr Konto einem anderen gleicht, zur Prüfung durch den Kundendienst.",
    ),
    Purpose.SECURITY,
    Basis.LEGITIMATE_INTEREST,
    Retention.MEMBERSHIP,
    Field(
        "pk",
        "the ids of both members",
        withheld="it would tell of somebody who may be another person",
    ),
    (Field("l", "in what they are alike", withheld="it would tell of somebody else"),),
    seen_by=(Reader.SUPPORT,),
)

ITEMS = (_ALIKE, _PAIR)
