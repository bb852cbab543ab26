"""What is held of what members told us: interactions, reminders of them, surveys and their sums."""

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

_ROLE = "members are told the role, not the person"

_CONTENT = (
    Field("f.content.text", "an enquiry, a complaint or feedback in words"),
    Field("f.content.history", "the states of a complaint"),
    Field("f.content.history.state", "how far a complaint was"),
    Field("f.content.history.at", "since when"),
    Field("f.content.history.by", "who moved it there", withheld=_ROLE),
    Field("f.content.history.note", "what was written to the member with it"),
    Field("f.content.rating", "feedback as 1 to 5"),
    Field("f.content.purchase_id", "the receipt that feedback is about"),
    Field("f.content.survey_id", "the survey or competition that was answered"),
    Field("f.content.answers", "the answers, by question"),
    Field("f.content.points", "the points that they gave"),
    Field("f.content.product", "a product under warranty"),
    Field("f.content.serial", "its serial number"),
    Field("f.content.purchased_on", "when it was bought"),
    Field("f.content.months", "how many months the warranty lasts"),
    Field("f.content.service_every_months", "at which intervals it wants service"),
    Field("f.content.remind_on", "the service that the member is reminded of next"),
    Field("f.content.reminded", "the services that the member was reminded of"),
    Field(
        "f.content.told_by",
        "which run of the service sent the last reminder",
        withheld="random bytes that tell two runs apart",
    ),
)

_INTERACTION = Item(
    Place.PEOPLE,
    "interaction",
    "what a member told us: enquiries, complaints, feedback, answers, warranties; sealed",
    Words(
        "What you told us: questions, complaints and what became of them, feedback, answers to "
        "surveys, registered products.",
        "Was Sie uns sagten: Fragen, Beschwerden und ihr Stand, Rückmeldungen, Antworten auf "
        "Umfragen, registrierte Produkte.",
    ),
    Purpose.SERVICE,
    Basis.CONTRACT,
    Retention.MEMBERSHIP,
    Field(
        "pk",
        "the member's id, when it was, and a random number",
        withheld="the section shows each by itself",
    ),
    (
        Field("f", "the sealed content"),
        Field("f.kind", "what it is about"),
        Field("f.by", "who wrote it down", withheld=_ROLE),
        Field("f.content", "what was said and what became of it"),
        *_CONTENT,
        *kept("how the item is written, and how often it was changed", "v", "n"),
    ),
    seen_by=(Reader.MEMBER, Reader.SUPPORT, Reader.PRIVACY),
    section="interactions",
)

_LEAD = Item(
    Place.PEOPLE,
    "interaction_lead",
    "where one thing that a member told us stands among the others",
    Words(
        "When you told us something, to find it again.",
        "Wann Sie uns etwas sagten, um es wiederzufinden.",
    ),
    Purpose.SERVICE,
    Basis.CONTRACT,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id and a random number", withheld="the section shows both"),
    (Field("at", "when it was"),),
    section="interactions",
)

_REMINDER = Item(
    Place.PEOPLE,
    "reminder",
    "that a member is to be reminded of a service on a day; dropped on it, whatever happens",
    Words(
        "The day on which you are to be reminded of a service.",
        "Der Tag, an dem Sie an eine Wartung erinnert werden.",
    ),
    Purpose.SERVICE,
    Basis.CONTRACT,
    Retention.REPLACED,
    Field(
        "pk",
        "the day, the member's id and the registration's",
        withheld="the registration itself shows the day",
    ),
    goes_to=(Recipient.MAIL,),
)

_OWN_REMINDER = Item(
    Place.PEOPLE,
    "own_reminder",
    "where it stands that a member is to be reminded, so that an erasure finds it",
    Words(
        "The same day, kept with you, so that it goes when you go.",
        "Derselbe Tag, bei Ihnen vermerkt, damit er mit Ihnen gelöscht wird.",
    ),
    Purpose.SERVICE,
    Basis.CONTRACT,
    Retention.REPLACED,
    Field(
        "pk",
        "the member's id, the day and the registration's id",
        withheld="the registration itself shows the day",
    ),
)


def _setting(name: str, words: str, key: str, *fields: str) -> Item:
    return Item(
        Place.CONFIG,
        name,
        words,
        None,
        Purpose.SERVICE,
        Basis.LEGITIMATE_INTEREST,
        Retention.REPLACED,
        Field("pk", key, personal=False),
        kept("what the item consists of", *fields),
        seen_by=(Reader.MARKETER, Reader.MEMBER),
    )


ITEMS = (
    _INTERACTION,
    _LEAD,
    _REMINDER,
    _OWN_REMINDER,
    _setting(
        "survey",
        "a survey or a competition: what is asked, and what an answer gives",
        "its id",
        "schema",
        "version",
        "document",
        "created_at",
    ),
    _setting("created_survey", "a survey as it was created", "its id", "schema", "document"),
    _setting(
        "survey_sums",
        "how often each answer to a survey was given, without a word of who did",
        "the survey's id and a number",
        "n",
    ),
)
