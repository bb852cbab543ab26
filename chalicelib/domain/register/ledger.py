"""What is held of points: entries, purchases, redemptions and every other operation.

The ledger is appended to and never changed; an erasure redacts what could lead to a person.
"""

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

_READERS = (Reader.MEMBER, Reader.SUPPORT, Reader.PRIVACY)
_EVENTS = (Recipient.SHOP_SYSTEMS,)
_MARK = kept("whether it stands for its operation in the stream", "ev")
_REDACTED = kept("whether it was redacted because its member was erased", "rd")
_COMMITTED = kept("of a redacted one, the salted digest of what it was", "m")
_FINGERPRINT = "a digest that tells a repeat from another request"
_POSTED_FOR = "the member it counted for, where another's account keeps the points"
_SECRET_SALT = "random bytes, kept beside what they hide"  # noqa: S105  # words for people
_DIGEST = "a keyed digest; the export shows what it stands for"
_OTHERS = "other members' ids: they are not the member's to take along"
_NAMED = Field("pk", "a keyed digest of the purchase's id", withheld=_DIGEST)

_ENTRY = Item(
    Place.LEDGER,
    "entry",
    "one change of an account, and the account after it; chained by its hash",
    Words(
        "Your points: every change, when and why, and what you had then.",
        "Ihre Punkte: jede Änderung, wann und warum, und Ihr Stand danach.",
    ),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.REDACTED,
    Field("pk", "the account's id, a random number, and the entry's number"),
    (
        Field("k", "what kind of change it is"),
        Field("at", "when it was"),
        Field(
            "c",
            "the key of the record that it came of",
            withheld="a digest; the record itself is in the export",
        ),
        Field("x", "the changes of available and pending points and of debt"),
        Field("v", "the version of the program that it followed"),
        Field("w", "what made the points"),
        Field("s", "the account after it"),
        Field("s.status", "whether the account is active"),
        Field("s.lots", "available points by their last day"),
        Field("s.pending", "pending points by their first and last day"),
        Field("s.debt", "points that are owed"),
        Field("s.months", "purchases, spend and points by month, for tiers"),
        Field("s.lifetime", "sums since joining"),
        Field("s.uses", "how often limited rewards were used"),
        Field("s.expired", "what expired lately"),
        Field("s.gifts", "what reaching a tier gave"),
        Field("s.held", "the tier and since when"),
        Field("s.active_on", "the last day on which something happened"),
        Field("s.moved_to", "the account that stands in for this one", withheld=_OTHERS),
        Field("s.sharers", "how many accounts share this one", withheld=_OTHERS),
        Field("s.household", "who shares this account", withheld=_OTHERS),
        Field("s.under_review", "since when somebody looks at the account, and why"),
        Field("s.withheld", "points that wait for that, by their first and last day"),
        Field("s.written_off", "points that were taken after somebody had looked"),
        Field("p", "the hash of the entry before it"),
        Field("h", "the hash of this entry and all before it"),
        Field("m", "a salted digest of what it came of", withheld="a digest inside the hash"),
        *_MARK,
    ),
    seen_by=_READERS,
    goes_to=_EVENTS,
    section="statement",
)

_TRAITS = Item(
    Place.LEDGER,
    "traits",
    "facts that offers may ask for; nothing in it names a person",
    Words(
        "What offers may know of you: country, language, month of birth, interests, what you buy"
        " how often, the offers you chose, granted purposes.",
        "Was Angebote von Ihnen wissen dürfen: Land, Sprache, Geburtsmonat, Interessen, was Sie wie"
        " oft kaufen, gewählte Angebote, Erlaubnisse.",
    ),
    Purpose.PROFILING,
    Basis.CONSENT,
    Retention.MEMBERSHIP,
    Field("pk", "the account's id, a random number"),
    (
        Field("d", "the facts"),
        Field("d.contact_changed_at", "when an address last changed"),
        Field("d.country", "the country"),
        Field("d.birth_month", "the month of birth"),
        Field("d.interests", "the categories of interest"),
        Field("d.purposes", "the purposes that are in force"),
        Field("d.profiling", "whether offers may use what is known of the member"),
        Field("d.language", "the language of its messages"),
        Field("d.joined_on", "the day on which it joined"),
        Field("d.attributes", "its own attributes, as the program declares them"),
        Field("d.lists", "the segments that staff have put it on"),
        Field("d.activated", "the offers that it has opted in to"),
        Field("b", "what it buys: days, sums, categories, stores and products of late"),
    ),
    seen_by=(Reader.MARKETER,),
    section="traits",
)

