"""Members whose points go from account to account: what tests of that need beside a world."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.callers import MEMBER_SCOPES, Caller, CallerKind
from chalicelib.domain.instants import local_date
from chalicelib.domain.lots import fold
from chalicelib.domain.merging import net
from chalicelib.domain.program import Expiry, ExpiryKind, Pending, Program, Transfers
from chalicelib.domain.rewards import Reward
from chalicelib.domain.transfers import Transfer
from chalicelib.usecases.adjust_points import AdjustPoints, adjust_points
from chalicelib.usecases.cancel_transfer import TransferCancelled, cancel_transfer
from chalicelib.usecases.end_redemption import cancel_redemption
from chalicelib.usecases.invite_to_household import invite_to_household
from chalicelib.usecases.join_household import Joined, join_household
from chalicelib.usecases.leave_household import leave_household, remove_from_household
from chalicelib.usecases.merge_accounts import MergeAccounts, Merged, merge_accounts
from chalicelib.usecases.ports import Outcome, Ports
from chalicelib.usecases.post_purchase import PostPurchase, post_purchase
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.redeem_reward import RedeemReward, redeem_reward
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.return_purchase import ReturnPurchase, return_purchase
from chalicelib.usecases.reverse_merge import Reversed, reverse_merge
from chalicelib.usecases.transfer_points import TransferPoints, transfer_points
from tests.fakes.audit import FakeAudit
from tests.fakes.programs import FakePrograms
from tests.ledger_world import ANNA, NOW, PROGRAM, TILL, World, line, purchase
from tests.people_world import Unlimited

COOLING_OFF_DAYS = 7
SHARING = replace(
    PROGRAM,
    transfers=Transfers(
        most_points=400, most_points_a_month=500, cooling_off_days=COOLING_OFF_DAYS
    ),
    household_members=3,
)
"""Points go from member to member after a week, and three members can share an account."""

FLEETING = replace(SHARING, pending=Pending(14), expiry=Expiry(ExpiryKind.AFTER_EARNING, 3))
"""The same, with points that wait for two weeks and last for three months."""


def himself(member_id: str, signed_in_at: datetime | None = None) -> Caller:
    """A member with its own token."""
    source = f"member:{member_id}"
    return Caller(
        CallerKind.MEMBER, source, MEMBER_SCOPES, member_id, member_id, signed_in_at=signed_in_at
    )


@dataclass(slots=True)
class Neighbours:
    """A world whose program is `program`, at an instant that tests move. Keys are made of labels,
    so that the same label again is the same request again."""

    world: World
    program: Program = SHARING
    now: datetime = NOW
    ports: Ports = field(init=False)

    def __post_init__(self) -> None:
        programs = FakePrograms(self.program)
        self.ports = replace(self.world.ports, programs=programs, allowances=Unlimited())

    def wait(self, days: int) -> None:
        """Days pass."""
        self.now += timedelta(days=days)

    def member(
        self, label: str, points: int = 0, status: AccountStatus = AccountStatus.ACTIVE
    ) -> str:
        """A new member, with points by a purchase of as many euros."""
        member_id = self.world.member(label, status=status)
        if points:
            self.buy(f"first-{label}", member_id, points)
        return member_id

    # --- what tills do ---------------------------------------------------------------------------

    def buy(self, label: str, member_id: str, euros: int) -> Outcome[Any]:
        bought = purchase(self.world.purchase_id(label), line("1", euros * 100), at=self.now)
        command = PostPurchase(bought, MemberId(member_id))
        return post_purchase(self.ports, TILL, command, self.now)

    def give_back(self, label: str, return_id: str, euros: int) -> Outcome[Any]:
        command = ReturnPurchase(self.world.purchase_id(label), return_id, euros * 100)
        return return_purchase(self.ports, TILL, command, self.now)

    def redeem(self, member_id: str, reward: Reward, label: str) -> Outcome[Any]:
        command = RedeemReward(member_id, reward.reward_id, None, self._key(label))
        return redeem_reward(self.ports, TILL, command, self.now)

    def cancel(self, redemption_id: str, label: str = "c") -> Outcome[Any]:
        return cancel_redemption(self.ports, TILL, redemption_id, self._key(label), self.now)

    def adjust(self, member_id: str, points: int, label: str) -> Outcome[Any]:
        command = AdjustPoints(member_id, points, "goodwill", True, self._key(label))
        return adjust_points(self.ports, ANNA, command, self.now)

    # --- points between accounts -----------------------------------------------------------------

    def send(
        self, sender: str, receiver: str, points: int, label: str, *, dry_run: bool = False
    ) -> Outcome[Transfer]:
        command = TransferPoints(sender, MemberId(receiver), points, self._key(label))
        return transfer_points(
            self.ports, himself(sender, self.now), command, self.now, dry_run=dry_run
        )

    def call_back(self, member_id: str, transfer_id: str) -> Outcome[TransferCancelled]:
        return cancel_transfer(self.ports, himself(member_id), transfer_id, None, self.now)

    def merge(
        self, source: str, target: str, label: str, *, dry_run: bool = False
    ) -> Outcome[Merged]:
        command = MergeAccounts(target, source, "one person", self._key(label))
        return merge_accounts(self.ports, ANNA, command, self.now, dry_run=dry_run)

    def part(self, merge_id: str) -> Outcome[Reversed]:
        return reverse_merge(self.ports, ANNA, merge_id, None, self.now)

    def invite(self, owner: str, label: str) -> str:
        """The code."""
        key = self._key(label)
        return invite_to_household(self.ports, himself(owner), owner, key, self.now).answer.code

    def join(self, member_id: str, code: str, *, dry_run: bool = False) -> Outcome[Joined]:
        return join_household(
            self.ports, himself(member_id, self.now), member_id, code, self.now, dry_run=dry_run
        )

    def leave(self, member_id: str) -> None:
        leave_household(self.ports, himself(member_id), member_id, self.now)

    def remove(self, owner: str, member_id: str) -> None:
        remove_from_household(self.ports, himself(owner), owner, member_id, self.now)

    # --- what is to be seen ----------------------------------------------------------------------

    def account(self, member_id: str) -> Account:
        """What the member is told that it has now."""
        return read_account(self.ports, member_id, self.now).account

    def own(self, member_id: str) -> Account:
        """The member's own account as of now, whoever stands in for it."""
        head = self.ports.ledger.head(member_id)
        assert head is not None
        today = local_date(max(self.now, head.entry.at), self.program.zone)
        return fold(head.entry.account(), today).account

    def points_of(self, member_id: str) -> Account:
        """The member's own account, but for what stays known to both where two come together and
        part again: when one was active last, and in which months nothing is left."""
        own = self.own(member_id)
        months = tuple(
            month
            for month in own.months
            if month.purchases or month.spend_minor or month.qualifying_points
        )
        return replace(own, active_on=None, months=months)

    def worth(self, members: Sequence[str]) -> int:
        """Points in all of their accounts, less what they owe."""
        return sum(net(self.own(member_id)) for member_id in members)

    def kinds(self, member_id: str) -> list[str]:
        """The kinds of the entries of the member's own account, oldest first."""
        return [str(e.kind) for e in reversed(self.ports.ledger.entries(member_id, None, 100))]

    def audited(self) -> list[tuple[str, str | None, str | None]]:
        """What was recorded of whom, and why, oldest first."""
        assert isinstance(self.ports.audit, FakeAudit)
        return [(row.action, row.member_id, row.reason) for row in self.ports.audit.records]

    def _key(self, label: str) -> str:
        return f"{self.world.name}-{label}"
