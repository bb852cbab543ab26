"""The words in which points are explained, by language. Knows neither points nor programs."""

from collections.abc import Mapping
from datetime import date

from chalicelib.domain.merging import Move
from chalicelib.domain.referrals import BROUGHT, JOINED
from chalicelib.domain.reviews import REVIEW_FORFEITED, REVIEW_OPENED, REVIEW_RELEASED

Words = Mapping[str, str]

_EN: Words = {
    "points": "{} points",
    "point": "{} point",
    "rate": "{points} for every {money}",
    "base": "{rate} on {money}",
    "rule": "{name}: {rate} more on {money}",
    "tier": "{name}: {percent} % more",
    "gift": "{name}: gift for reaching it",
    "gift_taken": "{name}: gift for reaching it, taken back with it",
    "came_back": "Came back: {name}",
    "redeemed": "Redeemed: {name}",
    "bought_before": "Bought before this program, on {day}, for {money}; it gave {points} then",
    "brought_over": "Brought over from the program before this one",
    "adjusted": "Adjusted by our staff",
    "answered": "Thank you for answering: {name}",
    "excused": "Had expired unused, so they were not taken",
    "excused_by_review": "Had been taken after we looked at the account, so they were not taken "
    "again",
    "expired": "Could be spent until {day}",
    "called_back": "Called back",
    "called_back_by_sender": "Called back by who had sent them",
    "received": "Received from another member",
    "sent": "Sent to another member",
    REVIEW_OPENED: "What you earn is held until we have looked at your account",
    REVIEW_RELEASED: "We have looked at your account: what was held is yours",
    REVIEW_FORFEITED: "We have looked at your account and have taken what was held",
    BROUGHT: "Thank you for bringing somebody",
    JOINED: "Welcome: somebody has brought you",
    Move.MERGED: "Accounts of one person were brought together",
    Move.SEPARATED: "Accounts that had been brought together act for themselves again",
    Move.JOINED: "A member joined the household, and its points moved in",
    Move.LEFT: "A member left the household; the points stayed",
    Move.PASSED: "The household and its points passed to another member",
}

_DE: Words = {
    "points": "{} Punkte",
    "point": "{} Punkt",
    "rate": "{points} für je {money}",
    "base": "{rate}, auf {money}",
    "rule": "{name}: {rate} mehr, auf {money}",
    "tier": "{name}: {percent} % mehr",
    "gift": "{name}: Geschenk zum Erreichen",
    "gift_taken": "{name}: Geschenk zum Erreichen, mit der Stufe zurückgenommen",
    "came_back": "Zurückgekommen: {name}",
    "redeemed": "Eingelöst: {name}",
    "bought_before": "Vor diesem Programm gekauft, am {day}, für {money}; damals gab es {points}",
    "brought_over": "Aus dem vorigen Programm mitgebracht",
    "adjusted": "Von uns berichtigt",
    "answered": "Danke für die Antworten: {name}",
    "excused": "Waren ungenutzt verfallen und wurden deshalb nicht abgezogen",
    "excused_by_review": "Waren nach unserer Prüfung des Kontos schon abgezogen und wurden es kein "
    "zweites Mal",
    "expired": "Konnten bis zum {day} ausgegeben werden",
    "called_back": "Zurückgerufen",
    "called_back_by_sender": "Zurückgerufen von dem Mitglied, das sie geschickt hatte",
    "received": "Von einem anderen Mitglied erhalten",
    "sent": "An ein anderes Mitglied geschickt",
    REVIEW_OPENED: "Was du sammelst, wartet, bis wir dein Konto geprüft haben",
    REVIEW_RELEASED: "Wir haben dein Konto geprüft: was gewartet hat, gehört dir",
    REVIEW_FORFEITED: "Wir haben dein Konto geprüft und abgezogen, was gewartet hat",
    BROUGHT: "Danke, dass du jemanden mitgebracht hast",
    JOINED: "Willkommen: jemand hat dich mitgebracht",
    Move.MERGED: "Konten einer Person wurden zusammengelegt",
    Move.SEPARATED: "Zusammengelegte Konten stehen wieder für sich",
    Move.JOINED: "Ein Mitglied kam in den Haushalt, und seine Punkte kamen mit",
    Move.LEFT: "Ein Mitglied hat den Haushalt verlassen; die Punkte blieben",
    Move.PASSED: "Der Haushalt ging mit seinen Punkten auf ein anderes Mitglied über",
}

_MONTHS_DE = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)


def words_in(language: str | None) -> Words:
    """The words of a language: German for `de`, English for all others."""
    return _DE if language == "de" else _EN


def day_in(day: date, language: str | None) -> str:
    """A day as people write it: `3 May 2026`, in German `3. Mai 2026`."""
    if language == "de":
        return f"{day.day}. {_MONTHS_DE[day.month - 1]} {day.year}"
    return f"{day.day} {day:%B %Y}"


def points_in(points: int, language: str | None) -> str:
    """Points with their noun."""
    return words_in(language)["point" if points == 1 else "points"].format(points)
