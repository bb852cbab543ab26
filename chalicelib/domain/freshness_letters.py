"""What a member is written about its details: whether they hold, that messages come back, and that
it will be removed. In English and German. Words alone: no address, no way of sending."""

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.identifiers import Channel
from chalicelib.domain.letters import Letter
from chalicelib.domain.notice_letters import spoken_day, spoken_points


@dataclass(frozen=True, slots=True)
class _Words:
    ask_subject: str
    ask: str
    bounce_subject: str
    bounce: str
    channels: dict[Channel, str]
    warn_subject: str
    warn: str
    lost: str


_ENGLISH = _Words(
    ask_subject="Do your details at {program} still hold?",
    ask=(
        "Once a year we ask whether what we know of you at {program} is still right: your name, "
        "your addresses, your phone.\n\n"
        "Please sign in, look at your profile, and confirm it or change it. If all of it is right "
        "and you do nothing, nothing happens either."
    ),
    bounce_subject="We cannot reach you at {program}",
    bounce=(
        "What we send to your {channel} at {program} comes back, so we do not write there any "
        "more.\n\n"
        "Please sign in and put it right, or have a code sent to it to show that it works."
    ),
    channels={Channel.EMAIL: "e-mail address", Channel.PHONE: "phone"},
    warn_subject="Your membership of {program} ends soon",
    warn=(
        "We have not heard from you for a long time, and we do not keep what we know of people who "
        "are gone. After {day} we will end your membership of {program} and erase your data."
        "{lost}\n\n"
        "If you want to stay, that is all it takes: sign in and confirm your details, or use your "
        "membership once before that day."
    ),
    lost=" You will then lose {points}.",
)
_GERMAN = _Words(
    ask_subject="Stimmen Ihre Angaben bei {program} noch?",
    ask=(
        "Einmal im Jahr fragen wir, ob noch stimmt, was wir bei {program} von Ihnen wissen: Name, "
        "Adressen, Telefon.\n\n"
        "Bitte melden Sie sich an, sehen Sie Ihr Profil an und bestätigen oder ändern Sie es. Wenn "
        "alles stimmt und Sie nichts tun, geschieht auch nichts."
    ),
    bounce_subject="Wir erreichen Sie bei {program} nicht",
    bounce=(
        "Was wir bei {program} an {channel} senden, kommt zurück. Wir schreiben deshalb nicht "
        "mehr dorthin.\n\n"
        "Bitte melden Sie sich an und berichtigen Sie die Angabe, oder lassen Sie sich einen Code "
        "schicken, der zeigt, dass sie stimmt."
    ),
    channels={Channel.EMAIL: "Ihre E-Mail-Adresse", Channel.PHONE: "Ihr Telefon"},
    warn_subject="Ihre Mitgliedschaft bei {program} endet bald",
    warn=(
        "Wir haben lange nichts von Ihnen gehört, und wir behalten nicht, was wir von Menschen "
        "wissen, die nicht mehr da sind. Nach dem {day} beenden wir Ihre Mitgliedschaft bei "
        "{program} und löschen Ihre Daten.{lost}\n\n"
        "Wenn Sie bleiben möchten, genügt dies: Melden Sie sich an und bestätigen Sie Ihre "
        "Angaben, oder nutzen Sie Ihre Mitgliedschaft vor diesem Tag einmal."
    ),
    lost=" Sie verlieren dann {points}.",
)
_SPOKEN = {"de": _GERMAN}


def details_letter(program: str, language: str | None) -> Letter:
    """The yearly question. language: BCP 47; English for one that is not spoken here, and None."""
    words = _words(language)
    return Letter(words.ask_subject.format(program=program), words.ask.format(program=program))


def bounced_letter(program: str, language: str | None, channel: Channel) -> Letter:
    """To the other channel, when messages to this one come back. Short enough for a text."""
    words = _words(language)
    text = words.bounce.format(program=program, channel=words.channels[channel])
    return Letter(words.bounce_subject.format(program=program), text)


def removal_letter(program: str, language: str | None, last: date, points: int) -> Letter:
    """The warning. last: the day after which it may be too late. points: what will be lost."""
    words = _words(language)
    lost = words.lost.format(points=spoken_points(language, points)) if points > 0 else ""
    text = words.warn.format(program=program, day=spoken_day(language, last), lost=lost)
    return Letter(words.warn_subject.format(program=program), text)


def _words(language: str | None) -> _Words:
    return _SPOKEN.get((language or "").partition("-")[0].lower(), _ENGLISH)
