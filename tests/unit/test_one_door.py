"""Every letter that nobody asked for goes through one door."""

import re
from pathlib import Path

import chalicelib

ANSWERS = {
    "send_letter.py": "codes, and what somebody has just done",
    "freshen_member.py": "that a member is about to be removed: required of us",
    "try_letter.py": "a letter to members, sent to whoever of staff wrote it",
    "contact.py": "the door itself",
}
"""Who hands letters over to be sent, and which."""


def test_nobody_hands_a_letter_over_but_the_door_and_who_answers_what_was_asked() -> None:
    package = Path(chalicelib.__file__).parent
    sending = {
        path.name
        for path in (*package.glob("usecases/**/*.py"), *package.glob("workers/*.py"))
        if re.search(r"\bmessages\.send\(", path.read_text(encoding="utf-8"))
    }
    assert sending == set(ANSWERS)
