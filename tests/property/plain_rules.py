"""The rules of points, written down a second time, as plainly as they can be read in the contract.

No lots, no entries, no retries, no storage: numbers in dictionaries. What the program does is
compared with this. It must import nothing that decides about points.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.earning import Line, Tender
from chalicelib.domain.program import Program
from chalicelib.domain.rewards import LimitPeriod, OnExpiry, Reward, RewardKind
from tests.property.plain_prices import largest_remainder, points_of


class Refused(Exception):
    """The rules say no; `code` as in the contract."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Member:
    """What a member has. months: `2026-03` -> purchases, spend_minor, points."""

    active: bool
    last_at: datetime
    available: int = 0
    debt: int = 0
    earned: int = 0
    redeemed: int = 0
    purchases: int = 0
    spend_minor: int = 0
    entries: int = 1
    months: dict[str, list[int]] = field(default_factory=dict)
    uses: Counter[tuple[str, str]] = field(default_factory=Counter)

    def entry(self, now: datetime) -> None:
        """Something happened to it: its time does not go back."""
        self.entries += 1
        self.last_at = max(self.last_at, now)

    def gain(self, points: int) -> int:
        """Points become available; debt is paid first. The points that paid."""
        paid = min(self.debt, points)
        self.debt -= paid
        self.available += points - paid
        return paid

    def lose(self, points: int) -> int:
        """Points go, also those that are no longer there. The new debt."""
        there = min(self.available, points)
        self.available -= there
        self.debt += points - there
        return points - there

    def count(self, at: datetime, program: Program, *figures: int) -> None:
        """Add a purchase's figures (purchases, spend_minor, points), or take them away."""
        month = self.months.setdefault(_local(at, program).strftime("%Y-%m"), [0, 0, 0])
        for place, figure in enumerate(figures):
            month[place] += figure
        self.purchases += figures[0]
        self.spend_minor += figures[1]
        self.earned += figures[2]

    def last_months(self) -> dict[str, tuple[int, int, int]]:
        """The 13 months up to the newest in which something ever happened, without empty ones."""
        newest = max(self.months, default="0000-01")
        number = int(newest[:4]) * 12 + int(newest[5:]) - 13
        oldest = f"{number // 12:04d}-{number % 12 + 1:02d}"
        return {
            month: (figures[0], figures[1], figures[2])
            for month, figures in self.months.items()
            if month >= oldest and any(figures)
        }


@dataclass
class Bought:
    """A purchase and what is left of it: quantity and minor units of each line."""

    at: datetime
    program: Program
    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...]
    owner: str | None
    posted_at: datetime
    left: list[list[int]]

    def worth(self) -> int:
        """The points that what is left earns by the purchase's own rules."""
        return points_of(self.program, self.lines, self.tenders, [row[1] for row in self.left])

    def is_gone(self) -> bool:
        """Whether nothing is left: no money, or no piece where all was free."""
        place = 1 if sum(line.amount_minor for line in self.lines) else 0
        return not any(row[place] for row in self.left)


@dataclass
class Redeemed:
    """A redemption. ended: how, None while it is open."""

    member: str
    reward: Reward
    points: int
    period: str | None
    expires_at: datetime
    ended: str | None = None