_PURCHASE = Item(
    Place.LEDGER,
    "purchase",
    "a purchase as the till told it, and what it gave",
    Words(
        "Your purchases: what, where, when, for how much, and the points for it.",
        "Ihre Einkäufe: was, wo, wann, zu welchem Preis, und die Punkte dafür.",
    ),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.REDACTED,
    _NAMED,
    (
        Field("a", "the account that it counted for"),
        Field("at", "when it was posted"),
        Field("v", "the version of the program that it was priced with"),
        Field("n", _POSTED_FOR, withheld="it is the member's own id"),
        Field("d", "what was bought"),
        Field("d.purchase_id", "the receipt's number"),
        Field("d.occurred_at", "when it was bought"),
        Field("d.currency", "the currency"),
        Field("d.lines", "the lines of the receipt"),
        Field("d.lines.line_id", "a line's number"),
        Field("d.lines.sku", "the article's number"),
        Field("d.lines.quantity", "how many of it"),
        Field("d.lines.amount_minor", "what it cost, in minor units"),
        Field("d.lines.category", "the article's category"),
        Field("d.lines.brand", "the article's brand"),
        Field("d.lines.eligible", "whether it earns points"),
        Field("d.tenders", "how it was paid"),
        Field("d.tenders.kind", "the kind of payment"),
        Field("d.tenders.amount_minor", "how much was paid with it, in minor units"),
        Field("d.tenders.redemption_id", "the redemption that paid for it"),
        Field("d.channel", "the way of buying, such as store or web"),
        Field("d.store_id", "the shop"),
        Field("d.external", "the till's own reference"),
        Field("g", "what it gave, and the account after it"),
        Field("w", "what made the points"),
        Field("f", _FINGERPRINT, withheld="digests of what is shown in clear"),
        Field("z", _SECRET_SALT, withheld="random bytes that say nothing"),
        *_REDACTED,
        *_COMMITTED,
        *_MARK,
    ),
    seen_by=(Reader.MEMBER, Reader.CHECKOUT, Reader.SUPPORT, Reader.PRIVACY),
    goes_to=_EVENTS,
    section="purchases",
)

_RETURN = Item(
    Place.LEDGER,
    "return",
    "what came back of a purchase, and the points that it took",
    Words(
        "What you returned, and the points for it.", "Was Sie zurückgaben, und die Punkte dafür."
    ),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.REDACTED,
    _NAMED,
    (
        Field("at", "when it was posted"),
        Field("d", "what came back"),
        Field("d.return_id", "the return's number"),
        Field("d.lines", "line, quantity and amount of what came back"),
        Field("g", "what it took, and the account after it"),
        Field("w", "what made the points"),
        Field("f", _FINGERPRINT, withheld="digests of what is shown in clear"),
        Field("z", _SECRET_SALT, withheld="random bytes that say nothing"),
        *_REDACTED,
        *_COMMITTED,
        *_MARK,
    ),
    seen_by=(Reader.MEMBER, Reader.CHECKOUT, Reader.SUPPORT, Reader.PRIVACY),
    goes_to=_EVENTS,
    section="purchases",
)

_CLAIM = Item(
    Place.LEDGER,
    "claim",
    "that a member claimed a purchase, and what it gave",
    Words(
        "Purchases that you claimed with a code.",
        "Einkäufe, die Sie mit einem Code nachgetragen haben.",
    ),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.REDACTED,
    _NAMED,
    (
        Field("a", "the account that it counted for"),
        Field("at", "when it was claimed"),
        Field("n", _POSTED_FOR, withheld="it is the member's own id"),
        Field("g", "what it gave, and the account after it"),
        Field("w", "what made the points"),
        *_REDACTED,
        *_MARK,
    ),
    seen_by=_READERS,
    goes_to=_EVENTS,
    section="purchases",
)

