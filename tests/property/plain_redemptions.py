"""Redemptions by the plain rules.

It must import nothing that decides about points.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.rewards import LimitPeriod, OnExpiry, Reward, RewardKind
from tests.property.plain_book import Book, Refused
from tests.property.plain_member import Member
from tests.property.plain_tiers import stand


@dataclass
class Redeemed:
    """A redemption. account: whose points. spent: these by their last day. ended: how, None while
    it is open. paid: whether it paid for a purchase."""

    account: str
    reward: Reward
    points: int
    spent: dict[date, int]
    period: str | None
    expires_at: datetime
    ended: str | None = None
    paid: bool = False


class Redemptions:
    """All redemptions, by what a test calls them. stock: of limited rewards, what is left."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.all: dict[str, Redeemed] = {}
        self.stock: dict[str, int] = {}

    def redeem(
        self, name: str, member_name: str, reward: Reward, asked: int | None, now: datetime
    ) -> dict[str, int]:
        member, points = self.book.look(member_name, now), _price(reward, asked)
        at = max(now, member.last_at)
        period = self._check(member, reward, points, at)
        if self.stock.get(reward.reward_id) == 0:
            raise Refused("reward_sold_out")
        if period is not None:
            member.uses[reward.reward_id, period] += 1
        if reward.stock is not None:
            self.stock[reward.reward_id] -= 1
        member.live_on(self.book.program, self.book.today(member_name, now))
        spent = member.spend(points)
        member.redeemed += points
        self.book.write(member_name, member, now)
        expires_at = at + timedelta(days=reward.valid_days)
        account = self.book.account_of(member_name)
        self.all[name] = Redeemed(account, reward, points, spent, period, expires_at)
        return {"points": points, "available_after": member.available}

    def _check(self, member: Member, reward: Reward, points: int, at: datetime) -> str | None:
        """The period that is counted, None without a limit."""
        day = at.astimezone(ZoneInfo(self.book.program.zone)).date()
        if not member.active:
            raise Refused("reward_not_available")
        tier = stand(member, self.book.program.tiers, day).tier
        if reward.tiers is not None and tier not in reward.tiers:
            raise Refused("reward_not_available")
        period = None
        if reward.member_limit is not None:
            period = _period(reward, day)
            if member.uses[reward.reward_id, period] >= reward.member_limit:
                raise Refused("member_limit_reached")
        if points > member.available:
            raise Refused("insufficient_points")
        return period

    def rename(self, name: str, other: str) -> None:
        """Call a redemption by the id that the program has given it."""
        self.all[other] = self.all.pop(name)

    def pay(self, names: list[str], account: str, now: datetime) -> None:
        """Let redemptions pay for a purchase: each for one, and used by that."""
        for name in names:
            redeemed = self.all[name]
            if self.book.account_of(redeemed.account) != account:
                raise Refused("redemption_not_found")
            if redeemed.paid:
                raise Refused("redemption_already_spent")
            if redeemed.ended != "used":
                self._open(name, now)
        for name in names:
            self.all[name].paid, self.all[name].ended = True, "used"

    def use(self, name: str, now: datetime) -> dict[str, int]:
        self._open(name, now).ended = "used"
        return {"returned": 0}

    def cancel(self, name: str, now: datetime) -> dict[str, int]:
        return self._give_back(self._open(name, now), "cancelled", now)

    def expire(self, name: str, now: datetime) -> bool:
        redeemed = self.all[name]
        due = redeemed.ended is None and now >= redeemed.expires_at
        if due and redeemed.reward.on_expiry is OnExpiry.RETURN:
            self._give_back(redeemed, "expired", now)
            return True
        return False

    def _open(self, name: str, now: datetime) -> Redeemed:
        redeemed = self.all[name]
        if redeemed.ended is not None or now >= redeemed.expires_at:
            raise Refused("redemption_already_ended")
        return redeemed

    def _give_back(self, redeemed: Redeemed, ended: str, now: datetime) -> dict[str, int]:
        member = self.book.look(redeemed.account, now)
        redeemed.ended = ended
        today = self.book.today(redeemed.account, now)
        paid = member.get_back(redeemed.spent, self.book.program, today)
        member.redeemed -= redeemed.points
        if redeemed.period is not None:
            member.uses[redeemed.reward.reward_id, redeemed.period] -= 1
        if redeemed.reward.stock is not None:
            self.stock[redeemed.reward.reward_id] += 1
        self.book.write(redeemed.account, member, now)
        return {"returned": redeemed.points, "debt_paid": paid, "available_after": member.available}


def _price(reward: Reward, asked: int | None) -> int:
    if reward.kind is not RewardKind.POINTS_PAYMENT:
        if asked is not None:
            raise Refused("invalid_content")
        return reward.points
    if asked is not None and (asked < reward.points or asked % reward.points):
        raise Refused("invalid_content")
    return asked or reward.points


def _period(reward: Reward, day: date) -> str:
    match reward.member_limit_period:
        case LimitPeriod.DAY:
            return day.strftime("%Y-%m-%d")
        case LimitPeriod.MONTH:
            return day.strftime("%Y-%m")
        case _:
            return "ever"
