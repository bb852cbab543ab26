"""Stories of accounts that somebody looks at, while everything else goes on."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chalicelib.domain.reviews import ReviewOutcome, Suspicion
from chalicelib.usecases.decide_review import DecideReview, decide_review
from chalicelib.usecases.open_review import suspect
from tests.ledger_world import ANNA, BEN
from tests.property import seen
from tests.property.stage import Stage


class Reviewing(Stage):
    """An account comes under review, and somebody decides."""

    @rule(member=Stage.members)
    def look_at(self, member: str) -> None:
        self.sides.alike(
            lambda: suspect(self.ports, member, Suspicion.REFUNDS, self.now),
            lambda: self.plain.reviews.look(member, self.now),
        )

    @rule(
        member=Stage.members,
        by=st.sampled_from([ANNA, BEN]),
        outcome=st.sampled_from(list(ReviewOutcome)),
    )
    def judge(self, member: str, by: object, outcome: ReviewOutcome) -> None:
        caller = ANNA if by is ANNA else BEN
        command = DecideReview(member, outcome, "looked", self.sides.name("v"))
        take, now = outcome is ReviewOutcome.FORFEIT, self.now
        self.sides.both(
            lambda: decide_review(self.ports, caller, command, now),
            lambda: self.plain.reviews.judge(member, caller.source, take=take, now=now),
            seen.judged,
        )
