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
    kept,
)

_SHOWN_TO = (Reader.MEMBER, Reader.PRIVACY)
_BY_ROLE = "members are told the role, not the person"

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

_ERASURE = Item(
    Place.PEOPLE,
    "erasure",
    "one request to be forgotten, how far it is, and its receipt",
    Words(
        "That you asked to be forgotten, when, and what was erased.",
        "Dass Sie um Löschung gebeten haben, wann, und was gelöscht wurde.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.FOR_EVER,
    Field("pk", "the erasure's id, a random number"),
    (
        Field("d", "the request"),
        Field("d.erasure_id", "its id"),
        Field("d.member_id", "whose it is"),
        Field("d.status", "what became of it"),
        Field("d.requested_at", "when it was asked for"),
        Field("d.erase_after", "until when it can be called off"),
        Field("d.by", "who asked for it", withheld=_BY_ROLE),
        Field("d.members", "accounts of the same person", withheld="they are in the statement"),
        Field("d.shared", "accounts that they shared", withheld="they are other members'"),
        Field("d.erased_at", "when it was done", withheld="of erased members alone"),
        *kept("how far it is", "n", "d.version", "d.place", "d.what"),
    ),
    seen_by=_SHOWN_TO,
    section="rights",
)

_NEWEST_ERASURE = Item(
    Place.PEOPLE,
    "newest_erasure",
    "which erasure was asked for last for a member",
    Words(
        "Which of your requests to be forgotten is the newest.",
        "Welche Ihrer Bitten um Löschung die neueste ist.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.FOR_EVER,
    Field("pk", "the member's id, a random number"),
    (Field("e", "the erasure's id"),),
    seen_by=_SHOWN_TO,
    section="rights",
)

_DUE_ERASURE = Item(
    Place.PEOPLE,
    "due_erasure",
    "which erasures are still to be done, and when",
    None,
    Purpose.OPERATION,
    Basis.LEGAL_OBLIGATION,
    Retention.REPLACED,
    Field("pk", "when it is due, and the erasure's id", personal=False),
    seen_by=(Reader.PRIVACY,),
)

_HOLD = Item(
    Place.PEOPLE,
    "hold",
    "that a member may not be erased, and why, sealed with the member's own key",
    Words(
        "That the law forbids to erase your data for now, since when, and why.",
        "Dass das Gesetz die Löschung Ihrer Daten derzeit verbietet, seit wann, und warum.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id, a random number"),
    (
        Field("at", "since when"),
        Field("by", "who said so", withheld=_BY_ROLE),
        Field("f", "the sealed reason"),
        Field("f.reason", "why"),
    ),
    seen_by=_SHOWN_TO,
    section="rights",
)

_HELD = Item(
    Place.PEOPLE,
    "held",
    "who may not be erased, for privacy officers",
    Words(
        "That you are in the list of those who may not be erased for now.",
        "Dass Sie in der Liste derer stehen, die derzeit nicht gelöscht werden dürfen.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id, a random number"),
    seen_by=(Reader.PRIVACY,),
    section="rights",
)

_RESTRICTION = Item(
    Place.PEOPLE,
    "restriction",
    "that a member's data is kept and not used, and why, sealed with the member's own key",
    Words(
        "That your data is kept and not used, since when, and why.",
        "Dass Ihre Daten aufbewahrt und nicht genutzt werden, seit wann, und warum.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id, a random number"),
    (
        Field("i", "its number"),
        Field("at", "since when"),
        Field("by", "who said so", withheld=_BY_ROLE),
        Field("f", "the sealed reason"),
        Field("f.reason", "why"),
    ),
    seen_by=_SHOWN_TO,
    section="rights",
)

_SUBJECT = Item(
    Place.PEOPLE,
    "subject",
    "beside a member, which accounts for signing in lead to it, so that they can be forgotten",
    Words(
        "A digest of the account that you sign in with.",
        "Eine Prüfsumme des Kontos, mit dem Sie sich anmelden.",
    ),
    Purpose.SECURITY,
    Basis.CONTRACT,
    Retention.MEMBERSHIP,
    Field(
        "pk",
        "the member's id, and a keyed digest",
        withheld="a keyed digest that nobody can read; the id is in the profile",
    ),
)

_TOMBSTONE = Item(
    Place.PEOPLE,
    "tombstone",
    "that an address or a card led to somebody who was erased, and not to whom",
    Words(
        "A digest of your former address or card, so that no file of before brings you back.",
        "Eine Prüfsumme Ihrer früheren Adresse oder Karte, damit keine alte Datei Sie zurückholt.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.TOMBSTONE,
    Field("pk", "a keyed digest", withheld="of erased members alone"),
    (
        Field("at", "when it was erased", withheld="of erased members alone"),
        *kept("when it is removed", "ttl"),
    ),
)

ITEMS = (
    _GONE,
    _ERASURE,
    _NEWEST_ERASURE,
    _DUE_ERASURE,
    _HOLD,
    _HELD,
    _RESTRICTION,
    _SUBJECT,
    _TOMBSTONE,
)
