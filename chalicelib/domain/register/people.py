"""What is held of people: profiles, preferences, consents, codes, identifiers, cards on file."""

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

_STAFF = (Reader.MEMBER, Reader.SUPPORT, Reader.PRIVACY)
_MEMBER_KEY = Field("pk", "the member's id, a random number, and which item of it this is")
_DIGEST = "a keyed digest that nobody can read; the export shows what it stands for"

_FORM = "a form that was opened once; the export shows the card that came of it"

_PERSON = (
    Field("f.email", "the e-mail address"),
    Field("f.phone", "the phone number"),
    Field("f.name", "the name"),
    Field("f.name.given", "the given name"),
    Field("f.name.family", "the family name"),
    Field("f.birth_date", "the date of birth"),
    Field("f.postal_address", "the postal address"),
    Field("f.postal_address.street", "street and house number"),
    Field("f.postal_address.city", "the town"),
    Field("f.postal_address.region", "the state or province"),
    Field("f.postal_address.country", "the country"),
    Field("f.postal_address.postal_code", "the postal code"),
    Field("f.locale", "the language and region to write in"),
    Field("f.external_id", "the number that the shop's own system knows the member by"),
    Field("f.attributes", "further details that the program asks for"),
    Field("f.referred_by", "who brought the member: a card number or a member's id"),
    Field("f.card_number", "the number of the loyalty card"),
    Field("f.pending", "new addresses that wait for their code, by channel"),
    Field(
        "f.enrolled_as",
        "a digest of each field of the request that enrolled the member, to tell a repeat",
        withheld="digests of what the profile shows in clear",
    ),
)
"""What is sealed of a person with the person's own key."""

PREFERENCES = tuple(
    Field(f"f.preferences{name}", words)
    for name, words in (
        ("", "how, how often and about what the member wants to hear"),
        (".channels", "the channels that messages may come by"),
        (".categories", "the categories of interest"),
        (".language", "the language of messages"),
        (".max_messages_per_week", "how many messages a week are welcome"),
        (".quiet_hours", "the hours in which no message comes"),
        (".quiet_hours.start", "when the quiet hours begin"),
        (".quiet_hours.until", "when the quiet hours end"),
    )
)

PROFILE = Item(
    Place.PEOPLE,
    "profile",
    "the member's profile, each field sealed with the member's own key",
    Words(
        "Your profile: name, addresses, date of birth, card number and what you added.",
        "Ihr Profil: Name, Adressen, Geburtsdatum, Kartennummer und was Sie ergänzt haben.",
    ),
    Purpose.MEMBERSHIP,
    Basis.CONTRACT,
    Retention.MEMBERSHIP,
    _MEMBER_KEY,
    (
        Field("at", "when the member enrolled"),
        Field("f", "the sealed fields"),
        *_PERSON,
        Field("c", "which addresses were proved by a code"),
        Field("l", "whether an account for signing in is linked"),
        *kept("how the item is written, and how often it was changed", "v", "n"),
    ),
    seen_by=(Reader.MEMBER, Reader.CHECKOUT, Reader.SUPPORT),
    goes_to=(Recipient.MAIL, Recipient.SMS),
    section="profile",
)

_PREFERENCES = Item(
    Place.PEOPLE,
    "preferences",
    "the member's preferences, sealed",
    Words(
        "Your preferences: channels, interests, quiet hours.",
        "Ihre Einstellungen: Kanäle, Interessen, Ruhezeiten.",
    ),
    Purpose.CONTACT,
    Basis.CONTRACT,
    Retention.MEMBERSHIP,
    _MEMBER_KEY,
    (
        Field("f", "the sealed fields"),
        *PREFERENCES,
        *kept("how the item is written, and how often it was changed", "v", "n"),
    ),
    seen_by=(Reader.MEMBER,),
    section="preferences",
)

