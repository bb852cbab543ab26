"""What is held of staff and by staff: the audit record, settings, imports; and the days' roots."""

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

_AUDIT = Item(
    Place.AUDIT,
    "record",
    "who of staff, or which key, read or changed what, when and why; only ever added to",
    Words(
        "Who looked at your data or changed it, when and why.",
        "Wer Ihre Daten angesehen oder geändert hat, wann und warum.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.FOR_EVER,
    Field("pk", "the day, the instant and a random number", personal=False),
    (
        Field("who", "who did it", withheld="members are told the role, not the person"),
        Field("role", "in what role"),
        Field("action", "what was done"),
        Field("subject", "what was changed"),
        Field("sealed", "why, in the words of who did it"),
        Field("reason", "the same, where no member is concerned", personal=False),
    ),
    seen_by=(Reader.MEMBER, Reader.PRIVACY, Reader.ADMIN),
    section="accesses",
)


_ANY_AUDIT = Item(
    Place.AUDIT,
    "any",
    "whom a record concerns, so that members can be told",
    Words(
        "That a record of the audit concerns you.", "Dass ein Eintrag des Protokolls Sie betrifft."
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.FOR_EVER,
    None,
    (Field("member_id", "the member concerned, a random number"),),
    seen_by=(Reader.PRIVACY, Reader.ADMIN),
    section="accesses",
)


def _setting(name: str, words: str, key: str, *fields: str, seen_by: Reader) -> Item:
    """What staff set or a worker notes in `config`: it is about no member."""
    return Item(
        Place.CONFIG,
        name,
        words,
        None,
        Purpose.OPERATION,
        Basis.LEGITIMATE_INTEREST,
        Retention.REPLACED,
        Field("pk", key, personal=False),
        kept("what the item consists of", *fields),
        seen_by=(seen_by,),
    )


_REFUSED_ROWS = Item(
    Place.CONFIG,
    "refused_rows",
    "the rows of an import that were refused: line, id and why, nothing else of them",
    Words(
        "That a row of a file brought along could not be used, for two months.",
        "Dass eine Zeile einer mitgebrachten Datei nicht verwendbar war, zwei Monate lang.",
    ),
    Purpose.OPERATION,
    Basis.LEGITIMATE_INTEREST,
    Retention.QUARTER,
    Field("pk", "the import's name and where in its file the batch begins", personal=False),
    (
        Field("rows", "line, id and why", withheld="no row of it is known to be anybody's"),
        *kept("when it is purged", "ttl"),
    ),
    seen_by=(Reader.ADMIN,),
)


def _anchor(name: str, words: str, key: str, *fields: str) -> Item:
    """A part of a day's root: digests of accounts' ids, numbers and hashes."""
    return Item(
        Place.ANCHORS,
        name,
        words,
        None,
        Purpose.ACCOUNTABILITY,
        Basis.LEGITIMATE_INTEREST,
        Retention.FOR_EVER,
        Field("pk", key, personal=False),
        kept("digests and numbers", *fields),
    )


_ROOT = (
    "format",
    "hash",
    "accounts",
    "taken_from",
    "taken_until",
    "key_id",
    "algorithm",
    "public_key",
    "signature",
)

ITEMS = (
    _AUDIT,
    _ANY_AUDIT,
    _REFUSED_ROWS,
    _setting(
        "program",
        "a version of the program",
        "its number",
        "schema",
        "version",
        "document",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "active_program",
        "which version is in force",
        "one item",
        "version",
        "since",
        "turn",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "activation",
        "when versions came into force",
        "a number",
        "version",
        "since",
        "replaced",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "plan",
        "what a draft of the program would have meant",
        "an id",
        "version",
        "active_version",
        "at",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "segment",
        "members under a name: the condition that they match, or that they are on a list",
        "its id",
        "schema",
        "version",
        "document",
        "created_at",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "created_segment",
        "a segment as it was created",
        "its id",
        "schema",
        "document",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "reward",
        "a reward of the catalogue",
        "its id",
        "schema",
        "version",
        "document",
        "created_at",
        "units",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "created_reward",
        "a reward as it was created",
        "its id",
        "schema",
        "document",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "stock",
        "how many units of a reward are left",
        "the reward",
        "remaining",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "offer",
        "an offer as it is now",
        "its id",
        "schema",
        "version",
        "document",
        "created_at",
        "budgeted",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "offer_version",
        "an offer as of a version",
        "its id and the version",
        "schema",
        "document",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "offers_generation",
        "how often what tills go by has changed",
        "fixed",
        "generation",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "offer_number",
        "the number that an offer was given last",
        "fixed",
        "last",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "budget",
        "how much of an offer's budget is left",
        "the offer",
        "remaining",
        seen_by=Reader.MARKETER,
    ),
    _setting(
        "key",
        "a key of a checkout, without its secret",
        "its id",
        "schema",
        "document",
        "secret_hash",
        seen_by=Reader.ADMIN,
    ),
    _setting(
        "live_key",
        "a key that is good, by its secret's hash",
        "the hash",
        "schema",
        "document",
        seen_by=Reader.ADMIN,
    ),
    _setting(
        "key_source",
        "how many keys a checkout has",
        "its source",
        "numeric_ids",
        "live",
        seen_by=Reader.ADMIN,
    ),
    _setting(
        "import",
        "an import of another product's points, and how far it is",
        "its name",
        "schema",
        "version",
        "document",
        seen_by=Reader.ADMIN,
    ),
    _setting(
        "reconciliation",
        "what a check of all books found",
        "its number",
        "schema",
        "done",
        "document",
        seen_by=Reader.ADMIN,
    ),
    _setting(
        "checkpoint",
        "how far somebody is who goes through all books",
        "the pass",
        "page",
        "cursor",
        "done",
        "sums",
        seen_by=Reader.ADMIN,
    ),
    _anchor("root", "the signed root of a day", "the day", *_ROOT),
    _anchor("begun", "since when a day's root is made", "the day", "at"),
    _anchor(
        "noted", "heads that were seen on the way to it", "the day and a page", "leaves", "ttl"
    ),
    _anchor("tree", "the buckets of its tree", "the day and the bucket", "root", "leaves"),
    _anchor("bucket", "the leaves of a bucket", "the bucket's root and a part", "leaves"),
)