class Rules:
    """All members, purchases and redemptions, by what a test calls them."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.members: dict[str, Member] = {}
        self.bought: dict[str, Bought] = {}
        self.redeemed: dict[str, Redeemed] = {}
        self.stock: dict[str, int] = {}

    def post(
        self,
        name: str,
        member: str | None,
        lines: tuple[Line, ...],
        tenders: tuple[Tender, ...],
        at: datetime,
        now: datetime,
    ) -> dict[str, int]:
        if at > now + timedelta(minutes=5):
            raise Refused("in_the_future")
        if at < now - timedelta(days=self.program.limits.late_purchase_days):
            raise Refused("too_far_back")
        if member is not None and member not in self.members:
            raise Refused("member_not_found")
        left = [[line.quantity, line.amount_minor] for line in lines]
        bought = Bought(at, self.program, lines, tenders, member, now, left)
        self.bought[name] = bought
        if member is None:
            return {"earned": 0, "debt_paid": 0, "available_after": 0, "debt_after": 0}
        return self._give(bought, member, now)

    def claim(self, name: str, member: str, now: datetime) -> dict[str, int]:
        bought = self.bought[name]
        if bought.owner is not None:
            raise Refused("purchase_already_claimed")
        if member not in self.members:
            raise Refused("member_not_found")
        bought.owner = member
        return self._give(bought, member, now)

    def _give(self, bought: Bought, name: str, now: datetime) -> dict[str, int]:
        member, points = self.members[name], bought.worth()
        paid = member.gain(points)
        minor = sum(row[1] for row in bought.left)
        member.count(bought.at, bought.program, 0 if bought.is_gone() else 1, minor, points)
        member.entry(now)
        return {"earned": points, "debt_paid": paid, **_after(member)}

    def return_amount(self, name: str, minor: int, now: datetime) -> dict[str, int]:
        left = [row[1] for row in self.bought[name].left]
        if minor > sum(left):
            raise Refused("return_exceeds_purchase")
        parts = largest_remainder(minor, left)
        return self._return(name, {n: (0, part) for n, part in enumerate(parts)}, now)

    def return_lines(
        self, name: str, rows: dict[int, tuple[int, int]], now: datetime
    ) -> dict[str, int]:
        left = self.bought[name].left
        if any(row[0] > left[n][0] or row[1] > left[n][1] for n, row in rows.items()):
            raise Refused("return_exceeds_purchase")
        return self._return(name, rows, now)

    def _return(self, name: str, rows: dict[int, tuple[int, int]], now: datetime) -> dict[str, int]:
        bought = self.bought[name]
        before, was_gone = bought.worth(), bought.is_gone()
        for number, (quantity, minor) in rows.items():
            bought.left[number][0] -= quantity
            bought.left[number][1] -= minor
        if bought.owner is None:
            return {"taken": 0, "new_debt": 0, "available_after": 0, "debt_after": 0}
        member, taken = self.members[bought.owner], before - bought.worth()
        new_debt = member.lose(taken)
        gone = -1 if bought.is_gone() and not was_gone else 0
        minor = sum(minor for _, minor in rows.values())
        member.count(bought.at, bought.program, gone, -minor, -taken)
        member.entry(now)
        return {"taken": taken, "new_debt": new_debt, **_after(member)}

    def redeem(
        self, name: str, member_name: str, reward: Reward, asked: int | None, now: datetime
    ) -> dict[str, int]:
        member = self.members[member_name]
        points = self._price(reward, asked)
        if self.stock.get(reward.reward_id) == 0 and self._may(member, reward, points, now):
            raise Refused("reward_sold_out")
        period = self._check(member, reward, points, now)
        if period is not None:
            member.uses[reward.reward_id, period] += 1
        if reward.stock is not None:
            self.stock[reward.reward_id] -= 1
        member.available -= points
        member.redeemed += points
        member.entry(now)
        expires_at = member.last_at + timedelta(days=reward.valid_days)
        self.redeemed[name] = Redeemed(member_name, reward, points, period, expires_at)
        return {"points": points, "available_after": member.available}

    def _price(self, reward: Reward, asked: int | None) -> int:
        if reward.kind is not RewardKind.POINTS_PAYMENT:
            if asked is not None:
                raise Refused("invalid_content")
            return reward.points
        if asked is not None and (asked < reward.points or asked % reward.points):
            raise Refused("invalid_content")
        return asked or reward.points

    def _may(self, member: Member, reward: Reward, points: int, now: datetime) -> bool:
        try:
            self._check(member, reward, points, now)
        except Refused:
            return False
        return True

    def _check(self, member: Member, reward: Reward, points: int, now: datetime) -> str | None:
        """The period that is counted, None without a limit."""
        if not member.active:
            raise Refused("reward_not_available")
        period = None
        if reward.member_limit is not None:
            period = self._period(reward, max(now, member.last_at))
            if member.uses[reward.reward_id, period] >= reward.member_limit:
                raise Refused("member_limit_reached")
        if points > member.available:
            raise Refused("insufficient_points")
        return period

    def _period(self, reward: Reward, now: datetime) -> str:
        day = _local(now, self.program)
        match reward.member_limit_period:
            case LimitPeriod.DAY:
                return day.strftime("%Y-%m-%d")
            case LimitPeriod.MONTH:
                return day.strftime("%Y-%m")
            case _:
                return "ever"

    def use(self, name: str, now: datetime) -> dict[str, int]:
        self._open(name, now).ended = "used"
        return {"returned": 0}

    def cancel(self, name: str, now: datetime) -> dict[str, int]:
        return self._give_back(self._open(name, now), "cancelled", now)

    def expire(self, name: str, now: datetime) -> bool:
        redeemed = self.redeemed[name]
        due = redeemed.ended is None and now >= redeemed.expires_at
        if due and redeemed.reward.on_expiry is OnExpiry.RETURN:
            self._give_back(redeemed, "expired", now)
            return True
        return False

    def _open(self, name: str, now: datetime) -> Redeemed:
        redeemed = self.redeemed[name]
        if redeemed.ended is not None or now >= redeemed.expires_at:
            raise Refused("redemption_already_ended")
        return redeemed

    def _give_back(self, redeemed: Redeemed, ended: str, now: datetime) -> dict[str, int]:
        member = self.members[redeemed.member]
        redeemed.ended = ended
        paid = member.gain(redeemed.points)
        member.redeemed -= redeemed.points
        if redeemed.period is not None:
            member.uses[redeemed.reward.reward_id, redeemed.period] -= 1
        if redeemed.reward.stock is not None:
            self.stock[redeemed.reward.reward_id] += 1
        member.entry(now)
        return {"returned": redeemed.points, "debt_paid": paid, "available_after": member.available}

    def adjust(self, name: str, points: int, allow_debt: bool, now: datetime) -> dict[str, int]:
        member = self.members[name]
        if points < 0 and not allow_debt and -points > member.available:
            raise Refused("insufficient_points")
        if abs(points) > self.program.limits.adjustment_without_approval:
            return {"waiting": 1}
        return self._adjust(member, points, now)

    def approve(self, name: str, points: int, allow_debt: bool, now: datetime) -> dict[str, int]:
        member = self.members[name]
        if points < 0 and not allow_debt and -points > member.available:
            raise Refused("insufficient_points")
        return self._adjust(member, points, now)

    def _adjust(self, member: Member, points: int, now: datetime) -> dict[str, int]:
        if points >= 0:
            member.gain(points)
        else:
            member.lose(-points)
        member.entry(now)
        return _after(member)

    def verify(self, name: str, now: datetime) -> None:
        member = self.members[name]
        if not member.active:
            member.active = True
            member.entry(now)


def _local(at: datetime, program: Program) -> datetime:
    return at.astimezone(ZoneInfo(program.zone))


def _after(member: Member) -> dict[str, int]:
    return {"available_after": member.available, "debt_after": member.debt}
