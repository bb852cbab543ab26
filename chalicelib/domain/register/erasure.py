"""What is held of members that go, and of those that went."""

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

_GONE = Item(
    Place.PEOPLE,
    "gone",
    "that a member was erased, so that nothing is written of it any more",
    Words(
        "That your membership was erased, without a name.",
        "Dass Ihre Mitgliedschaft gelöscht wurde, ohne Namen.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.FOR_EVER,
    Field("pk", "the former member's id, a random number", withheld="of erased members alone"),
    (Field("at", "when the erasure began", withheld="of erased members alone"),),
    seen_by=(Reader.PRIVACY,),
)

ITEMS = (_GONE,)
