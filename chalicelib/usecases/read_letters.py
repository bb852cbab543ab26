"""The announcements that a member was sent, or was not."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.announcements import Sending, letter_of
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class AnnouncedOffer:
    """What became of one letter. subject: what it said, where it is still known."""

    sending: Sending
    subject: str | None


def read_letters(ports: Ports, member_id: str, limit: int | None) -> Sequence[AnnouncedOffer]:
    """The newest letters to a member; all of them where `limit` is None."""
    kept = sorted(ports.announcements.of_member(member_id), key=lambda one: one.at, reverse=True)
    return [AnnouncedOffer(one, _subject(ports, one.announcement_id)) for one in kept[:limit]]


def _subject(ports: Ports, announcement_id: str) -> str | None:
    announcement = ports.announcements.get(announcement_id)
    return letter_of(announcement, None).subject if announcement is not None else None
