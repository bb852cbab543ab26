"""What moves points between accounts: transfers, merges and households."""

from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import consumes, multiple, rule

from chalicelib.usecases.cancel_transfer import cancel_transfer
from chalicelib.usecases.invite_to_household import invite_to_household
from chalicelib.usecases.join_household import join_household
from chalicelib.usecases.leave_household import leave_household
from chalicelib.usecases.merge_accounts import MergeAccounts, merge_accounts
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.transfer_points import TransferPoints, transfer_points
from tests.ledger_world import ANNA
from tests.property import seen
from tests.property.stage import Stage


class Moving(Stage):
    """Transfers, merges and households."""

    @rule(
        target=Stage.transfers,
        sender=Stage.members,
        receiver=Stage.members,
        points=st.sampled_from([1, 25, 100, 101]),
    )
    def send(self, sender: str, receiver: str, points: int) -> Any:
        name = self.sides.name("t")
        command = TransferPoints(sender, MemberId(receiver), points, name, "asked for")
        answer = self.sides.both(
            lambda **how: transfer_points(self.ports, ANNA, command, self.now, **how),
            lambda: self.plain.transfers.send(name, sender, receiver, points, self.now),
            seen.sent,
            quoted=True,
        )
        return multiple() if answer is None else (name, answer.transfer_id)

    @rule(sent=consumes(Stage.transfers))
    def call_back(self, sent: tuple[str, str]) -> None:
        name, transfer_id = sent
        self.sides.both(
            lambda: cancel_transfer(self.ports, ANNA, transfer_id, "asked for", self.now),
            lambda: self.plain.transfers.call_back(name, self.now),
            seen.sent,
        )

    # --- merges ----------------------------------------------------------------------------------

    @rule(target=Stage.merges, source=Stage.members, target_member=Stage.members)
    def merge(self, source: str, target_member: str) -> Any:
        name = self.sides.name("g")
        command = MergeAccounts(target_member, source, "the same person", name)
        answer = self.sides.both(
            lambda **how: merge_accounts(self.ports, ANNA, command, self.now, **how),
            lambda: self.plain.merges.merge(name, source, target_member, self.now),
            seen.merged,
            quoted=True,
        )
        return multiple() if answer is None else (name, answer.merge_id)

    @rule(merged=consumes(Stage.merges))
    def take_a_merge_back(self, merged: tuple[str, str]) -> None:
        self.sides.part(*merged)

    # --- households ------------------------------------------------------------------------------

    @rule(target=Stage.invitations, owner=Stage.members)
    def invite(self, owner: str) -> Any:
        key = self.sides.name("i")
        answer = self.sides.both(
            lambda: invite_to_household(self.ports, ANNA, owner, key, self.now),
            lambda: {"until": self.plain.merges.invite(owner, self.now)},
            lambda answer: {"until": answer.expires_at},
        )
        return multiple() if answer is None else (owner, answer.code, answer.expires_at)

    @rule(invitation=consumes(Stage.invitations), member=Stage.members)
    def join_a_household(self, invitation: tuple[str, str, datetime], member: str) -> None:
        owner, code, until = invitation
        name = self.sides.name("h")
        self.sides.both(
            lambda **how: join_household(self.ports, ANNA, member, code, self.now, **how),
            lambda: self.plain.merges.join(name, member, owner, until, self.now),
            seen.joined,
            quoted=True,
        )

    @rule(member=Stage.members)
    def leave_a_household(self, member: str) -> None:
        self.sides.alike(
            lambda: leave_household(self.ports, ANNA, member, self.now),
            lambda: self.plain.merges.leave(member, self.now),
        )
