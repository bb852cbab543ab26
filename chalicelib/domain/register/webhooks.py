"""What is held for systems that are told of events: who they are, what is on its way to them."""

from chalicelib.domain.register.rows import (
    Basis,
    Field,
    Item,
    Place,
    Purpose,
    Reader,
    Recipient,
    Retention,
    Words,
    kept,
)

_SHOWN_BY_THE_STATEMENT = "the statement shows what happened, entry by entry"


def _setting(name: str, words: str, key: str, *fields: str, kept_for: Retention) -> Item:
    return Item(
        Place.CONFIG,
        name,
        words,
        None,
        Purpose.OPERATION,
        Basis.LEGITIMATE_INTEREST,
        kept_for,
        Field("pk", key, personal=False),
        kept("what the item consists of", *fields),
        seen_by=(Reader.ADMIN,),
    )


def _on_its_way(name: str, words: str, key: str, *fields: Field) -> Item:
    return Item(
        Place.CONFIG,
        name,
        words,
        Words(
            "For a month, what happened in your account, by a random number instead of your name,"
            " as it is told to systems of the shop.",
            "Einen Monat lang, was in Ihrem Konto geschah, mit einer zufälligen Nummer statt Ihres"
            " Namens, wie es Systemen des Geschäfts mitgeteilt wird.",
        ),
        Purpose.OPERATION,
        Basis.LEGITIMATE_INTEREST,
        Retention.MONTH,
        Field("pk", key, withheld=_SHOWN_BY_THE_STATEMENT),
        (*fields, *kept("when it is purged", "ttl")),
        seen_by=(Reader.ADMIN,),
        goes_to=(Recipient.SHOP_SYSTEMS,),
    )


_MEMBER = Field("member", "the member's id, a random number", withheld=_SHOWN_BY_THE_STATEMENT)

ITEMS = (
    _setting(
        "webhook",
        "a system that is told of events, with its sealed secrets",
        "its id",
        "schema",
        "version",
        "document",
        kept_for=Retention.REPLACED,
    ),
    _setting(
        "webhook_health",
        "since when nothing can be delivered to it",
        "its id",
        "since",
        "failures",
        "until",
        kept_for=Retention.REPLACED,
    ),
    _setting(
        "delivery",
        "one try to deliver an event: which, when, and what came back; nothing of the event",
        "the system, and the day or that it was the last try",
        "type",
        "outcome",
        "status",
        "failure",
        "ms",
        "next_at",
        "ttl",
        kept_for=Retention.MONTH,
    ),
    _on_its_way(
        "kept_event",
        "an event as it is sent: random ids and numbers",
        "the event's id",
        _MEMBER,
        Field("body", "what happened, in numbers", withheld=_SHOWN_BY_THE_STATEMENT),
        *kept("what it is called and when it was", "type", "place"),
    ),
    _on_its_way(
        "happened",
        "that an event happened, by the hour",
        "the hour",
        _MEMBER,
        *kept("what it is called", "type"),
    ),
    _on_its_way(
        "waiting_head",
        "that a member's events wait for a system",
        "the system and the member's id",
        *kept("which was tried how often, and when it is again", "place", "tries", "due"),
    ),
    _on_its_way(
        "waiting_parcel",
        "which of them wait",
        "the system and the member's id",
        *kept("the event", "event_id"),
    ),
    _on_its_way(
        "waiting_due", "whose events are to be tried again", "the system and a shard of members"
    ),
)
