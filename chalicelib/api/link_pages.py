"""The pages behind the links of mails: one sentence and one button, in the reader's language.

A page changes nothing when it is read: mail programs and scanners look at links on their own. Must
not know what a button does.
"""

from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from string import Template

from chalicelib.api.privacy import wanted
from chalicelib.api.shell import Answer
from chalicelib.usecases.confirm_consent import Asked
from chalicelib.usecases.unsubscribe import WayOut

HTML = "text/html; charset=utf-8"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
ACCEPT_LANGUAGE = {"Accept-Language": "The languages that you read; German and English are there."}

_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            "img-src data:",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Language",
}


@dataclass(frozen=True, slots=True)
class _Words:
    """A language's words. button: None where there is nothing left to do."""

    title: str
    text: str
    button: str | None = None


_CONFIRM = {
    "en": _Words("{program}: please confirm", "You agree to: {words}", "Yes, I agree"),
    "de": _Words("{program}: bitte bestätigen", "Sie stimmen zu: {words}", "Ja, ich stimme zu"),
}
_CONFIRMED = {
    "en": _Words("{program}: confirmed", "Thank you. You can take this back at any time."),
    "de": _Words("{program}: bestätigt", "Danke. Sie können das jederzeit zurücknehmen."),
}
_LEAVE = {
    "en": _Words("{program}: unsubscribe", "You get no more messages of: {words}", "Unsubscribe"),
    "de": _Words("{program}: abmelden", "Sie bekommen nichts mehr zu: {words}", "Abmelden"),
}
_LEFT = {
    "en": _Words("{program}: unsubscribed", "Done: you get no more messages of: {words}"),
    "de": _Words("{program}: abgemeldet", "Erledigt: Sie bekommen nichts mehr zu: {words}"),
}
_SERVICE = {
    ("en", "mail"): "mails about your points and your membership",
    ("en", "sms"): "text messages about your points and your membership",
    ("en", "push"): "push messages about your points and your membership",
    ("de", "mail"): "Mails zu Ihren Punkten und Ihrer Mitgliedschaft",
    ("de", "sms"): "SMS zu Ihren Punkten und Ihrer Mitgliedschaft",
    ("de", "push"): "Push-Nachrichten zu Ihren Punkten und Ihrer Mitgliedschaft",
}


def ask_page(asked: Asked, *, done: bool, accepted: str) -> Answer:
    """What a double opt-in is about, with its button; done: that it is confirmed. accepted: the
    Accept-Language header, as in every page here."""
    language = wanted(accepted)
    words = (_CONFIRMED if done else _CONFIRM)[language]
    return _page(words, language, asked.program, asked.words)


def way_out_page(way: WayOut, *, done: bool, accepted: str) -> Answer:
    """What a way out ends, with its button; done: that it has ended."""
    language = wanted(accepted)
    words = (_LEFT if done else _LEAVE)[language]
    return _page(words, language, way.program, way.words or _SERVICE[language, way.channel])


def _page(words: _Words, language: str, program: str, purpose: str) -> Answer:
    said = {"program": program, "words": purpose}
    form = ""
    if words.button is not None:
        # Without an action: it goes to the address that the page was read from.
        form = (
            '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
            f"<button>{escape(words.button)}</button></form>"
        )
    page = _template().substitute(
        language=language,
        title=escape(words.title.format(**said)),
        text=escape(words.text.format(**said)),
        form=form,
    )
    return Answer(200, page, headers={**_HEADERS, "Content-Language": language})


@cache
def _template() -> Template:
    page = resources.files("chalicelib.api") / "static" / "link.html"
    return Template(page.read_text(encoding="utf-8"))
