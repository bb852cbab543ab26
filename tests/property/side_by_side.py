"""The program beside the plain rules: the same is done to both, and both are asked the same."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.account import Account, AccountStatus
from chalicelib.domain.program import Program
from chalicelib.domain.refusals import Refusal
from chalicelib.domain.rewards import Reward
from chalicelib.usecases.ports import Outcome
from chalicelib.usecases.read_account import read_account
from chalicelib.usecases.read_statement import prove_chain, read_statement
from chalicelib.usecases.reverse_merge import reverse_merge
from tests.fakes.stored import snapshot_of
from tests.ledger_world import ANNA, NOW, PROGRAM, fake_world
from tests.property import seen
from tests.property.plain_book import Refused
from tests.property.plain_member import Member
from tests.property.plain_rules import Rules
from tests.property.plain_tiers import stand
from tests.property.plain_transfers import SENT
from tests.simulation.invariants import broken

Figures = dict[str, Any]


class SideBySide:
    """A world in memory and its plain double.

    now: the clock of both. done: what succeeded and can be repeated, with its answer.
    """

    def __init__(self, rewards: dict[str, dict[str, Any]]) -> None:
        self.world, self.ledger = fake_world()
        self.ports = self.world.ports
        self.plain = Rules(PROGRAM)
        self.now = NOW
        self.done: list[tuple[Callable[[], Outcome[Any]], Any]] = []
        self.rewards: dict[str, Reward] = {}
        self._names = 0
        self._compared: dict[str, object] = {}
        for label, terms in rewards.items():
            reward = self.world.reward(label, **terms)
            self.rewards[label] = reward
            if reward.stock is not None:
                self.plain.redemptions.stock[reward.reward_id] = reward.stock

    def name(self, prefix: str) -> str:
        """A name that nothing had before."""
        self._names += 1
        return f"{prefix}{self._names}"

    def join(self, active: bool) -> str:
        """A new member, of both worlds."""
        status = AccountStatus.ACTIVE if active else AccountStatus.PENDING_VERIFICATION
        member = self.world.member(self.name("m"), status=status)
        self.plain.join(member, active, NOW)
        return member

    def change_program(self, program: Program, at: datetime) -> None:
        """A new version becomes the active one."""
        self.ports.programs.add(program, at)
        self.ports.programs.activate(program.version, at)
        self.plain.book.change_program(program, at)

    # --- doing the same to both ------------------------------------------------------------------

    def both(
        self,
        act: Callable[..., Outcome[Any]],
        by_the_rules: Callable[[], Figures],
        view: Callable[[Any], Figures],
        *,
        quoted: bool = False,
    ) -> Any:
        """Do it for real and by the rules: both answer the same, or refuse with the same code.
        The answer; None for a refusal. quoted: a dry run says the same beforehand."""
        lost = self.ledger.lose_replies > 0
        quote = _quoted(act) if quoted else None
        expected = _or_refused(by_the_rules)
        if isinstance(expected, Refused):
            with pytest.raises(Refusal) as refusal:
                act()
            assert refusal.value.code == expected.code, refusal.value.code
            assert quote in (None, expected.code), "a dry run says something else"
            return None
        outcome = act()
        assert outcome.replayed <= lost, "the first answer calls itself a replay"
        assert quote in (None, seen.told(outcome.answer)), "a dry run says something else"
        got = view(outcome.answer)
        _same({name: got[name] for name in expected}, expected, "the answer")
        self.done.append((act, outcome.answer))
        self.ledger.lose_replies = self.ledger.refuse_writes = 0
        return outcome.answer

    def alike(self, act: Callable[[], object], by_the_rules: Callable[[], object]) -> bool:
        """Do what has no answer to compare: both do it, or refuse with the same code. Whether it
        was done."""
        expected = _or_refused(by_the_rules)
        if isinstance(expected, Refused):
            with pytest.raises(Refusal) as refusal:
                act()
            assert refusal.value.code == expected.code, refusal.value.code
            return False
        act()
        self.ledger.lose_replies = self.ledger.refuse_writes = 0
        return True

    def part(self, name: str, merge_id: str) -> None:
        """Take a merge back. What it was worth is there again; where nothing else has happened, so
        is every point with its days. From then on the rules go on with what the program says."""
        merges, book, merged = self.plain.merges, self.plain.book, self.plain.merges.all[name]
        done = self.alike(
            lambda: reverse_merge(self.ports, ANNA, merge_id, "no, they are two", self.now),
            lambda: merges.may_be_reversed(name),
        )
        if not done:
            return
        now = merges.one_now(merged.source, merged.target, self.now)
        source, target = book.own(merged.source, now), book.own(merged.target, now)
        worth = source.net + target.net
        alone = merges.as_if_never(name, now)
        for member, one in ((source, merged.source), (target, merged.target)):
            head = self.ledger.head(one)
            assert head is not None
            adopt(member, head.entry.account())
            if alone is not None:
                figures = seen.member(alone[one])
                kept = ("available", "pending", "debt", "expired")
                _same(seen.member(member), {key: figures[key] for key in kept}, one)
        assert source.net + target.net == worth, "points were made or lost"
        merges.figures_back(name, source, target)
        book.write_own(merged.target, target, now)
        book.write_own(merged.source, source, now)

    # --- asking both the same --------------------------------------------------------------------

    def compare(self) -> None:
        """Every account, statement, chain and stock is what the rules say."""
        for name, pages in self.plain.book.pages.items():
            whose = len(self.plain.book.pages[self.plain.book.account_of(name)])
            today = self.plain.book.today(name, self.now)
            state = (len(pages), whose, today, self.plain.book.program.version)
            if self._compared.get(name) != state:
                self._compare_account(name)
                self._compare_statement(name)
                self._compared[name] = state
        for reward in self.rewards.values():
            left = self.ports.rewards.remaining(reward)
            assert left == self.plain.redemptions.stock.get(reward.reward_id), reward.name

    def _compare_account(self, name: str) -> None:
        found = read_account(self.ports, name, self.now)
        member = self.plain.book.look(name, self.now)
        _same(seen.account(found.account), seen.member(member), name)
        day = self.plain.book.today(name, self.now)
        month = day.strftime("%Y-%m")
        assert seen.sent_in(found.account, month) == member.uses[SENT, month], f"{name}: sent"
        stands = stand(member, self.plain.book.program.tiers, day)
        _same(asdict(seen.tier(found.tier)), asdict(stands), f"{name} on {day}")

    def _compare_statement(self, name: str) -> None:
        member = self.plain.book.own(name, self.now)
        proof = prove_chain(self.ports, name)
        assert (proof.broken_at, proof.entries) == (None, member.entries), name
        if member.moved_to is not None:
            return
        rows = read_statement(self.ports, name, None, 1_000, self.now)
        assert sum(row.entry.points for row in rows) == member.net, name
        unwritten = [row.entry.points for row in rows if not row.written]
        assert unwritten == ([-member.lost.total()] if member.lost else []), name
        for row in rows:
            if row.explanation:
                assert sum(part.points for part in row.explanation) == row.entry.points

    def compare_as_of(self, name: str, ahead: timedelta) -> None:
        """An account at another instant is what the rules say that it was, or will be."""
        at = self.now + ahead
        found = read_account(self.ports, name, self.now, at).account
        member = self.plain.book.as_of(name, at)
        _same(seen.account(found), seen.member(member), f"{name} as of {at:%Y-%m-%d %H:%M}")

    def close_the_books(self) -> None:
        """At the end of a story the books are right by every sentence about them. They tell days
        in one zone: not for a program that has moved to another."""
        if any(program.zone != PROGRAM.zone for _, program in self.plain.book.turns):
            return
        assert broken(snapshot_of(self.ledger, self.ports.rewards)) == []


def _same(got: Figures, expected: Figures, what: str) -> None:
    """Where they differ, only what differs is told."""
    differs = {
        key: f"{got[key]}, by the rules {expected[key]}"
        for key in expected
        if got[key] != expected[key]
    }
    assert not differs, f"{what}: {differs}"


def adopt(member: Member, account: Account) -> None:
    """Let a member have the points that the program says, with their days."""
    held = seen.account(account)
    member.points, member.waiting = Counter(held["available"]), Counter(held["pending"])
    member.debt, member.expired = account.debt, Counter(held["expired"])
    member.held, member.looked_at = Counter(held["held"]), held["looked_at"]
    written_off = account.written_off
    member.forfeited = written_off.points if written_off else 0
    member.forfeited_on = written_off.on if written_off else date.min
    member.active_on, member.moved_to = account.active_on, account.moved_to


def _quoted(act: Callable[..., Outcome[Any]]) -> Any:
    try:
        return seen.told(act(dry_run=True).answer)
    except Refusal as refusal:
        return refusal.code


def _or_refused(by_the_rules: Callable[[], Any]) -> Any:
    try:
        return by_the_rules()
    except Refused as refused:
        return refused
