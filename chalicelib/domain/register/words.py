"""What purposes, legal bases, retentions, readers and recipients are called, for people.

English and German. A test holds it complete: every member of the enums of `rows.py` has its words.
"""

from collections.abc import Mapping

from chalicelib.domain.register.rows import Basis, Purpose, Reader, Recipient, Retention, Words

PURPOSES: Mapping[Purpose, Words] = {
    Purpose.MEMBERSHIP: Words(
        "To run your membership and to recognise you.",
        "Um Ihre Mitgliedschaft zu führen und Sie wiederzuerkennen.",
    ),
    Purpose.POINTS: Words(
        "To count your points and to show how they came about.",
        "Um Ihre Punkte zu zählen und zu zeigen, wie sie zustande kamen.",
    ),
    Purpose.CONTACT: Words(
        "To send you the messages that belong to your membership.",
        "Um Ihnen die Nachrichten zu senden, die zu Ihrer Mitgliedschaft gehören.",
    ),
    Purpose.MARKETING: Words(
        "To write to you about offers, if you agreed.",
        "Um Ihnen Angebote zu schicken, wenn Sie zugestimmt haben.",
    ),
    Purpose.PROFILING: Words(
        "To choose offers that fit you, if you agreed.",
        "Um passende Angebote für Sie auszuwählen, wenn Sie zugestimmt haben.",
    ),
    Purpose.PAYMENT: Words(
        "To recognise you by a payment card that you put on file.",
        "Um Sie an einer Zahlungskarte zu erkennen, die Sie hinterlegt haben.",
    ),
    Purpose.SERVICE: Words(
        "To deal with what you asked us, told us or registered.",
        "Um zu bearbeiten, was Sie uns gefragt, mitgeteilt oder registriert haben.",
    ),
    Purpose.SECURITY: Words(
        "To keep others out of your account and misuse out of the program.",
        "Um Fremde von Ihrem Konto und Missbrauch vom Programm fernzuhalten.",
    ),
    Purpose.ACCOUNTABILITY: Words(
        "To be able to show what was agreed, asked and done.",
        "Um nachweisen zu können, was vereinbart, verlangt und getan wurde.",
    ),
    Purpose.OPERATION: Words(
        "To run the service; nobody is named in it.",
        "Um den Dienst zu betreiben; niemand ist darin genannt.",
    ),
}

BASES: Mapping[Basis, Words] = {
    Basis.CONTRACT: Words(
        "Your membership contract (Article 6 (1) b GDPR).",
        "Ihr Mitgliedschaftsvertrag (Artikel 6 Absatz 1 b DSGVO).",
    ),
    Basis.CONSENT: Words(
        "Your consent, which you can withdraw at any time (Article 6 (1) a GDPR).",
        "Ihre Einwilligung, die Sie jederzeit widerrufen können (Artikel 6 Absatz 1 a DSGVO).",
    ),
    Basis.LEGAL_OBLIGATION: Words(
        "A duty that the law puts on us (Article 6 (1) c GDPR).",
        "Eine gesetzliche Pflicht (Artikel 6 Absatz 1 c DSGVO).",
    ),
    Basis.LEGITIMATE_INTEREST: Words(
        "Our legitimate interest in a safe program (Article 6 (1) f GDPR); you can object.",
        "Unser berechtigtes Interesse an einem sicheren Programm (Artikel 6 Absatz 1 f DSGVO); "
        "Sie können widersprechen.",
    ),
}

RETENTIONS: Mapping[Retention, Words] = {
    Retention.MEMBERSHIP: Words(
        "As long as you are a member; your erasure deletes it.",
        "Solange Sie Mitglied sind; mit Ihrer Löschung wird es gelöscht.",
    ),
    Retention.REDACTED: Words(
        "As long as you are a member. Your erasure removes what could lead to you; numbers without "
        "a name stay, so that the books still add up.",
        "Solange Sie Mitglied sind. Ihre Löschung entfernt, was zu Ihnen führen könnte; Zahlen "
        "ohne Namen bleiben, damit die Bücher weiter stimmen.",
    ),
    Retention.FOR_EVER: Words(
        "For as long as the program exists.", "Solange das Programm besteht."
    ),
    Retention.TOMBSTONE: Words(
        "Three years after your erasure, so that nobody brings you back by mistake.",
        "Drei Jahre nach Ihrer Löschung, damit niemand Sie versehentlich wieder anlegt.",
    ),
    Retention.HOUR: Words("About an hour.", "Etwa eine Stunde."),
    Retention.DAY: Words("About a day.", "Etwa ein Tag."),
    Retention.WEEK: Words("About a week.", "Etwa eine Woche."),
    Retention.FORTNIGHT: Words("Two weeks.", "Zwei Wochen."),
    Retention.MONTH: Words("About a month.", "Etwa ein Monat."),
    Retention.QUARTER: Words("Three months.", "Drei Monate."),
    Retention.REPLACED: Words(
        "Until staff replace or remove it.", "Bis das Personal es ersetzt oder entfernt."
    ),
}

READERS: Mapping[Reader, Words] = {
    Reader.MEMBER: Words("You", "Sie"),
    Reader.CHECKOUT: Words("The checkout that serves you", "Die Kasse, die Sie bedient"),
    Reader.SUPPORT: Words(
        "Our support, in full only with a reason that is recorded",
        "Unser Kundendienst, vollständig nur mit einem Grund, der festgehalten wird",
    ),
    Reader.PRIVACY: Words("Our privacy officers", "Unsere Datenschutzbeauftragten"),
    Reader.MARKETER: Words(
        "Our marketing, in sums without names", "Unser Marketing, in Summen ohne Namen"
    ),
    Reader.ADMIN: Words("Our administrators", "Unsere Administratoren"),
}

RECIPIENTS: Mapping[Recipient, Words] = {
    Recipient.STRIPE: Words(
        "Stripe, which keeps the payment cards", "Stripe, wo die Zahlungskarten liegen"
    ),
    Recipient.MAIL: Words("Amazon SES, which delivers mail", "Amazon SES, das E-Mails zustellt"),
    Recipient.SMS: Words("Amazon SNS, which delivers texts", "Amazon SNS, das SMS zustellt"),
    Recipient.SHOP_SYSTEMS: Words(
        "The shop's own systems, as events without names",
        "Die eigenen Systeme des Geschäfts, als Ereignisse ohne Namen",
    ),
}

HOST = Words(
    "Amazon Web Services hosts everything, encrypted.",
    "Amazon Web Services beherbergt alles, verschlüsselt.",
)
