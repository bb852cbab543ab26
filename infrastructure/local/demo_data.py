"""Puts the demo's coffee shop into an installation, through the service's own use cases.

Safe to repeat: what is there already is a replay or somebody's already. So an interrupted run is
finished by the next one. Knows use cases and the demo's facts, no storage.
"""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.api_keys import SECRET_BYTES, new_secret
from chalicelib.domain.callers import CHECKOUT_SCOPES, GROUP_SCOPES, Caller, CallerKind
from chalicelib.domain.identifiers import Channel
from chalicelib.domain.instants import parsed, printed
from chalicelib.domain.names import new_id
from chalicelib.domain.refusals import AlreadyMember, CodeRefused, InsufficientPoints, VersionStale
from chalicelib.usecases.change_program import change_program
from chalicelib.usecases.create_api_key import CreateApiKey, create_api_key
from chalicelib.usecases.create_reward import create_reward
from chalicelib.usecases.due_rounds import Run
from chalicelib.usecases.end_redemption import use_redemption
from chalicelib.usecases.enrol_member import enrol_member
from chalicelib.usecases.find_subject import SubjectRef
from chalicelib.usecases.follow_behaviour import follow_behaviour
from chalicelib.usecases.make_snapshot import make_snapshot
from chalicelib.usecases.ports import Message, Ports
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_newcomer import Joining
from chalicelib.usecases.read_newcomer import joining as joining_of
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from chalicelib.usecases.resend_code import resend_code
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.verify_channel import VerifyChannel, verify_channel
from infrastructure.local import demo_offers, demo_people, demo_told
from infrastructure.local.demo_people import Person, person
from infrastructure.local.demo_shop import PROGRAM, REWARDS
from infrastructure.local.state import StateFolder

SOURCE = "till-berlin"
_MINUTE = timedelta(minutes=1)
_HERE = "127.0.0.1"
_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class DemoMember:
    """A member that is there."""

    member_id: str
    card_number: str
    email: str


@dataclass(frozen=True, slots=True)
class Demo:
    """What an installation was given. checkout_key: the till's; rewards: key -> id."""

    checkout_key: str
    rewards: dict[str, str]
    members: list[DemoMember]


def seeded(
    ports: Ports,
    folder: StateFolder,
    now: datetime,
    progress: Callable[[int, int], None],
    people: int = demo_people.MEMBERS,
) -> Demo:
    """The demo data of an installation, put in now unless they are there.

    progress: called with how many members are done, and of how many (`people`).
    """
    started = folder.kept("demo.json", lambda: {"anchor": printed(now)})
    anchor = parsed(started["anchor"])
    key = _checkout_key(ports, anchor)
    rewards, survey_id = _shop(ports, anchor), _survey(ports, anchor)
    file = folder.path / "members.json"
    members = [DemoMember(**row) for row in json.loads(file.read_text())] if file.exists() else []
    if not members or ports.ledger.head(members[-1].member_id) is None:
        members = []
        for done, member in enumerate(_people(ports, rewards, survey_id, anchor, people), 1):
            members.append(member)
            progress(done, people)
        folder.write("members.json", [asdict(member) for member in members])
        # As the hourly worker does, so that an audience can be looked at from the first minute on.
        make_snapshot(ports, lambda: now, Run(lambda: True, _gave_up))
    # Last, and from now on: what was bought before tells what an offer would have brought.
    demo_offers.launched(ports, _staff("marketer"), _staff("marketer", "-2"), rewards, anchor)
    return Demo(key, rewards, members)


def _gave_up(error: Exception) -> None:
    raise error


# --- the shop ------------------------------------------------------------------------------------


def _shop(ports: Ports, anchor: datetime) -> dict[str, str]:
    marketer = _staff("marketer")
    opened = anchor - timedelta(days=366)
    with suppress(VersionStale):  # it is there
        change_program(ports, marketer, PROGRAM, opened)
    return {
        name: create_reward(ports, marketer, draft, name, opened).answer.reward_id
        for name, draft in REWARDS.items()
    }


def _checkout_key(ports: Ports, at: datetime) -> str:
    """The till's key, the same on every machine: it opens nothing but what runs on this one."""
    first, again = demo_people.entropy(0), demo_people.entropy(0)
    key_id, secret = new_id("key", first.randbytes(16)), new_secret(first.randbytes(SECRET_BYTES))
    if key_id not in {key.key_id for key in ports.keys.all()}:
        command = CreateApiKey(SOURCE, None, numeric_ids=False)
        create_api_key(replace(ports, entropy=again.randbytes), _staff("admin"), command, at)
    return secret