_WAITING = Item(
    Place.LEDGER,
    "waiting",
    "a return that came before its purchase",
    Words(
        "A return whose purchase is not known yet.",
        "Eine Rückgabe, deren Einkauf noch nicht bekannt ist.",
    ),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.REDACTED,
    _NAMED,
    (
        Field("at", "when it was posted", withheld="nobody's before its purchase comes"),
        Field("d", "what is to come back", withheld="nobody's before its purchase comes"),
        Field("f", _FINGERPRINT, withheld="digests of the same"),
        *_REDACTED,
        *_MARK,
    ),
    seen_by=(Reader.CHECKOUT,),
)

_REFUSED = Item(
    Place.LEDGER,
    "refused",
    "a return that had waited and did not fit its purchase",
    Words(
        "A return that did not fit its purchase.",
        "Eine Rückgabe, die nicht zu ihrem Einkauf passte.",
    ),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.REDACTED,
    _NAMED,
    (
        Field("at", "when it was told"),
        Field("d", "the return and why it was refused"),
        Field("d.return_id", "the return's number"),
        Field("d.code", "why it was refused"),
        *_REDACTED,
        *_MARK,
    ),
    seen_by=(Reader.CHECKOUT, Reader.MEMBER),
    section="purchases",
)

_REDEMPTION = Item(
    Place.LEDGER,
    "redemption",
    "points that were spent on a reward, with its terms as of then",
    Words("What you spent points on.", "Wofür Sie Punkte ausgegeben haben."),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.REDACTED,
    Field("pk", "the redemption's id"),
    (
        Field("d", "the redemption"),
        Field("d.redemption_id", "its id"),
        Field("d.account_id", "the account that paid"),
        Field("d.at", "when it was issued"),
        Field("d.expires_at", "when it expires"),
        Field("d.reward", "the reward as it was then"),
        Field("d.points", "what it cost"),
        Field("d.lots", "where the points came from"),
        Field("d.use", "what it counted against the member's limit"),
        Field("d.available_after", "the points that were left"),
        Field("d.fingerprint", _FINGERPRINT, withheld="digests of the request"),
        *kept("the counter that it took a unit from", "d.stock_shard"),
        *_REDACTED,
        *_MARK,
    ),
    seen_by=(Reader.MEMBER, Reader.CHECKOUT, Reader.SUPPORT),
    goes_to=_EVENTS,
    section="redemptions",
)

_END = Item(
    Place.LEDGER,
    "end",
    "the one end of a redemption",
    Words("How each redemption ended.", "Wie jede Einlösung endete."),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.REDACTED,
    Field("pk", "the redemption's id"),
    (
        Field("d", "the end"),
        Field("d.redemption_id", "the redemption's id"),
        Field("d.ended_as", "used, cancelled or expired"),
        Field("d.at", "when"),
        Field("d.ended_by", "what stands for the request", withheld="a digest"),
        Field("d.returned", "the points that came back"),
        Field("d.debt_paid", "the debt that was paid with them"),
        Field("d.available_after", "the points that were available then"),
        *_MARK,
    ),
    seen_by=(Reader.MEMBER, Reader.CHECKOUT, Reader.SUPPORT),
    goes_to=_EVENTS,
    section="redemptions",
)

_SPENT = Item(
    Place.LEDGER,
    "spent",
    "the purchase that a redemption paid for",
    Words("Which purchase you paid with points.", "Welchen Einkauf Sie mit Punkten bezahlt haben."),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.REDACTED,
    Field("pk", "the redemption's id"),
    (
        Field("d", "the link"),
        Field("d.redemption_id", "the redemption's id"),
        Field("d.purchase", "the purchase's digest", withheld=_DIGEST),
        Field("d.at", "when"),
        *_MARK,
    ),
    seen_by=(Reader.MEMBER, Reader.CHECKOUT),
    section="redemptions",
)