_CONSENT = Item(
    Place.PEOPLE,
    "consent",
    "one statement about one purpose; only ever added to",
    Words(
        "What you agreed to or withdrew, when, and which text you saw.",
        "Was Sie erlaubt oder widerrufen haben, wann, und welchen Text Sie sahen.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.MEMBERSHIP,
    _MEMBER_KEY,
    (
        Field("d", "what was said"),
        Field("d.purpose", "the purpose"),
        Field("d.granted", "whether it was granted or withdrawn"),
        Field("d.policy_version", "the version of the text that was shown"),
        Field("d.at", "when it was said"),
        Field("d.source", "who passed it on"),
        Field("d.kind", "what kind of purpose it was asked for as"),
        Field("d.channel", "the channel that it is for"),
        Field("d.confirmed", "whether nothing is missing for it to count"),
        Field("d.evidence", "what it can be proved by"),
        Field("d.evidence.how", "on which way it was said"),
        Field("d.evidence.request_id", "the request that said it"),
        Field(
            "s",
            "what stands after it, by purpose",
            withheld="the newest statements of each purpose once more",
        ),
    ),
    seen_by=_STAFF,
    section="consents",
)

_CODE = Item(
    Place.PEOPLE,
    "code",
    "the digest of the code that was sent last on a channel",
    Words(
        "The code that we sent you last, as a digest that does not show it.",
        "Der zuletzt gesendete Code, als Prüfsumme, die ihn nicht zeigt.",
    ),
    Purpose.SECURITY,
    Basis.CONTRACT,
    Retention.DAY,
    Field("pk", "the member's id and the channel", withheld="gone within a day"),
    (
        Field("d", "the code's digest", withheld="telling it would tell the code"),
        *kept("until when it is good, how often it was tried, when it is purged", "u", "n", "ttl"),
    ),
)

_IDENTIFIER = Item(
    Place.PEOPLE,
    "identifier",
    "leads from an e-mail address, phone, card or outside id to the member",
    Words(
        "A keyed digest of your addresses and numbers, to find you by them.",
        "Eine verschlüsselte Prüfsumme Ihrer Adressen und Nummern, um Sie zu finden.",
    ),
    Purpose.MEMBERSHIP,
    Basis.CONTRACT,
    Retention.MEMBERSHIP,
    Field("pk", "the kind of identifier and a keyed digest of it", withheld=_DIGEST),
    (Field("m", "the member's id"),),
    section="profile",
)

_SIGN_UP = Item(
    Place.PEOPLE,
    "sign_up",
    "what somebody typed who has not proved an address yet",
    Words(
        "A sign-up that waits for its code: what was typed, sealed.",
        "Eine Anmeldung, die auf ihren Code wartet: was eingegeben wurde, versiegelt.",
    ),
    Purpose.MEMBERSHIP,
    Basis.CONTRACT,
    Retention.WEEK,
    Field("pk", "the sign-up's id, a random number", withheld="not a member yet"),
    tuple(
        Field(one.name, one.words, withheld="nobody's yet: an address that nobody has proved")
        for one in (
            Field("m", "the id that the member will have"),
            Field("at", "when it was started"),
            Field("f", "the sealed fields"),
            *_PERSON,
            Field("p", "the sealed preferences"),
            *(Field(f"p{field.name[1:]}", field.words) for field in PREFERENCES),
            Field("d", "the consents that were given"),
        )
    )
    + kept("how it is written, until when it is good, when it is purged", "v", "u", "ttl"),
)

_JOINED = Item(
    Place.PEOPLE,
    "joined",
    "what is left of a sign-up after its address was proved",
    Words("That you signed up, for a week.", "Dass Sie sich angemeldet haben, eine Woche lang."),
    Purpose.MEMBERSHIP,
    Basis.CONTRACT,
    Retention.WEEK,
    Field("pk", "the sign-up's id", withheld="says only that it led to this member"),
    (
        Field("m", "the member's id", withheld="the profile shows it"),
        *kept("until when it is told, when it is purged", "u", "ttl"),
    ),
)

_TOLD = Item(
    Place.PEOPLE,
    "told",
    "what the member was told of points that expire",
    Words(
        "Which messages about expiring points you got.",
        "Welche Nachrichten über verfallende Punkte Sie bekamen.",
    ),
    Purpose.CONTACT,
    Basis.CONTRACT,
    Retention.MEMBERSHIP,
    _MEMBER_KEY,
    (
        Field("e", "what the shop's systems were told, by the points' last day"),
        Field("l", "what letters the member got, by the points' last day"),
        *kept("how often it was changed and by which run", "n", "by"),
    ),
    seen_by=(Reader.MEMBER,),
    section="messages",
)

_SENDING = Item(
    Place.PEOPLE,
    "sending",
    "what became of a letter that announces an offer",
    Words(
        "Which announcements of offers you were sent, or why you were not.",
        "Welche Ankündigungen von Angeboten Sie bekamen, oder warum nicht.",
    ),
    Purpose.MARKETING,
    Basis.CONSENT,
    Retention.MEMBERSHIP,
    _MEMBER_KEY,
    (
        Field("fate", "whether it was sent, waits or was withheld, and why"),
        Field("at", "when"),
        Field("offer_id", "the offer"),
        Field("purpose", "the consent that it rests on"),
        Field("channel", "how it was sent"),
        Field("again_at", "when one that waits is tried again"),
        *kept("how often it was changed and by which try", "n", "by"),
    ),
    seen_by=(Reader.MEMBER, Reader.SUPPORT),
    goes_to=(Recipient.MAIL,),
    section="announcements",
)

_WALLET = Item(
    Place.PEOPLE,
    "wallet",
    "which customer the member is at Stripe",
    Words(
        "Your number at Stripe, where your payment cards are kept.",
        "Ihre Nummer bei Stripe, wo Ihre Zahlungskarten liegen.",
    ),
    Purpose.PAYMENT,
    Basis.CONTRACT,
    Retention.MEMBERSHIP,
    _MEMBER_KEY,
    (
        Field("c", "the customer number at Stripe"),
        *kept("how it is written, how often it and the customer were changed", "v", "n", "k"),
    ),
    goes_to=(Recipient.STRIPE,),
    section="cards",
)

_CARD = Item(
    Place.PEOPLE,
    "card",
    "a payment card on file: a reference, never its number",
    Words(
        "Your cards on file: brand, last four digits, expiry. Never the number.",
        "Ihre hinterlegten Karten: Marke, letzte vier Ziffern, Ablauf. Nie die Nummer.",
    ),
    Purpose.PAYMENT,
    Basis.CONTRACT,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id and the card's reference at Stripe"),
    (
        Field("b", "the brand"),
        Field("d", "the last four digits"),
        Field("m", "the month in which it expires"),
        Field("y", "the year in which it expires"),
        Field("f", "a keyed digest that the card is found by", withheld=_DIGEST),
        Field("at", "when it was put on file"),
    ),
    seen_by=(Reader.MEMBER, Reader.SUPPORT),
    goes_to=(Recipient.STRIPE,),
    section="cards",
)

_REMOVED_CARD = Item(
    Place.PEOPLE,
    "removed_card",
    "that a card was taken off file, so that a late message does not bring it back",
    Words("That a card was removed.", "Dass eine Karte entfernt wurde."),
    Purpose.PAYMENT,
    Basis.CONTRACT,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id and the card's former reference"),
    section="cards",
)

_SETUP = Item(
    Place.PEOPLE,
    "setup",
    "which form of Stripe a request to add a card opened",
    Words("That you began to add a card.", "Dass Sie begonnen haben, eine Karte zu hinterlegen."),
    Purpose.PAYMENT,
    Basis.CONTRACT,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id and a keyed digest of the request", withheld=_FORM),
    (
        Field("i", "the form's reference at Stripe", withheld=_FORM),
        Field("at", "when it was opened", withheld=_FORM),
    ),
    goes_to=(Recipient.STRIPE,),
)

_CARD_EVENT = Item(
    Place.PEOPLE,
    "event",
    "that a message of Stripe was dealt with",
    None,
    Purpose.OPERATION,
    Basis.LEGITIMATE_INTEREST,
    Retention.QUARTER,
    Field("pk", "the message's id", personal=False),
    kept("when it is purged", "ttl"),
)

_COUNTER = Item(
    Place.PEOPLE,
    "counter",
    "how often something was asked for in a span of time, so that nobody tries without end",
    Words(
        "How often you asked for codes and the like, for about an hour.",
        "Wie oft Sie Codes und Ähnliches angefordert haben, etwa eine Stunde lang.",
    ),
    Purpose.SECURITY,
    Basis.LEGITIMATE_INTEREST,
    Retention.DAY,
    Field("pk", "a keyed digest of who asked", withheld="a digest that is gone within a day"),
    kept("how often, and when it is purged", "n", "ttl"),
)

_KEY = Item(
    Place.KEYS,
    "key",
    "the member's own data key, wrapped; without it nothing that is sealed can be read",
    Words(
        "The key that your details are sealed with; destroying it destroys them.",
        "Der Schlüssel, mit dem Ihre Daten versiegelt sind; ohne ihn sind sie unlesbar.",
    ),
    Purpose.SECURITY,
    Basis.LEGAL_OBLIGATION,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id", withheld="the profile shows it"),
    (
        Field("k", "the wrapped key", withheld="a secret of the service"),
        *kept("when the key of a sign-up is purged that nobody verified", "ttl"),
    ),
)

ITEMS = (
    PROFILE,
    _PREFERENCES,
    _CONSENT,
    _CODE,
    _IDENTIFIER,
    _SIGN_UP,
    _JOINED,
    _TOLD,
    _SENDING,
    _WALLET,
    _CARD,
    _REMOVED_CARD,
    _SETUP,
    _CARD_EVENT,
    _COUNTER,
    _KEY,
)
