"""What members may be asked to consent to: each purpose with its kind, its channel and its words.

Knows no member and no storage.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.preferences import MessageChannel

LOYALTY_TERMS = "loyalty_terms"
"""The purpose that membership itself rests on."""


class PurposeKind(StrEnum):
    """What a consent allows: membership itself, advertisements, use of behaviour, anything else."""

    TERMS = "terms"
    MARKETING = "marketing"
    PROFILING = "profiling"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose. channel: the only one that the consent is for, None for no certain one.
    double_opt_in: it is in force when it was confirmed on that channel. text: what the member
    consents to, in the words that mails and the notice show."""

    purpose: str
    kind: PurposeKind = PurposeKind.OTHER
    channel: MessageChannel | None = None
    double_opt_in: bool = False
    text: str | None = None

    @property
    def words(self) -> str:
        """What the purpose is called to people."""
        return self.text or self.purpose

    @property
    def channels(self) -> tuple[MessageChannel, ...]:
        """The channels on which a consent to it lets a member be written to."""
        if self.channel is not None:
            return (self.channel,)
        return tuple(MessageChannel) if self.kind is PurposeKind.MARKETING else ()


def purpose_of(written: "str | Purpose") -> Purpose:
    """A purpose as a program wrote it: a bare name says nothing more of it."""
    if isinstance(written, Purpose):
        return written
    kind = PurposeKind.TERMS if written == LOYALTY_TERMS else PurposeKind.OTHER
    return Purpose(written, kind)


def by_name(written: "Iterable[str | Purpose]") -> Mapping[str, Purpose]:
    """Purposes by their names, in their order."""
    purposes = [purpose_of(one) for one in written]
    return {purpose.purpose: purpose for purpose in purposes}
