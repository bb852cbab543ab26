"""What is held of accounts that somebody looks at."""

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

_REVIEW = Item(
    Place.PEOPLE,
    "review",
    "that an account is on the list of those that support looks at",
    Words(
        "Whether we look at your account before you can spend what you earn.",
        "Ob wir Ihr Konto ansehen, bevor Sie Neues einlösen können.",
    ),
    Purpose.SECURITY,
    Basis.LEGITIMATE_INTEREST,
    Retention.MEMBERSHIP,
    Field("pk", "the account's id", withheld="the account itself says whether it is looked at"),
    seen_by=(Reader.MEMBER, Reader.SUPPORT),
)

ITEMS = (_REVIEW,)
