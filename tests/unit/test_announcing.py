"""Offers are announced by mail: to whom they are for, as each wishes, and to each of them once."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.announcements import (
    Announcement,
    Counts,
    Fate,
    Words,
    letter_of,
    problems_of,
)
from chalicelib.domain.callers import GROUP_SCOPES, Caller, CallerKind
from chalicelib.domain.conditions import Leaf, Op
from chalicelib.domain.consents import Statement
from chalicelib.domain.dialects import Dialect
from chalicelib.domain.live_offers import in_holdout
from chalicelib.domain.offers import BonusPoints, Offer, OfferStatus, Schedule
from chalicelib.domain.preferences import MessageChannel, PreferencesDraft, QuietHoursDraft
from chalicelib.domain.purposes import Purpose, PurposeKind
from chalicelib.domain.refusals import Conflict, ConflictingReplay, InvalidContent, NotFound
from chalicelib.usecases.announce_offer import announce_offer, read_announcement
from chalicelib.usecases.enrol_member import enrol_member
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.list_announced import PAGE, go_on, list_page
from chalicelib.usecases.ports import MemberPage, NotTaken, Ports, Where
from chalicelib.usecases.set_consents import set_consents
from chalicelib.usecases.set_preferences import set_preferences
from chalicelib.usecases.try_letter import try_letter
from chalicelib.usecases.write_announced import write_announced
from tests.fakes.announcements import FakeAnnouncements, FakeLetterQueue
from tests.fakes.programs import FakePrograms
from tests.people_world import CLUB, NOW, TILL, PeopleWorld, fake_people_world

MONA = Caller(CallerKind.STAFF, "staff:mona", GROUP_SCOPES["marketer"], "mona")
ADVERTS = Purpose("adverts", PurposeKind.MARKETING)
BY_SMS = Purpose("adverts_sms", PurposeKind.MARKETING, MessageChannel.SMS)
PROGRAM = replace(CLUB, purposes=("loyalty_terms", ADVERTS, BY_SMS))
TEXTS = {"en": Words("Double beans", "Today only."), "de": Words("Doppelte Bohnen", "Nur heute.")}
DRAFT = Announcement("", "off_1", "adverts", MessageChannel.MAIL, TEXTS)
OFFER = Offer(
    offer_id="off_1",
    number=1,
    version=1,
    name="Double beans",
    effect=BonusPoints(10),
    texts={},
    status=OfferStatus.LAUNCHED,
    launched_at=NOW,
    schedule=Schedule(ends_at=NOW + timedelta(days=10)),
)
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Listed:
    """A snapshot that lists these members in pages of two, and was asked for these conditions."""

    members_there: list[str]
    asked: list[Where] = field(default_factory=list)
    dialect: Dialect = Dialect.DUCKDB

    def members(self, where: Where, after: str | None, limit: int) -> MemberPage:
        assert limit == PAGE
        self.asked.append(where)
        rest = [one for one in sorted(self.members_there) if after is None or one > after]
        return MemberPage(tuple(rest[:2]), rest[1] if len(rest) > 2 else None)


@dataclass(slots=True)
class Mailing:
    """A world in which an offer is announced. now: moved by hand."""

    world: PeopleWorld
    ports: Ports
    listed: Listed
    queue: FakeLetterQueue
    store: FakeAnnouncements
    now: datetime = NOW

    def member(self, label: str, *purposes: str, **person: str) -> str:
        """Somebody active who consents to these purposes."""
        email = self.world.email(label)
        request = self.world.request(label, **person)
        said = (Statement(one, granted=True, policy_version="1") for one in purposes)
        request = replace(request, consents=(*request.consents, *said))
        member_id = enrol_member(self.ports, TILL, request, None, NOW).answer.member_id
        self.world.verify(SubjectRef(member_id=member_id), self.world.code(email))
        self.listed.members_there.append(member_id)
        self.world.mailbox.sent.clear()
        return member_id

    def wishes(self, member_id: str, **said: object) -> None:
        """What the member prefers."""
        kept = self.ports.people.preferences(member_id)
        draft = replace(PreferencesDraft(channels=(MessageChannel.MAIL,)), **said)  # type: ignore[arg-type]  # fields of it
        set_preferences(self.ports, member_id, draft, str(kept.version), self.now)

    def announce(self, key: str = "k", **fields: object) -> str:
        """The marketer announces the offer; all that is asked for then is done."""
        draft = replace(DRAFT, **fields)  # type: ignore[arg-type]  # fields of it
        view = announce_offer(self.ports, MONA, draft, key, self.now).answer
        self.work()
        return view.announcement.announcement_id

    def work(self) -> None:
        """The worker does what waits in the queue."""
        while self.queue.asked:
            announcement_id, members = self.queue.asked.pop(0)
            if members is None:
                list_page(self.ports, announcement_id, self.now)
            else:
                write_announced(self.ports, announcement_id, members, self.now)

    def later(self, hours: int) -> int:
        """Hours later, the hourly worker and what comes of it; how many announcements go on."""
        self.now += hours * HOUR
        going_on = go_on(self.ports, self.now)
        self.work()
        return going_on

    def counts(self, announcement_id: str) -> Counts:
        return read_announcement(self.ports, "off_1", announcement_id).counts

    def told(self) -> list[str]:
        """Whom the letters went to."""
        return sorted(message.to for message in self.world.mailbox.sent)

    def launch(self, **fields: object) -> None:
        """The offer in another version."""
        before = self.ports.offers.get("off_1")
        version = before.version + 1 if before is not None else 1
        offer = replace(before or OFFER, version=version, **fields)  # type: ignore[arg-type]  # fields of it
        assert self.ports.offers.put(offer, NOW) == "written"


@pytest.fixture
def mailing() -> Mailing:
    world, _ = fake_people_world()
    queue, store, listed = FakeLetterQueue(), FakeAnnouncements(), Listed([])
    world.ports = replace(
        world.ports,
        programs=FakePrograms(PROGRAM),
        announcements=store,
        letter_queue=queue,
        queries=listed,  # type: ignore[arg-type]  # all of it that is asked here
    )
    made = Mailing(world, world.ports, listed, queue, store)
    made.launch()
    return made


def test_everybody_who_consents_is_told_once_in_its_language_with_a_way_out(
    mailing: Mailing,
) -> None:
    mia = mailing.member("mia", "adverts", locale="de-AT")
    others = [mailing.member(f"m{number}", "adverts") for number in range(4)]
    refuses = mailing.member("no")
    announcement_id = mailing.announce()
    mailing.announce()
    assert len(mailing.told()) == 1 + len(others)
    [to_mia] = [one for one in mailing.world.mailbox.sent if one.to == mailing.world.email("mia")]
    assert (to_mia.subject, to_mia.text.splitlines()[0]) == ("Doppelte Bohnen", "Nur heute.")
    assert to_mia.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mailing.counts(announcement_id) == Counts(
        queued=0,
        sent=5,
        failed=0,
        withheld={"no_consent": 1, "not_interested": 0, "not_in_audience": 0, "offer_over": 0},
    )
    [kept] = mailing.store.of_member(mia)
    assert (kept.fate, kept.offer_id, kept.at) == (Fate.SENT, "off_1", NOW)
    assert mailing.store.of_member(refuses)[0].fate is Fate.NO_CONSENT
    assert mailing.later(1) == 0  # nobody is left


def test_only_the_audience_is_asked_for_and_who_left_it_since_is_not_told(
    mailing: Mailing,
) -> None:
    mailing.launch(audience=Leaf("lifetime_purchases", Op.EQ, 1))
    mailing.member("mia", "adverts")
    announcement_id = mailing.announce()
    assert mailing.listed.asked[0] == Where('("lifetime_purchases" = ?) AND reach_mail', (1,))
    assert mailing.told() == []
    assert mailing.counts(announcement_id).withheld["not_in_audience"] == 1


def test_who_is_held_out_gets_no_letter_and_is_not_counted(mailing: Mailing) -> None:
    mailing.launch(holdout_percent=50)
    offer = mailing.ports.offers.get("off_1")
    assert offer is not None
    members = [mailing.member(f"m{number}", "adverts") for number in range(12)]
    held_out = [one for one in members if in_holdout(offer, one)]
    announcement_id = mailing.announce()
    assert 0 < len(held_out) < len(members)
    assert mailing.counts(announcement_id).sent == len(members) - len(held_out)
    assert all(mailing.store.of_member(one) == [] for one in held_out)


def test_quiet_hours_and_full_weeks_put_a_letter_off_until_the_offer_ends(
    mailing: Mailing,
) -> None:
    asleep, busy = mailing.member("asleep", "adverts"), mailing.member("busy", "adverts")
    mailing.wishes(asleep, quiet_hours=QuietHoursDraft("12:00", "15:00"))  # it is 13:00
    mailing.wishes(busy, max_messages_per_week=1)
    full = {busy}
    take = mailing.ports.allowances.take
    mailing.ports.allowances.take = (  # type: ignore[method-assign]  # its week is full
        lambda kind, whose, *rest: 9 if whose in full else take(kind, whose, *rest)
    )
    announcement_id = mailing.announce()
    assert (mailing.told(), mailing.counts(announcement_id).queued) == ([], 2)
    assert mailing.later(0) == 0  # too early for another round
    assert mailing.later(1) == 1
    assert mailing.told() == []
    mailing.later(1)
    assert mailing.told() == [mailing.world.email("asleep")]
    full.clear()
    mailing.later(5)
    assert len(mailing.told()) == 1  # it is tried again after a day, not every hour
    mailing.later(24)
    assert len(mailing.told()) == 2
    assert mailing.counts(announcement_id).queued == 0


def test_what_still_waits_when_the_offer_ends_is_told_as_that(mailing: Mailing) -> None:
    asleep = mailing.member("asleep", "adverts")
    mailing.wishes(asleep, quiet_hours=QuietHoursDraft("12:00", "15:00"))
    announcement_id = mailing.announce()
    mailing.launch(status=OfferStatus.ENDED, ended_at=NOW)
    assert mailing.later(3) == 0
    assert mailing.told() == []
    counts = mailing.counts(announcement_id)
    assert (counts.queued, counts.withheld["offer_over"]) == (0, 1)


def test_a_paused_offer_is_not_told_of_until_it_goes_on(mailing: Mailing) -> None:
    mailing.member("mia", "adverts")
    view = announce_offer(mailing.ports, MONA, DRAFT, "k", NOW).answer
    mailing.launch(status=OfferStatus.PAUSED)
    mailing.work()
    assert mailing.told() == []
    mailing.launch(status=OfferStatus.LAUNCHED)
    mailing.later(1)
    assert mailing.counts(view.announcement.announcement_id).sent == 1


def test_who_named_interests_is_told_of_these_alone(mailing: Mailing) -> None:
    mailing.wishes(mailing.member("tea", "adverts"), categories=("tea",))
    mailing.wishes(mailing.member("beans", "adverts"), categories=("beans",))
    mailing.wishes(mailing.member("any", "adverts"), categories=())
    announcement_id = mailing.announce(category="beans")
    assert mailing.told() == [mailing.world.email("any"), mailing.world.email("beans")]
    assert mailing.counts(announcement_id).withheld["not_interested"] == 1


def test_a_letter_that_was_not_taken_is_sent_another_time_and_one_in_doubt_never(
    mailing: Mailing,
) -> None:
    mia, tom = mailing.member("mia", "adverts"), mailing.member("tom", "adverts")
    mailbox = mailing.world.mailbox
    view = announce_offer(mailing.ports, MONA, DRAFT, "k", NOW).answer
    announcement_id = view.announcement.announcement_id
    mailing.queue.asked.clear()
    mailbox.refuse = 1
    with pytest.raises(NotTaken):
        write_announced(mailing.ports, announcement_id, [mia], NOW)
    assert write_announced(mailing.ports, announcement_id, [mia], NOW) == 1
    mailbox.lose_replies = 1
    assert write_announced(mailing.ports, announcement_id, [tom], NOW) == 0
    assert write_announced(mailing.ports, announcement_id, [tom, mia], NOW) == 0
    assert len(mailbox.sent) == 2
    counts = mailing.counts(announcement_id)
    assert (counts.sent, counts.failed) == (1, 1)


def test_who_withdraws_or_is_erased_on_the_way_gets_no_letter(mailing: Mailing) -> None:
    mia, gone = mailing.member("mia", "adverts"), mailing.member("gone", "adverts")
    view = announce_offer(mailing.ports, MONA, DRAFT, "k", NOW).answer
    set_consents(mailing.ports, mia, [Statement("adverts", granted=False, policy_version="1")], NOW)
    mailing.store.gone.add(gone)
    mailing.work()
    assert mailing.told() == []
    assert mailing.store.of_member(gone) == []
    assert mailing.counts(view.announcement.announcement_id).withheld["no_consent"] == 1


def test_a_page_that_was_lost_is_asked_for_again_within_the_hour(mailing: Mailing) -> None:
    members = [mailing.member(f"m{number}", "adverts") for number in range(5)]
    view = announce_offer(mailing.ports, MONA, DRAFT, "k", NOW).answer
    announcement_id = view.announcement.announcement_id
    list_page(mailing.ports, announcement_id, NOW)
    mailing.queue.asked.clear()
    assert mailing.later(1) == 1
    # Of the first page the letters were lost, too: another round finds who got none.
    assert mailing.counts(announcement_id) == replace(
        mailing.counts(announcement_id), sent=3, queued=2
    )
    mailing.later(1)
    assert mailing.counts(announcement_id).sent == len(members)


def test_letters_leave_at_five_a_second_at_most_from_each_worker(mailing: Mailing) -> None:
    members = [mailing.member(f"m{number}", "adverts") for number in range(5)]
    view = announce_offer(mailing.ports, MONA, DRAFT, "k", NOW).answer
    seconds = mailing.ports.patience.monotonic
    began = seconds()
    write_announced(mailing.ports, view.announcement.announcement_id, members, NOW)
    assert len(mailing.told()) == 5
    assert seconds() - began >= 1


def test_lost_replies_of_the_store_double_no_letter(mailing: Mailing) -> None:
    mailing.member("mia", "adverts")
    mailing.store.lose_replies = 2
    announcement_id = mailing.announce()
    assert (len(mailing.told()), mailing.counts(announcement_id).sent) == (1, 1)


def test_what_cannot_be_announced_is_refused_before_anything_is_kept(mailing: Mailing) -> None:
    with pytest.raises(NotFound):
        announce_offer(mailing.ports, MONA, replace(DRAFT, offer_id="off_9"), "k", NOW)
    with pytest.raises(InvalidContent) as refused:
        announce_offer(mailing.ports, MONA, replace(DRAFT, purpose="loyalty_terms"), "k", NOW)
    assert [error.pointer for error in refused.value.errors] == ["/purpose"]
    mailing.announce()
    with pytest.raises(ConflictingReplay):
        announce_offer(mailing.ports, MONA, replace(DRAFT, category="tea"), "k", NOW)
    mailing.launch(status=OfferStatus.ENDED, ended_at=NOW)
    with pytest.raises(Conflict) as over:
        announce_offer(mailing.ports, MONA, DRAFT, "another", NOW)
    assert over.value.reason == "offer_not_launched"
    assert announce_offer(mailing.ports, MONA, DRAFT, "k", NOW).replayed


def test_everything_wrong_with_an_announcement_is_said_at_once() -> None:
    texts = {"en": Words("a\nb", " "), "english": Words("a", "b")}
    wrong = replace(DRAFT, purpose="adverts_sms", texts=texts, category="")
    assert [(error.pointer, error.code) for error in problems_of(wrong, PROGRAM)] == [
        ("/channel", "no_channel"),
        ("/category", "wrong_length"),
        ("/texts/en/subject", "not_printable"),
        ("/texts/en/text", "wrong_length"),
        ("/texts", "wrong_format"),
    ]


def test_who_speaks_none_of_the_languages_gets_english_or_the_first() -> None:
    french = replace(DRAFT, texts={"fr": Words("Café", "..."), "it": Words("Caffè", "...")})
    assert letter_of(DRAFT, "fr-CH").subject == "Double beans"
    assert letter_of(DRAFT, None).subject == "Double beans"
    assert letter_of(french, "de").subject == "Café"


def test_a_letter_can_be_tried_on_an_address_of_ones_own(mailing: Mailing) -> None:
    try_letter(mailing.ports, MONA, "off_1", TEXTS, "mona@example.com", "de", NOW)
    [letter] = mailing.world.mailbox.sent
    assert (letter.to, letter.subject) == ("mona@example.com", "[Test] Doppelte Bohnen")
    assert mailing.ports.allowances.taken[-1] == ("test_letter", "staff:mona")  # type: ignore[attr-defined]  # of the double
    with pytest.raises(InvalidContent) as refused:
        try_letter(mailing.ports, MONA, "off_1", {"en": Words("", "")}, "mona", None, NOW)
    assert {error.pointer for error in refused.value.errors} >= {"/to", "/texts/en/subject"}
