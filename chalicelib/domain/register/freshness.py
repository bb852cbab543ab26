"""What is held of whether members' details still hold, and of mails that come back."""

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

_FRESHNESS = Item(
    Place.PEOPLE,
    "freshness",
    "when the member was heard of and asked last, and what comes back from its addresses",
    Words(
        "When you last confirmed your details, when we asked you, and whether we can reach you.",
        "Wann Sie Ihre Angaben zuletzt bestätigten, wann wir fragten, und ob wir Sie erreichen.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id", withheld="the profile shows it"),
    (
        Field("c", "when the member last said that its details hold"),
        Field("a", "when it last changed anything"),
        Field("s", "the day of its last purchase or redemption, as it was looked at"),
        Field("q", "when it was asked whether its details hold"),
        Field("w", "when it was warned of its removal"),
        Field("o", "when it was told that messages come back"),
        Field("be", "when a mail was sent that came back"),
        Field("bp", "when a text was sent that came back"),
        Field("he", "when its e-mail address was proved"),
        Field("hp", "when its phone was proved"),
        *kept("how often it was changed and by which run", "n", "by"),
    ),
    seen_by=(Reader.MEMBER, Reader.SUPPORT),
    section="freshness",
)

_TOLD_BY_SES = Item(
    Place.QUEUES,
    "mail_events",
    "which mails came back or were complained of, until a worker has read it",
    Words(
        "For seconds, that a mail to your address came back; for a week where that cannot be read.",
        "Für Sekunden, dass eine Mail an Sie zurückkam; eine Woche, wo das nicht lesbar ist.",
    ),
    Purpose.CONTACT,
    Basis.LEGITIMATE_INTEREST,
    Retention.WEEK,
    Field(
        "MailEventQueue",
        "what SES tells of a mail, with its address",
        withheld="it is read within seconds; what comes of it is shown",
    ),
    (
        Field(
            "MailEventDeadLetters",
            "what SES told of a mail and nobody could read",
            withheld="nobody can tell whose it is; gone after a week",
        ),
    ),
)

ITEMS = (_FRESHNESS, _TOLD_BY_SES)
