"""What people may ask for, in words, and the call of the API by which they do."""

from dataclasses import dataclass

from chalicelib.domain.register.rows import Words


@dataclass(frozen=True, slots=True)
class Right:
    """articles: of the GDPR. call: method and path, None where another way is the way."""

    right: str
    articles: str
    words: Words
    call: str | None


RIGHTS = (
    Right(
        "access",
        "15",
        Words(
            "Get a copy of all that we hold of you, within minutes.",
            "Eine Kopie von allem erhalten, was wir über Sie speichern, binnen Minuten.",
        ),
        "POST /v1/members/{member_id}/export",
    ),
    Right(
        "portability",
        "20",
        Words(
            "Take it elsewhere: the copy holds JSON and CSV that programs can read.",
            "Die Daten mitnehmen: Die Kopie enthält JSON und CSV, die Programme lesen können.",
        ),
        "POST /v1/members/{member_id}/export",
    ),
    Right(
        "accesses",
        "15",
        Words(
            "See who of us looked at your data, when and why.",
            "Sehen, wer von uns Ihre Daten angesehen hat, wann und warum.",
        ),
        "GET /v1/members/{member_id}/accesses",
    ),
    Right(
        "rectification",
        "16",
        Words(
            "Correct what is wrong or incomplete.",
            "Berichtigen, was falsch oder unvollständig ist.",
        ),
        "PATCH /v1/members/{member_id}",
    ),
    Right(
        "erasure",
        "17",
        Words(
            "Have everything erased. Your points are lost by it.",
            "Alles löschen lassen. Ihre Punkte verfallen dabei.",
        ),
        "DELETE /v1/members/{member_id}",
    ),
    Right(
        "restriction",
        "18",
        Words(
            "Have your account frozen: nothing is spent, sent or evaluated.",
            "Ihr Konto einfrieren lassen: nichts wird ausgegeben, gesendet oder ausgewertet.",
        ),
        "PUT /v1/members/{member_id}/restriction",
    ),
    Right(
        "withdrawal",
        "7 (3)",
        Words(
            "Withdraw a consent as easily as you gave it; it takes effect at once.",
            "Eine Einwilligung so einfach widerrufen, wie Sie sie gaben; das wirkt sofort.",
        ),
        "PUT /v1/members/{member_id}/consents",
    ),
    Right(
        "objection",
        "21",
        Words(
            "Object to profiling and to advertising, with the link in every mail or here.",
            "Profiling und Werbung widersprechen, über den Link in jeder E-Mail oder hier.",
        ),
        "PUT /v1/members/{member_id}/consents",
    ),
    Right(
        "human_review",
        "22",
        Words(
            "No machine decides alone about anything that binds you: a person looks at points that "
            "are held back, and you can ask why.",
            "Keine Maschine entscheidet allein über etwas, das Sie bindet: Zurückgehaltene Punkte "
            "sieht sich ein Mensch an, und Sie können nach dem Grund fragen.",
        ),
        None,
    ),
    Right(
        "complaint",
        "77",
        Words(
            "Complain to the data protection authority where you live.",
            "Sich bei der Datenschutzaufsicht an Ihrem Wohnort beschweren.",
        ),
        None,
    ),
)
