"""What lies outside of the tables: files, messages on their way to workers, logs.

Each row's field is the resource of `infrastructure/resources.yaml` that holds it.
"""

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

_IMPORT_FILES = Item(
    Place.IMPORT_BUCKET,
    "files",
    "uploaded files with points and purchases of another product, and reports of refused rows",
    Words(
        "A file that brought your points along from an earlier program, for a month.",
        "Eine Datei, die Ihre Punkte aus einem früheren Programm mitbrachte, einen Monat lang.",
    ),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.MONTH,
    Field("ImportBucket", "files and reports", withheld="what was used of it is in the statement"),
    seen_by=(Reader.ADMIN,),
)

_EXPORT_FILES = Item(
    Place.EXPORT_BUCKET,
    "files",
    "copies of what is held of members who asked for one, for a week",
    Words(
        "The copies of your data that you asked for, for a week.",
        "Die Kopien Ihrer Daten, die Sie angefordert haben, eine Woche lang.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.WEEK,
    Field("ExportBucket", "zip files", withheld="an export is the file itself"),
    seen_by=(Reader.MEMBER,),
)

_SNAPSHOT = Item(
    Place.SNAPSHOT_BUCKET,
    "objects",
    "what is known of each member by a random id, what it bought, what offers gave it, and which"
    " were kept from it by lot: counted to say how many an offer is for and what it brought",
    Words(
        "A copy of what we know of your membership, by a random number instead of your name: we"
        " count in it how many members an offer is for, and what it brought beside those from whom"
        " the lot keeps it. What you buy is used in it as you allow. It is made anew every day;"
        " when you are erased, you are left out of it at once, and are in no part of it three days"
        " later.",
        "Eine Kopie dessen, was wir über Ihre Mitgliedschaft wissen, mit einer zufälligen Nummer"
        " statt Ihres Namens: Darin zählen wir, für wie viele Mitglieder ein Angebot ist und was es"
        " gegenüber denen bewirkt hat, denen das Los es vorenthält. Was Sie kaufen, wird darin"
        " verwendet, wie Sie es erlauben. Sie entsteht jeden Tag neu; werden Sie gelöscht, bleiben"
        " Sie sofort außen vor und sind drei Tage später in keinem Teil mehr enthalten.",
    ),
    Purpose.MARKETING,
    Basis.LEGITIMATE_INTEREST,
    Retention.MEMBERSHIP,
    Field("SnapshotBucket", "facts in columns", withheld="each is exported where it comes from"),
    seen_by=(Reader.MARKETER,),
)

_ON_ITS_WAY = Item(
    Place.QUEUES,
    "records",
    "what was written to the ledger, on its way to the snapshot: by a random id, for a minute or"
    " two; for a week where it could not be brought there",
    Words(
        "What happens in your account, by a random number instead of your name, for a minute or two"
        " on its way into that copy; for a week where it could not be brought there.",
        "Was in Ihrem Konto geschieht, mit einer zufälligen Nummer statt Ihres Namens, ein bis zwei"
        " Minuten lang auf dem Weg in diese Kopie; eine Woche, wo es dort nicht ankam.",
    ),
    Purpose.MARKETING,
    Basis.LEGITIMATE_INTEREST,
    Retention.WEEK,
    Field("SnapshotQueue", "records of the ledger", withheld="each is exported where it is kept"),
    (
        Field(
            "SnapshotDeadLetters",
            "records of the ledger that could not be brought there",
            withheld="each is exported where it is kept",
        ),
    ),
)

_EXPORT = Item(
    Place.PEOPLE,
    "export",
    "that a copy of a member's data was asked for, and what became of it",
    Words(
        "When you asked for a copy of your data, and what became of it.",
        "Wann Sie eine Kopie Ihrer Daten verlangt haben, und was daraus wurde.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id and the export's"),
    (
        Field("s", "what became of it"),
        Field("at", "when it was asked for"),
        Field("by", "who asked for it", withheld="members are told the role, not the person"),
        Field("u", "until when it can be downloaded"),
    ),
    seen_by=(Reader.MEMBER, Reader.PRIVACY),
    section="exports",
)

_OPEN_EXPORT = Item(
    Place.PEOPLE,
    "open_export",
    "which copies of members' data are still to be made, for privacy officers",
    Words(
        "That a copy of your data is still to be made.",
        "Dass eine Kopie Ihrer Daten noch zu erstellen ist.",
    ),
    Purpose.ACCOUNTABILITY,
    Basis.LEGAL_OBLIGATION,
    Retention.MEMBERSHIP,
    Field("pk", "the member's id and the export's", withheld="the list of exports says it"),
    seen_by=(Reader.PRIVACY,),
)

_QUEUED = Item(
    Place.QUEUES,
    "messages",
    "names of work that waits for a worker: random ids, no details",
    None,
    Purpose.OPERATION,
    Basis.LEGITIMATE_INTEREST,
    Retention.FORTNIGHT,
    Field("ImportQueue", "names of imports", personal=False),
    (
        Field("ImportDeadLetters", "names of imports that failed", personal=False),
        Field("ExportQueue", "ids of exports", personal=False),
        Field("LetterQueue", "ids of announcements and of members to write to", personal=False),
        Field("LetterDeadLetters", "the same, of what failed", personal=False),
        Field("WebhookQueue", "ids of events and of members, on their way", personal=False),
        Field("WebhookDeadLetters", "the same, of what failed", personal=False),
        Field("EraseQueue", "ids of erasures", personal=False),
        Field("EraseDeadLetters", "ids of erasures that failed", personal=False),
        Field("ExportDeadLetters", "ids of exports that failed", personal=False),
        Field("RelayDeadLetters", "where in the stream events failed", personal=False),
        Field("RefusedQueue", "ids of purchases that were refused, and why", personal=False),
        Field("FollowDeadLetters", "where in the stream nothing was done", personal=False),
    ),
)

_PURCHASES_ON_THEIR_WAY = Item(
    Place.QUEUES,
    "purchases",
    "purchases and returns that a shop's own systems send in bulk, until they are posted; for a"
    " week where they could not be",
    Words(
        "What a shop tells us of your purchases, on its way here; for a week where it could not be"
        " taken in.",
        "Was ein Geschäft uns über Ihre Einkäufe mitteilt, auf dem Weg hierher; eine Woche, wo es"
        " nicht angenommen werden konnte.",
    ),
    Purpose.POINTS,
    Basis.CONTRACT,
    Retention.WEEK,
    Field("PurchaseQueue", "purchases", withheld="each is exported where it is kept"),
    (
        Field(
            "PurchaseDeadLetters",
            "purchases that could not be posted",
            withheld="each is exported where it is kept",
        ),
    ),
)

_LOG = Item(
    Place.LOGS,
    "lines",
    "one line for each request and run: route, status, duration, codes; no body and no detail",
    None,
    Purpose.OPERATION,
    Basis.LEGITIMATE_INTEREST,
    Retention.MONTH,
    Field("APIHandlerLogs", "requests", personal=False),
    tuple(
        Field(name, "runs of a worker", personal=False)
        for name in (
            "RelayLogs",
            "ExpireRedemptionsLogs",
            "ExpirePointsLogs",
            "TellExpiringLogs",
            "RemindLogs",
            "KeepFreshLogs",
            "OccasionsLogs",
            "LettersLogs",
            "LettersAgainLogs",
            "DeliverLogs",
            "DeliverAgainLogs",
            "MailEventsLogs",
            "AnchorLogs",
            "ReconcileLogs",
            "ImportsLogs",
            "PostLogs",
            "ExportLogs",
            "EraseLogs",
            "EraseDueLogs",
            "FollowLogs",
            "SnapshotLogs",
            "SnapshotBaseLogs",
            "TogetherLogs",
        )
    ),
    seen_by=(Reader.ADMIN,),
)

ITEMS = (
    _IMPORT_FILES,
    _EXPORT_FILES,
    _SNAPSHOT,
    _ON_ITS_WAY,
    _EXPORT,
    _OPEN_EXPORT,
    _QUEUED,
    _PURCHASES_ON_THEIR_WAY,
    _LOG,
)
