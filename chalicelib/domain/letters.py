"""What members are told by mail or text message. Words alone: no address, no way of sending."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str


_CODE = "Your code is {digits}. It is good for 10 minutes. Nobody of ours will ever ask you for it."
_NOT_YOU = "If you did not ask for this, you need not do anything."


_WAYS_OUT = {
    "de": "Keine solchen Nachrichten mehr: {page}",
    "en": "To get no more of these: {page}",
}


def with_way_out(letter: Letter, language: str | None, page: str) -> Letter:
    """The letter, whose last line says where letters like it can be ended.

    language: BCP 47; English for one that is not spoken here, and for None.
    """
    spoken = (language or "").partition("-")[0].lower()
    line = _WAYS_OUT.get(spoken, _WAYS_OUT["en"]).format(page=page)
    return Letter(letter.subject, f"{letter.text}\n\n{line}")


def code_letter(program: str, digits: str) -> Letter:
    """The code that proves who reads this address."""
    return Letter(f"Your code for {program}", f"{_CODE.format(digits=digits)} {_NOT_YOU}")


def known_letter(program: str, digits: str) -> Letter:
    """To the owner of an address that somebody signed up with and that is a member's already."""
    text = (
        f"You are a member of {program} already: there is no need to sign up again. "
        f"To go on with the membership you have, use this code. {_CODE.format(digits=digits)} "
        f"{_NOT_YOU}"
    )
    return Letter(f"You are a member of {program} already", text)


def taken_letter(program: str) -> Letter:
    """To the owner of an address that another member wants to use."""
    text = (
        f"Somebody wanted to use this address for a membership of {program}, but it belongs to "
        f"a membership already. {_NOT_YOU}"
    )
    return Letter(f"Your address at {program}", text)


def change_letter(program: str, what: str) -> Letter:
    """To the address that is to be replaced or given up. what: `e-mail address` or `phone`."""
    text = (
        f"The {what} of your membership of {program} is about to change. If this was not you, "
        f"sign in and change it back, or tell us at once."
    )
    return Letter(f"Your {what} at {program} is changing", text)
