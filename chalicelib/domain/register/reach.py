"""What is held of whom a member may be written to by: what decides it, and the index of it."""

from chalicelib.domain.register.rows import (
    Basis,
    Field,
    Item,
    Place,
    Purpose,
    Reader,
    Retention,
    Words,
    kept,
)

_REACH = Item(
    Place.PEOPLE,
    "reach",
    "what decides for what and how the member may be written to",
    Words(
        "For what and on which channels we may write to you.",
        "Wozu und auf welchen Wegen wir Ihnen schreiben dürfen.",
    ),
    Purpose.CONTACT,
    Basis.LEGAL_OBLIGATION,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id, a random number, and which item of it this is"),
    (
        Field("d", "the facts"),
        Field("d.consents", "the purposes that are in force, with their channels"),
        Field("d.wanted", "the channels that the member chose"),
        Field("d.proved", "the channels whose address was proved"),
        Field("d.bouncing", "the channels whose messages come back"),
        Field("d.heard", "whether the account may be written to at all"),
        *kept("how often it was changed", "n"),
    ),
    seen_by=(Reader.MEMBER,),
    section="contact",
)

_AUDIENCE = Item(
    Place.PEOPLE,
    "audience",
    "that the member may be written to for a purpose on a channel, to be found by it",
    Words(
        "That you are among those who may be written to, as long as you are.",
        "Dass Sie zu denen gehören, denen geschrieben werden darf, solange das so ist.",
    ),
    Purpose.CONTACT,
    Basis.CONSENT,
    Retention.MEMBERSHIP,
    Field(
        "pk",
        "the purpose, the channel and the member's id",
        withheld="what decides who may write to the member says the same",
    ),
)

ITEMS = (_REACH, _AUDIENCE)
