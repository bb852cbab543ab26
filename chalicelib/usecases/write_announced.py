"""Writes the letters of an announcement: to each member once, as its consents and preferences say.

A letter cannot be told from its double, so it is recorded before it is sent: at most once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.announcements import Announcement, Fate, Sending, letter_of
from chalicelib.domain.conditions import compiled
from chalicelib.domain.offers import Offer, shown_status
from chalicelib.domain.refusals import MemberErased, MemberNotFound
from chalicelib.usecases.contact import Address, Withheld, may_write, send_to
from chalicelib.usecases.current import as_of_now, standing_in
from chalicelib.usecases.list_announced import OVER
from chalicelib.usecases.ports import NotTaken, Ports, StoreUnavailable
from chalicelib.usecases.settle import Waiting

SECONDS_A_LETTER = 0.2
"""Two workers write at most, so ten letters leave in a second: below what SES gives anybody."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def write_announced(
    ports: Ports, announcement_id: str, member_ids: Sequence[str], now: datetime
) -> int:
    """Write to these members what they have not been told yet. How many letters were sent.

    Safe to repeat. Raises StoreUnavailable, StoreNewer, NotTaken, TryAgain: another try does what
    is left.
    """
    announcement = ports.announcements.get(announcement_id)
    offer = ports.offers.get(announcement.offer_id) if announcement is not None else None
    if announcement is None or offer is None or shown_status(offer, now) in OVER:
        return 0
    writing = _Writing(ports, announcement, offer, now)
    sent, patience = 0, ports.patience
    for member_id in member_ids:
        began = patience.monotonic()
        if writing.write(member_id):
            sent += 1
            patience.pause(max(0.0, SECONDS_A_LETTER - (patience.monotonic() - began)))
    return sent


@dataclass(frozen=True, slots=True)
class _Writing:
    """One announcement's letters at one instant."""

    ports: Ports
    announcement: Announcement
    offer: Offer
    now: datetime

    def write(self, member_id: str) -> bool:
        """Whether a letter was sent to a member by this try."""
        before = self.ports.announcements.sending(self.announcement.announcement_id, member_id)
        if before is not None and not before.is_due(self.now):
            return False
        try:
            address = self._address(member_id)
            if not isinstance(address, Address):
                self._keep(before, self._after(before, member_id, *address))
                return False
            return self._send(before, self._after(before, member_id, Fate.SENT), address)
        except (MemberErased, MemberNotFound):
            return False

    def _address(self, member_id: str) -> Address | tuple[Fate, timedelta | None]:
        """Where the letter goes; or why there is none, and after how long to look again."""
        if shown_status(self.offer, self.now) == "paused":
            return Fate.WAITING, _HOUR
        why_not = self._why_not(member_id)
        if why_not is not None:
            return why_not, None
        announcement = self.announcement
        match may_write(
            self.ports, member_id, announcement.purpose, announcement.channel, self.now
        ):
            case Address() as address:
                return address
            case Withheld.FOR_HOURS:
                return Fate.WAITING, _HOUR
            case Withheld.FOR_DAYS:
                return Fate.WAITING, _DAY
            case Withheld.FOR_GOOD:
                return Fate.NO_CONSENT, None

    def _why_not(self, member_id: str) -> Fate | None:
        at = as_of_now(self.ports, standing_in(self.ports, member_id), self.now)
        audience = self.offer.audience
        if audience is not None and not compiled(audience)(at.facts()):
            return Fate.NOT_IN_AUDIENCE
        interests = self.ports.people.preferences(member_id).preferences.categories
        category = self.announcement.category
        if category is not None and interests and category not in interests:
            return Fate.NOT_INTERESTED
        return None

    def _after(
        self,
        before: Sending | None,
        member_id: str,
        fate: Fate,
        again_in: timedelta | None = None,
    ) -> Sending:
        announcement = self.announcement
        return Sending(
            member_id=member_id,
            announcement_id=announcement.announcement_id,
            version=before.version + 1 if before is not None else 1,
            fate=fate,
            at=self.now,
            by=self.ports.entropy(8).hex(),
            offer_id=announcement.offer_id,
            purpose=announcement.purpose,
            channel=announcement.channel,
            again_at=self.now + again_in if again_in is not None else None,
        )

    def _send(self, before: Sending | None, after: Sending, address: Address) -> bool:
        """Send a letter that this try has recorded, unless the member has withdrawn since."""
        if not self._keep(before, after):
            return False  # somebody else is sending it
        try:
            letter = letter_of(self.announcement, address.language)
            sent = send_to(self.ports, address, letter)
        except NotTaken:
            self._keep(after, self._changed(after, Fate.WAITING))
            raise
        except StoreUnavailable:
            self._keep(after, self._changed(after, Fate.FAILED))
            return False
        if not sent:
            self._keep(after, self._changed(after, Fate.NO_CONSENT))
        return sent

    def _changed(self, before: Sending, fate: Fate) -> Sending:
        return replace(before, version=before.version + 1, fate=fate)

    def _keep(self, before: Sending | None, after: Sending) -> bool:
        """Whether it is this try that has kept it, however often the reply is lost. Raises TryAgain
        when that stays unknown, MemberErased."""
        waiting = Waiting(self.ports.patience)
        place = (after.announcement_id, after.member_id)
        while True:
            try:
                store = self.ports.announcements
                return store.keep(before, after) or store.sending(*place) == after
            except StoreUnavailable:
                waiting.once_more()
