"""A reconciliation: one pass over all books, and what it found. Knows no storage."""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.checks.breaches import Breach
from chalicelib.domain.liability import Liability


@dataclass(frozen=True, slots=True)
class Report:
    """What a pass found.

    seen: partitions and items by kind. breaches: the first of them; times: how many of each code.
    unread: partitions left aside because a newer release wrote to them. accounts_unread: those that
    the liability leaves out, for that reason or because they are broken. unsettled: by limited
    reward or offer, units that did not add up while some went out; wrong if they do not the next
    time either.
    """

    seen: dict[str, int]
    breaches: tuple[Breach, ...]
    times: dict[str, int]
    unread: int
    accounts_unread: int
    unsettled: dict[str, int]
    liability: Liability

    @property
    def clean(self) -> bool:
        """Whether nothing at all was found."""
        return not self.times


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """number: 1, 2, ... as_of: the instant whose books are compared with each other; what is
    younger is checked by itself alone. program_version: the active one then. stock: what was left
    of each limited reward and each offer's budget at the beginning. report: None while it is under
    way."""

    number: int
    began_at: datetime
    as_of: datetime
    program_version: int
    stock: dict[str, int] = field(default_factory=dict)
    finished_at: datetime | None = None
    report: Report | None = None