_VOUCHER = Item(
    Place.LEDGER,
    "voucher",
    "leads from a voucher's code to its redemption",
    Words(
        "A keyed digest of each voucher's code.",
        "Eine verschlüsselte Prüfsumme jedes Gutscheincodes.",
    ),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.FOR_EVER,
    Field("pk", "a keyed digest of the voucher's code", withheld="a digest"),
    (
        Field("d", "the link", withheld="the redemption is in the export"),
        Field("d.name", "the digest", withheld="a digest"),
        Field("d.redemption_id", "the redemption's id", withheld="the redemption is in the export"),
        Field("d.at", "when it was issued", withheld="the redemption is in the export"),
        *_MARK,
    ),
)

_ANSWERED = (
    ("member_id", "whose points it was"),
    ("from_member", "who sent points"),
    ("from", "the account that points came from"),
    ("to_member", "who got points"),
    ("to", "the account that points went to"),
    ("owner", "who invites"),
    ("points", "how many points"),
    ("lots", "the points by their last day"),
    ("at", "when"),
    ("until", "until when it is good"),
    ("sent_on", "the day it was sent"),
    ("matures_on", "the first day to spend them"),
    ("occurred_on", "the day of a purchase before this program"),
    ("amount_minor", "the amount of a purchase before this program"),
    ("status", "what became of it"),
    ("allow_debt", "whether it may leave a debt"),
    ("available_after", "the points that were available then"),
    ("pending_after", "the points that were pending then"),
    ("debt_after", "the points that were owed then"),
    ("source_available_after", "the other account's available points then"),
    ("source_pending_after", "the other account's pending points then"),
    ("source_debt_after", "the other account's debt then"),
    ("redemption_id", "the redemption that a code was used for"),
    ("survey_id", "the survey that was answered"),
    ("interaction_id", "which of the member's answers it was"),
    ("import", "the import that it came with"),
    ("line", "the line of the import's file"),
    ("of", "what the import's row said"),
    ("moved", "what moved between two accounts"),
    ("paid", "what was paid of a debt when two accounts met"),
    ("from_seq", "the entry that it begins with"),
    ("to_seq", "the entry that it begins with in the other account"),
    ("owner_seq", "the entry that it begins with in the owner's account"),
)
"""What operations keep of their answers, all kinds together."""

_OPERATION = Item(
    Place.LEDGER,
    "operation",
    "the record of any other operation: adjustments, transfers, merges, imports, answers",
    Words(
        "Transfers, households, corrections, merged accounts and points brought along.",
        "Übertragungen, Haushalte, Korrekturen, zusammengelegte Konten, mitgebrachte Punkte.",
    ),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.REDACTED,
    Field("pk", "the kind of operation and its id, or a keyed digest of it", withheld=_DIGEST),
    (
        Field("d", "the record"),
        Field("d.kind", "the kind of operation"),
        Field("d.name", "its id, or a keyed digest of it", withheld=_DIGEST),
        Field("d.fingerprint", _FINGERPRINT, withheld="digests of the request"),
        Field("d.answer", "what was answered"),
        *(Field(f"d.answer.{name}", words) for name, words in _ANSWERED),
        Field("d.answer.by", "who did it", withheld="members are told the role, not the person"),
        *kept("the version of the program, or what leads on", "d.answer.version"),
        Field("d.answer.purchase", "a purchase's digest", withheld=_DIGEST),
        *_REDACTED,
        *_MARK,
    ),
    seen_by=_READERS,
    goes_to=_EVENTS,
    section="operations",
)

_ANY = Item(
    Place.LEDGER,
    "any",
    "when an entry's points or a redemption fall due, for the workers that look after them",
    None,
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.FOR_EVER,
    None,
    (
        Field("due_bucket", "the day or the group that it is looked for in", personal=False),
        Field("due_at", "the day, and the account's id", withheld="the statement shows both"),
    ),
)

ITEMS = (
    _ANY,
    _ENTRY,
    _TRAITS,
    _PURCHASE,
    _RETURN,
    _CLAIM,
    _WAITING,
    _REFUSED,
    _REDEMPTION,
    _END,
    _SPENT,
    _VOUCHER,
    _OPERATION,
)
