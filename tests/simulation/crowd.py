"""A crowd of tills, members and staff who do everything at once, and remember what they were told.

Each of them draws from chance of its own, so that a seed gives the same wishes again (the threads
give them another order). Whoever is told to try again sends the same request again, as a till does.
Months pass between what they do, and each of them has a clock that may be behind.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.domain.account import AccountStatus
from chalicelib.domain.earning import Tender
from chalicelib.domain.import_rows import BalanceRow, HistoryRow, Named
from chalicelib.domain.interactions import Answers, InteractionKind
from chalicelib.domain.offers import (
    BasketTerms,
    BonusPoints,
    Budget,
    Challenge,
    ChallengeKind,
    LineMatch,
    Multiplier,
    Occasion,
    PointsPerUnit,
    RewardPrice,
    Stacking,
)
from chalicelib.domain.program import (
    Expiry,
    ExpiryKind,
    Pending,
    Tier,
    TierBasis,
    Tiers,
    TierWindow,
)
from chalicelib.domain.refusals import Conflict, Refusal, TryAgain
from chalicelib.domain.returned import Returned, ReturnedLine
from chalicelib.domain.reviews import ReviewOutcome, Suspicion
from chalicelib.domain.rewards import LimitPeriod, Reward
from chalicelib.domain.surveys import Survey, SurveyKind
from chalicelib.usecases.add_interaction import AddInteraction
from chalicelib.usecases.adjust_points import AdjustPoints, adjust_points
from chalicelib.usecases.answer_survey import answer_survey
from chalicelib.usecases.change_status import change_status
from chalicelib.usecases.claim_purchase import claim_by_code, claim_purchase
from chalicelib.usecases.decide_adjustment import decide_adjustment
from chalicelib.usecases.decide_review import DecideReview, decide_review
from chalicelib.usecases.end_redemption import cancel_redemption, use_redemption
from chalicelib.usecases.give_gift import Gift, give_gift
from chalicelib.usecases.import_row import Came, ImportRow, import_row
from chalicelib.usecases.open_review import suspect
from chalicelib.usecases.ports import Outcome, Ports, StoreUnavailable
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from chalicelib.usecases.save_survey import create_survey
from tests.fakes.outside import FakeVault
from tests.fakes.programs import FROM_THE_BEGINNING
from tests.ledger_world import (
    ANNA,
    BEN,
    NOW,
    OTHER_TILL,
    PROGRAM,
    TILL,
    World,
    line,
    purchase,
)
from tests.neighbours import himself
from tests.offer_world import Shop
from tests.people_world import Unlimited
from tests.told_world import LIKES, MARKETER, QUESTIONS, give_key, telling

TRIES = 3
"""How often a request is sent before whoever sent it gives up, not knowing what became of it."""


@dataclass(slots=True)
class Request:
    """Something that somebody wants, to be sent as often as need be. told: the answers it got;
    refused: the last refusal; unknown: whether it was given up."""

    kind: str
    send: Callable[[], Outcome[Any]]
    told: list[Any] = field(default_factory=list)
    refused: Refusal | None = None
    unknown: bool = False


@dataclass(slots=True)
class Town:
    """What the crowd shares. purchases: (id, minor units that earned); guests: those that are
    nobody's; awaited: ids of purchases that something came back of before they came; payers: who
    redeemed what. slowest: how far the clocks of the crowd are behind at most, up to two hours."""

    world: World
    members: list[str]
    rewards: list[Reward]
    surveys: list[Survey]
    now: datetime = NOW
    slowest: timedelta = timedelta(hours=2)
    lock: threading.Lock = field(default_factory=threading.Lock)
    gate: threading.Condition = field(default_factory=threading.Condition)
    under_way: int = 0
    passing: int = 0
    requests: list[Request] = field(default_factory=list)
    purchases: list[tuple[str, int]] = field(default_factory=list)
    guests: list[tuple[str, str]] = field(default_factory=list)
    awaited: list[str] = field(default_factory=list)
    redemptions: list[str] = field(default_factory=list)
    payers: list[tuple[str, str]] = field(default_factory=list)
    awaiting: list[str] = field(default_factory=list)

    def keep(self, kept: list[Any], thing: Any) -> None:
        with self.lock:
            kept.append(thing)

    def pass_time(self, chance: random.Random) -> None:
        """Now and then an hour, a day or some weeks pass for everybody, while nothing is under way:
        nothing that is takes longer than seconds."""
        if chance.random() < 0.04:
            with self.gate:
                self.passing += 1
                self.gate.wait_for(lambda: self.under_way == 0)
                self.now += timedelta(hours=chance.choice([1, 24, 24 * 9, 24 * 20]))
                self.passing -= 1
                self.gate.notify_all()

    @contextmanager
    def moment(self) -> Iterator[datetime]:
        """What it is by the clock until something is done."""
        with self.gate:
            self.gate.wait_for(lambda: self.passing == 0)
            self.under_way += 1
        try:
            yield self.now
        finally:
            with self.gate:
                self.under_way -= 1
                self.gate.notify_all()

    def some(self, kept: list[Any], chance: random.Random) -> Any:
        """One of what is kept, the newest rather than the oldest; None where there is nothing."""
        with self.lock:
            return kept[-1 - chance.randrange(min(len(kept), 12))] if kept else None

    def come(self, chance: random.Random) -> str | None:
        """Now and then the id of a purchase that is awaited, and no more from now on."""
        with self.lock:
            return self.awaited.pop() if self.awaited and chance.random() < 0.3 else None


def town(world: World) -> Town:
    """A few members, so that they meet, and rewards that run out. Points wait, expire soon, and
    make tiers."""
    programs = world.ports.programs
    programs.add(SHORT_LIVED, FROM_THE_BEGINNING)
    programs.activate(SHORT_LIVED.version, FROM_THE_BEGINNING)
    members = [world.member(f"m{number}", points=200) for number in range(5)]
    members.append(world.member("new", status=AccountStatus.PENDING_VERIFICATION))
    vault = FakeVault()
    world = replace(world, ports=replace(telling(world.ports, vault), allowances=Unlimited()))
    for member in members:
        give_key(world.ports, vault, member)
    surveys = [_survey(world, number, points) for number, points in enumerate([0, 9, 30, 30, 250])]
    rewards = [
        world.reward("mug", points=20),
        world.reward("cup", points=5, tiers=frozenset({"silver", "gold"})),
        world.reward("rare", points=10, stock=12, stock_shards=3),
        world.reward(
            "twice", points=5, member_limit=2, member_limit_period=LimitPeriod.DAY, stock=40
        ),
    ]
    _launch(world, rewards)
    return Town(world, members, rewards, surveys)


def _launch(world: World, rewards: list[Reward]) -> None:
    """Offers that are used up, run into limits, wait longer than others and beat each other;
    challenges, cheaper rewards and a gift."""
    shop = Shop(world, world.name)
    beans = BasketTerms(matches=LineMatch(categories=frozenset({"beans"})))
    shop.launch("double", Multiplier(250), basket=beans, pending=Pending(days=9))
    shop.launch(
        "once",
        BonusPoints(30),
        budget=Budget("points", 1_500, 3),
        member_limit=2,
        member_limit_period=LimitPeriod.DAY,
    )
    shop.launch(
        "each",
        PointsPerUnit(3),
        basket=BasketTerms(minimum_minor=2_000),
        budget=Budget("minor", 900, 2),
        most_points=11,
        stacking=Stacking("big"),
    )
    shop.launch("big", BonusPoints(9), stacking=Stacking("big"), member_limit=30)
    third = Challenge(ChallengeKind.COUNT, 3)
    shop.launch("third", BonusPoints(25), challenge=third, budget=Budget("points", 600, 2))
    mug, _, rare, _ = rewards
    ninth = Challenge(ChallengeKind.QUANTITY, 9)
    shop.launch("free", RewardPrice(mug.reward_id, 0), challenge=ninth)
    shop.launch(
        "cheap",
        RewardPrice(rare.reward_id, 4),
        occasion=Occasion.REDEMPTION,
        budget=Budget("points", 40, 2),
        member_limit=3,
        member_limit_period=LimitPeriod.DAY,
    )
    shop.launch(
        GIFT,
        BonusPoints(11),
        occasion=Occasion.MOMENT,
        budget=Budget("points", 150, 2),
        member_limit=4,
    )


GIFT = "moment"


def _survey(world: World, number: int, points: int) -> Survey:
    draft = Survey("", 0, f"survey {number}", SurveyKind.SURVEY, QUESTIONS, points)
    return create_survey(world.ports, MARKETER, draft, f"{world.name}-{number}", NOW).answer


SHORT_LIVED = replace(
    PROGRAM,
    version=2,
    pending=Pending(days=5),
    rules=(replace(PROGRAM.rules[0], pending=Pending(days=20)), *PROGRAM.rules[1:]),
    expiry=Expiry(ExpiryKind.AFTER_EARNING, months=1),
    grace_days=10,
    tiers=Tiers(
        TierBasis.POINTS,
        TierWindow.ROLLING_12_MONTHS,
        (
            Tier("silver", "Silver", 150, earn_percent=125, gift_points=20),
            Tier("gold", "Gold", 600, earn_percent=150, gift_points=75),
        ),
        grace_days=10,
    ),
)
"""Everything that the calendar does to points happens within a few months."""


class Person:
    """One of the crowd, with ids, chance and patience of its own."""

    def __init__(self, place: Town, name: str) -> None:
        self._place = place
        self._name = name
        self._chance = random.Random(name)
        self._count = 0
        # One world for all, but each draws its salts by itself: they need no order among them.
        self._world = replace(place.world, ports=place.world.ports)

    def act(self) -> None:
        """Want something, and send it until it is known what became of it."""
        self._place.pass_time(self._chance)
        wishes = {
            self._buy: 30,
            self._buy_as_a_guest: 6,
            self._send_again: 14,
            self._bring_back: 14,
            self._bring_back_early: 5,
            self._buy_with_points: 5,
            self._claim: 7,
            self._redeem: 14,
            self._use: 6,
            self._cancel: 7,
            self._adjust: 8,
            self._import: 4,
            self._answer: 5,
            self._decide: 3,
            self._verify: 1,
            self._look: 2,
            self._judge: 5,
            self._give: 4,
        }
        wish = self._chance.choices(list(wishes), weights=list(wishes.values()))[0]
        request = wish() or self._buy()
        send(request)
        if request.told:
            self._note(request.kind, request.told[-1])

    # --- what is wanted ------------------------------------------------------------------------

    def _request(self, kind: str, act: Callable[..., Outcome[Any]], *args: Any) -> Request:
        behind = self._chance.random() * self._place.slowest

        def send() -> Outcome[Any]:
            with self._place.moment() as now:
                return act(self._world.ports, *args, now - behind)

        request = Request(kind, send)
        self._place.keep(self._place.requests, request)
        return request

    def _buy(self) -> Request:
        member = MemberId(self._chance.choice(self._place.members))
        return self._request("buy", post_purchase, TILL, self._purchase(member))

    def _buy_as_a_guest(self) -> Request:
        return self._request("buy", post_purchase, TILL, self._purchase(None))

    def _buy_with_points(self) -> Request | None:
        payer = self._place.some(self._place.payers, self._chance)
        if payer is None:
            return None
        member, redemption_id = payer
        paid = Tender("points", 0, redemption_id)
        return self._request("buy", post_purchase, TILL, self._purchase(MemberId(member), paid))

    def _purchase(self, member: MemberId | None, *paid: Tender) -> PostPurchase:
        lines = [
            line(
                str(number),
                self._chance.randrange(0, 4_000),
                quantity=self._chance.randint(1, 3),
                category=self._chance.choice(["beans", "gift_cards", None]),
            )
            for number in range(self._chance.randint(1, 3))
        ]
        # Late ones too, from an offline till; a clock may be behind the one that it was made by.
        at = self._place.now - timedelta(hours=2 + 24 * self._chance.choice([0, 0, 3, 45]))
        tenders = self._chance.choice([(), (Tender("gift_card", 700), Tender("card", 900))])
        purchase_id = self._place.come(self._chance) or self._id("p")
        bought = purchase(purchase_id, *lines, at=at, tenders=(*tenders, *paid))
        return PostPurchase(replace(bought, store_id=self._world.name), member)

    def _send_again(self) -> Request | None:
        """What somebody has sent already, perhaps still under way."""
        again = self._place.some(self._place.requests, self._chance)
        return again if again is not None else None

    def _bring_back(self) -> Request | None:
        bought = self._place.some(self._place.purchases, self._chance)
        if bought is None:
            return None
        purchase_id, minor = bought
        returned: Returned = self._chance.choice([minor, minor // 2, 333, 1])
        if self._chance.random() < 0.3:
            returned = (ReturnedLine("0", 1, self._chance.choice([0, 150, 800])),)
        command = ReturnPurchase(purchase_id, self._id("r"), returned)
        return self._request("return", return_purchase, TILL, command)

    def _bring_back_early(self) -> Request:
        awaited = self._place.some(self._place.awaited, self._chance)
        purchase_id = awaited if awaited and self._chance.random() < 0.5 else self._id("p")
        self._place.keep(self._place.awaited, purchase_id)
        returned: Returned = self._chance.choice([1, 333, 2_000, 9_000])
        if self._chance.random() < 0.3:
            returned = (ReturnedLine(self._chance.choice(["0", "9"]), 1, 150),)
        command = ReturnPurchase(purchase_id, self._id("r"), returned)
        return self._request("early return", return_purchase, TILL, command)

    def _claim(self) -> Request | None:
        guest = self._place.some(self._place.guests, self._chance)
        if guest is None:
            return None
        member = self._chance.choice(self._place.members)
        if self._chance.random() < 0.5:
            return self._request("claim", claim_by_code, member, guest[1])
        return self._request("claim", claim_purchase, TILL, guest[0], MemberId(member))

    def _redeem(self) -> Request:
        member = self._chance.choice(self._place.members)
        reward = self._chance.choice(self._place.rewards)
        command = RedeemReward(member, reward.reward_id, None, self._id("k"))
        return self._request("redeem", redeem_reward, OTHER_TILL, command)

    def _use(self) -> Request | None:
        redemption = self._place.some(self._place.redemptions, self._chance)
        if redemption is None:
            return None
        return self._request("use", use_redemption, TILL, redemption, self._id("u"))

    def _cancel(self) -> Request | None:
        redemption = self._place.some(self._place.redemptions, self._chance)
        if redemption is None:
            return None
        return self._request("cancel", cancel_redemption, TILL, redemption, self._id("c"))

    def _adjust(self) -> Request:
        member = self._chance.choice(self._place.members)
        points = self._chance.choice([5, 40, -3, -60, 700, -700])
        allow_debt = self._chance.random() < 0.5
        command = AdjustPoints(member, points, "goodwill", allow_debt, self._id("a"))
        return self._request("adjust", adjust_points, ANNA, command)

    def _import(self) -> Request:
        """A row of a file: a balance, or a purchase of before."""
        member = self._chance.choice(self._place.members)
        row_id, whose = self._id("i"), Named("member_id", member)
        row: BalanceRow | HistoryRow
        if self._chance.random() < 0.5:
            points = self._chance.choice([0, 7, 90, -25])
            last = (self._place.now + timedelta(days=self._chance.choice([3, 40]))).date()
            row = BalanceRow(row_id, whose, points, self._chance.choice([None, last]), True)
        else:
            bought_at = self._place.now - timedelta(days=self._chance.choice([1, 40, 400, 2_000]))
            row = HistoryRow(row_id, whose, bought_at, self._chance.choice([0, 1_250]), 12)
        command = ImportRow(self._name, self._world.name, self._count, row, member)
        return self._request("import", _import_row, command)

    def _answer(self) -> Request:
        """Somebody answers a survey, perhaps not for the first time."""
        member = self._chance.choice(self._place.members)
        survey = self._chance.choice(self._place.surveys)
        answers = Answers(survey.survey_id, LIKES)
        command = AddInteraction(member, InteractionKind.SURVEY, answers, self._id("s"))
        return self._request("answer", answer_survey, himself(member), command)

    def _decide(self) -> Request | None:
        asked = self._place.some(self._place.awaiting, self._chance)
        if asked is None:
            return None
        approve = self._chance.random() < 0.5
        act = partial(_decide_adjustment, approve=approve)
        return self._request("decide", act, BEN, asked)

    def _verify(self) -> Request:
        member, status = self._place.members[-1], AccountStatus.ACTIVE
        return self._request("verify", change_status, member, status, ("code",))

    def _look(self) -> Request:
        member = self._chance.choice(self._place.members)
        return self._request("look", suspect, member, Suspicion.REFUNDS)

    def _judge(self) -> Request:
        """Somebody of staff ends a review, where there is one; much is taken by two."""
        member, by = self._chance.choice(self._place.members), self._chance.choice([ANNA, BEN])
        outcome = self._chance.choice(list(ReviewOutcome))
        command = DecideReview(member, outcome, "looked", self._id("v"))
        return self._request("judge", decide_review, by, command)

    def _give(self) -> Request:
        """A worker finds, perhaps not for the first time, that a member is to have a gift."""
        member = self._chance.choice(self._place.members)
        period = self._chance.choice(["a", "b", "c", "d", "e"])
        gift = Gift(f"off_{GIFT}{self._world.name}", period, held=self._chance.random() < 0.1)
        return self._request("gift", _give_gift, member, gift)

    # --- what is remembered --------------------------------------------------------------------

    def _note(self, kind: str, answer: Any) -> None:
        if kind == "buy" and answer.claim_code:
            self._place.keep(self._place.guests, (answer.purchase_id, answer.claim_code))
        if kind == "buy":
            minor = sum(row.minor for row in answer.points.why) or 1_000
            self._place.keep(self._place.purchases, (answer.purchase_id, minor))
        if kind == "redeem":
            record = answer.record
            self._place.keep(self._place.redemptions, record.redemption_id)
            self._place.keep(self._place.payers, (record.account_id, record.redemption_id))
        if kind == "adjust" and answer.status == "awaiting_approval":
            self._place.keep(self._place.awaiting, answer.adjustment_id)

    def _id(self, prefix: str) -> str:
        self._count += 1
        return f"{self._world.name}-{self._name}-{prefix}{self._count}"


def send(request: Request) -> None:
    """Send a request until something is known of it, or patience is at its end."""
    for _ in range(TRIES):
        try:
            request.told.append(request.send().answer)
        except (TryAgain, StoreUnavailable):
            continue
        except Refusal as refusal:
            request.refused = refusal
        return
    request.unknown = True


def _import_row(ports: Ports, command: ImportRow, now: datetime) -> Outcome[Came]:
    return Outcome(import_row(ports, command, now, dry_run=False))


def _give_gift(ports: Ports, member: str, gift: Gift, now: datetime) -> Outcome[bool]:
    if not give_gift(ports, member, gift, now):
        raise Conflict(reason="no_gift")
    return Outcome(True)


def _decide_adjustment(*args: Any, approve: bool) -> Outcome[Any]:
    *before, now = args
    return decide_adjustment(*before, approve=approve, now=now)


def tally(requests: list[Request]) -> dict[str, int]:
    """How many requests of each kind were answered, refused, or given up."""
    kinds = Counter(request.kind for request in requests if request.told)
    refused = Counter(f"{request.kind} refused" for request in requests if request.refused)
    return dict(kinds + refused + Counter(unknown=sum(r.unknown for r in requests)))
