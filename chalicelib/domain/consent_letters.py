"""How people are asked to confirm a consent, in their language. Words alone."""

from collections.abc import Sequence

from chalicelib.domain.letters import Letter

_SUBJECTS = {
    "de": "Bitte bestätigen Sie: {program}",
    "en": "Please confirm: {program}",
}
_TEXTS = {
    "de": (
        "Bei {program} wurde mit dieser Adresse Folgendem zugestimmt:\n\n- {words}\n\n"
        "Wenn Sie das waren, bestätigen Sie es hier innerhalb von 7 Tagen: {page}\n\n"
        "Wenn nicht, brauchen Sie nichts zu tun: Ohne Bestätigung gilt es nicht."
    ),
    "en": (
        "At {program} this was agreed to with this address:\n\n- {words}\n\n"
        "If this was you, confirm it here within 7 days: {page}\n\n"
        "If not, you need not do anything: it does not count until it is confirmed."
    ),
}
_BY_CODE = (
    "By using this code you also confirm that you agree to: {words}. You can take that back at any "
    "time."
)


def opt_in_letter(program: str, words: str, page: str, language: str | None) -> Letter:
    """What the owner of an address is asked to confirm. page: where it does so.

    language: BCP 47; English for one that is not spoken here, and for None.
    """
    spoken = (language or "").partition("-")[0].lower()
    spoken = spoken if spoken in _TEXTS else "en"
    text = _TEXTS[spoken].format(program=program, words=words, page=page)
    return Letter(_SUBJECTS[spoken].format(program=program), text)


def with_opt_ins(letter: Letter, words: Sequence[str]) -> Letter:
    """A letter with a code that says what its code confirms beside the address."""
    if not words:
        return letter
    return Letter(letter.subject, f"{letter.text}\n\n{_BY_CODE.format(words='; '.join(words))}")