def _survey(ports: Ports, anchor: datetime) -> str:
    return demo_told.survey(ports, _staff("marketer"), anchor - timedelta(days=366))


# --- the people ----------------------------------------------------------------------------------


def _people(
    ports: Ports, rewards: dict[str, str], survey_id: str, anchor: datetime, people: int
) -> Iterator[DemoMember]:
    """The members in their order; a few at a time, each from its enrolment to its last visit."""
    numbers = range(1, people + 1)
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        yield from pool.map(
            lambda number: _life(ports, rewards, survey_id, person(number, anchor)), numbers
        )
    finally:
        pool.shutdown(cancel_futures=True)


def _life(ports: Ports, rewards: dict[str, str], survey_id: str, somebody: Person) -> DemoMember:
    letters = _Letters()
    entropy = demo_people.entropy(somebody.number).randbytes
    theirs = replace(ports, entropy=entropy, messages=letters)
    member = _enrolled(theirs, somebody, letters)
    for purchase in somebody.purchases:
        command = PostPurchase(purchase, MemberId(member.member_id))
        post_purchase(theirs, TILL, command, purchase.occurred_at)
    _spend(theirs, somebody, member.member_id, rewards)
    follow_behaviour(theirs, member.member_id)  # as its worker will find it done
    if somebody.purchases:
        at = somebody.purchases[-1].occurred_at + 30 * _MINUTE
        support = _staff("support")
        demo_told.tell(theirs, somebody.number, member.member_id, survey_id, support, at)
    return member


def _enrolled(ports: Ports, somebody: Person, letters: "_Letters") -> DemoMember:
    at = somebody.joined_at
    try:
        joining = enrol_member(ports, TILL, somebody.request, None, at).answer
    except AlreadyMember as known:
        joining = _as_found(ports, known.member_id)
    if joining.status is not AccountStatus.ACTIVE:
        reference = SubjectRef(member_id=joining.member_id)
        if not letters.sent:  # enrolled by a run that was interrupted just then
            resend_code(ports, reference, Channel.EMAIL, _HERE, at)
        try:
            _prove(ports, reference, letters, at)
        except CodeRefused:  # by this machine's time it is over for long, and may just be purged
            resend_code(ports, reference, Channel.EMAIL, _HERE, at)
            _prove(ports, reference, letters, at)
    return DemoMember(joining.member_id, joining.card_number, somebody.request.person.email or "")


def _prove(ports: Ports, reference: SubjectRef, letters: "_Letters", at: datetime) -> None:
    command = VerifyChannel(reference, Channel.EMAIL, letters.code(), _HERE)
    verify_channel(ports, TILL, command, at + _MINUTE)


def _as_found(ports: Ports, member_id: str) -> Joining:
    member = ports.people.member(member_id)
    assert member is not None  # noqa: S101  # an identifier leads to it
    return joining_of(member)


def _spend(ports: Ports, somebody: Person, member_id: str, rewards: dict[str, str]) -> None:
    """Every third member redeems something after its last purchase, most of them use it."""
    if somebody.number % 3 or not somebody.purchases:
        return
    at = somebody.purchases[-1].occurred_at + 10 * _MINUTE
    wanted = ("free-coffee", "two-euros-off", "concert-ticket")[somebody.number % 9 // 3]
    command = RedeemReward(member_id, rewards[wanted], None, f"demo-{somebody.number}")
    with suppress(InsufficientPoints):
        issued = redeem_reward(ports, TILL, command, at).answer.record
        if somebody.number % 2:
            use_redemption(
                ports, TILL, issued.redemption_id, f"demo-{somebody.number}", at + _MINUTE
            )


class _Letters:
    """Takes the letters of one member instead of sending them."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def code(self) -> str:
        """The code in the latest one."""
        (digits,) = re.findall(r"\b\d{6}\b", self.sent[-1].text)
        return str(digits)


# --- who does all this ---------------------------------------------------------------------------

TILL = Caller(CallerKind.CHECKOUT, SOURCE, CHECKOUT_SCOPES, subject="demo")


def _staff(group: str, place: str = "") -> Caller:
    """One of a group. place: of others beside the first one."""
    subject = f"demo-{group}{place}"
    return Caller(
        CallerKind.STAFF,
        f"staff:{subject}",
        GROUP_SCOPES[group],
        subject,
        groups=frozenset({group}),
    )
