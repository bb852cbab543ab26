"""A club that may write to its members for some purposes, and all that changes whom it may."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from itertools import count

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.consents import Statement
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.links import sealed_link
from chalicelib.domain.preferences import MessageChannel, PreferencesDraft
from chalicelib.domain.profile_patch import ProfilePatch
from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.domain.reach import Audience, shard_of
from chalicelib.usecases.change_member import change_member
from chalicelib.usecases.change_status import change_own_status
from chalicelib.usecases.confirm_consent import confirm_consent
from chalicelib.usecases.contact import UNSUBSCRIBE
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.set_consents import set_consents
from chalicelib.usecases.set_preferences import set_preferences
from chalicelib.usecases.unsubscribe import unsubscribe
from tests.fakes.programs import FakePrograms
from tests.people_world import ADDRESS, CLUB, NOW, PeopleWorld, token

MAIL, SMS = MessageChannel.MAIL, MessageChannel.SMS
NEWS = Purpose("news", PurposeKind.MARKETING, MAIL, double_opt_in=True)
OFFERS = Purpose("offers", PurposeKind.MARKETING)
TASTE = Purpose("taste", PurposeKind.PROFILING)
ASKING = replace(CLUB, purposes=("loyalty_terms", NEWS, OFFERS, TASTE))
EVERY = [Audience("news", MAIL), Audience("offers", MAIL), Audience("offers", SMS)]


@dataclass(slots=True)
class Reachable:
    """One member of a world, with what it can do. Each act says what it was refused, if it was."""

    world: PeopleWorld
    member_id: str
    turns: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def audiences(self) -> set[Audience]:
        """Those that the member is in, page by page."""
        return {audience for audience in EVERY if self.member_id in self._members(audience)}

    def by_records(self) -> set[Audience]:
        """Those that it should be in, worked out anew from what was said and proved."""
        people, ledger = self.world.ports.people, self.world.ports.ledger
        last, member = people.last_consent(self.member_id), people.member(self.member_id)
        kept, head = people.preferences(self.member_id), ledger.head(self.member_id)
        assert last is not None
        assert member is not None
        assert head is not None
        if head.entry.account().status in (AccountStatus.FROZEN, AccountStatus.ERASED):
            return set()
        wishes = kept.preferences
        wanted = set(wishes.channels) if kept.version else {MAIL, SMS}
        if wishes.max_messages_per_week == 0:
            wanted = set()
        proved = {MAIL if channel is Channel.EMAIL else SMS for channel in member.verified}
        granted = {said.purpose for said in last.standing.values() if said.in_force}
        return {one for one in EVERY if one.purpose in granted and one.channel in wanted & proved}

    def _members(self, audience: Audience) -> list[str]:
        store, shard = self.world.ports.audiences, shard_of(self.member_id)
        found: list[str] = []
        page = store.page(audience, shard, None)
        found += page.members
        while page.after is not None:
            page = store.page(audience, shard, page.after)
            found += page.members
        return found

    # --- what changes it ---

    def says(self, purpose: str, *, granted: bool) -> None:
        said = Statement(purpose, granted=granted, policy_version="1")
        set_consents(self.world.ports, self.member_id, [said], NOW)

    def confirms(self) -> None:
        letters = [m.text for m in self.world.mailbox.sent if "/v1/consents/confirm/" in m.text]
        if letters:
            link = letters[-1].partition("/v1/consents/confirm/")[2].split()[0]
            confirm_consent(self.world.ports, link, ADDRESS, "req", NOW)

    def leaves(self, purpose: str) -> None:
        link = sealed_link(
            self.world.ports.namer, UNSUBSCRIBE, self.member_id, purpose, MessageChannel.MAIL
        )
        unsubscribe(self.world.ports, link, "req", NOW)

    def wants(self, *channels: MessageChannel, most: int | None = None) -> None:
        version = str(self.world.ports.people.preferences(self.member_id).version)
        draft = PreferencesDraft(channels=channels, max_messages_per_week=most)
        set_preferences(self.world.ports, self.member_id, draft, version, NOW)

    def changes(self, patch: ProfilePatch) -> None:
        member = self.world.ports.people.member(self.member_id)
        assert member is not None
        caller = token("s", self.member_id)
        change_member(self.world.ports, caller, self.member_id, patch, str(member.version), NOW)

    def proves_phone(self) -> None:
        """A new phone, and its code."""
        name = f"{self.member_id} {next(self.turns)}"
        phone = f"+4915{int(sha256(name.encode()).hexdigest(), 16) % 10**9:09d}"
        self.changes(ProfilePatch(phone=phone))
        self.world.verify(
            SubjectRef(member_id=self.member_id), self.world.code(phone), channel=Channel.PHONE
        )

    def status(self, status: AccountStatus) -> None:
        cause = ("restriction", str(next(self.turns)))
        now = NOW + timedelta(hours=1)
        change_own_status(self.world.ports, self.member_id, status, cause, now, thaws=True)

    def acts(self) -> dict[str, Callable[[], None]]:
        """All of them, by name."""
        return {
            "grant news": lambda: self.says("news", granted=True),
            "withdraw news": lambda: self.says("news", granted=False),
            "confirm": self.confirms,
            "grant offers": lambda: self.says("offers", granted=True),
            "leave offers": lambda: self.leaves("offers"),
            "leave service mails": lambda: self.leaves("loyalty_terms"),
            "want mail": lambda: self.wants(MAIL),
            "want text messages": lambda: self.wants(SMS),
            "want nothing": lambda: self.wants(MAIL, SMS, most=0),
            "prove a phone": self.proves_phone,
            "give up the phone": lambda: self.changes(ProfilePatch(phone=None)),
            "freeze": lambda: self.status(AccountStatus.FROZEN),
            "thaw": lambda: self.status(AccountStatus.ACTIVE),
        }


def reachable(world: PeopleWorld, label: str = "ada") -> Reachable:
    """A member of a world that asks for all of it: active, and in no audience yet."""
    world.ports = replace(world.ports, programs=FakePrograms(ASKING))
    return Reachable(world, world.member(label))
