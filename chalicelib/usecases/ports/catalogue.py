"""What staff set: programs, rewards with their stock, API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from chalicelib.domain.api_keys import ApiKey
from chalicelib.domain.program import Program
from chalicelib.domain.program_plan import Plan
from chalicelib.domain.rewards import Reward


class Programs(Protocol):
    """Program versions. Written once, never changed; one of them is active."""

    def active(self) -> Program:
        """The active version; cached for at most 30 seconds, at once in the process that switched.
        Refuses with Conflict(reason="no_program") while staff have stored none."""
        ...

    def active_at(self, instant: datetime) -> Program:
        """The version that was active at an instant; the first one before that. Costs what
        `active` costs, but for an instant before the last switch, whose history is read once.
        Refuses as `active` does."""
        ...

    def version(self, number: int) -> Program:
        """A version, cached for ever. LookupError when there is none."""
        ...

    def latest(self) -> Program | None:
        """The newest version written, active or not, as of now; None before the first."""
        ...

    def active_number(self) -> int | None:
        """The number of the active version as of now, for staff who change it; None before the
        first."""
        ...

    def add(self, program: Program, at: datetime) -> bool:
        """Write the version if its number is free; False when it is taken. Version 1 becomes the
        active one by the same write, since `at`."""
        ...

    def activate(self, number: int, at: datetime) -> int:
        """Make a written version the active one since `at`, or since the switch before it where
        that is later; the number of the one that was active before. Activating the active one
        leaves it as it is. LookupError when there is no such version."""
        ...

    def keep_plan(self, plan: Plan) -> None:
        """Keep what was asked of a version, under its own new id."""
        ...

    def plan(self, plan_id: str) -> Plan | None:
        """What was asked of a version."""
        ...


Written = Literal["written", "stale", "too_few_units"]
"""What became of a reward's new version: `stale` when somebody was faster, `too_few_units` when
more units would be taken away than are left."""


class Rewards(Protocol):
    """The reward catalogue and its stock counters."""

    def get(self, reward_id: str) -> Reward | None:
        """A reward as of now (consistent)."""
        ...

    def all(self) -> list[Reward]:
        """Every reward, archived ones too, newest first (by their creation, then id)."""
        ...

    def put(self, reward: Reward, at: datetime) -> Written:
        """Write version `reward.version` if the stored one is its predecessor (or nothing, for
        version 1) and move the stock counters so that what is left grows or shrinks by as much as
        `reward.stock`, in one transaction. Its `stock_shards` are at least the predecessor's."""
        ...

    def as_created(self, reward_id: str) -> Reward | None:
        """Version 1 of a reward, whatever became of it."""
        ...

    def remaining(self, reward: Reward) -> int | None:
        """Units left over all shards, None when unlimited."""
        ...

    def remaining_of(self, rewards: Sequence[Reward]) -> dict[str, int]:
        """Units left by reward id, of the limited ones among these; one read for a hundred
        shards. May be a moment old: for lists, not for decisions."""
        ...


class Keys(Protocol):
    """The keys of checkouts. Secrets are known by their hash alone."""

    def find(self, secret_hash: str) -> ApiKey | None:
        """The live key with this secret, None when there is none. Cached for at most 30 seconds,
        unknown ones too; a key revoked in this process is gone at once."""
        ...

    def add(
        self, key: ApiKey, secret_hash: str
    ) -> Literal["added", "two_live_keys", "numeric_ids_differ"]:
        """Add a key unless its source has two live ones, or has keys with another
        `numeric_ids` (live or not), however many try at once."""
        ...

    def all(self) -> list[ApiKey]:
        """Every key, revoked ones too, newest first."""
        ...

    def revoke(self, key_id: str, at: datetime) -> ApiKey | None:
        """Revoke a key, if it is live, and answer how it stands; None when there is none."""
        ...
