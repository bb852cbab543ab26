"""Two operations on one member, side by side, and what is to be seen of the world afterwards."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import msgspec

from chalicelib.domain.import_rows import BalanceRow, HistoryRow, Named, Row
from chalicelib.domain.refusals import Refusal
from chalicelib.domain.reviews import ReviewOutcome, Suspicion
from chalicelib.domain.rewards import Reward
from chalicelib.usecases.claim_purchase import claim_purchase
from chalicelib.usecases.decide_review import DecideReview, decide_review
from chalicelib.usecases.end_redemption import cancel_redemption, use_redemption
from chalicelib.usecases.import_row import ImportRow, import_row
from chalicelib.usecases.open_review import suspect
from chalicelib.usecases.ports import Outcome, Ports
from chalicelib.usecases.post_purchase import purchase_name
from chalicelib.usecases.resolve_member import MemberId
from tests.ledger_world import ANNA, NOW, TILL, World, dynamo_world, new_name, unhurried
from tests.simulation.turnstile import CHOSEN_CALLS


@dataclass(frozen=True, slots=True)
class Scene:
    """Mia has 100 points by a purchase. Where a pair asks for it, a purchase is nobody's yet, and
    of two mugs of 40 points one is redeemed (mug and redemption are None where none is asked for).
    A purchase called `late` has not come yet.
    """

    world: World
    mia: str
    tom: str
    purchases: list[str]
    mug: Reward | None
    redemption_id: str

    @property
    def redemptions(self) -> list[str]:
        """Ids of the redemptions that there are or may come to be."""
        namer, name = self.world.ports.namer, self.world.name
        may_come = [
            namer.id("red", TILL.source, "redeem", self.mia, f"{name}-k-{label}")
            for label in ("a", "b")
        ]
        return [self.redemption_id, *may_come] if self.mug else []


def set_scene(pair: "Pair") -> Scene:
    """A new scene for a pair, which shares nothing with any other."""
    world = dynamo_world(new_name("pair"), patience=unhurried())
    mia, tom = world.member("mia"), ""
    world.buy("start", mia, 6_000, 4_000)
    purchases = ["start", *(["p-a", "p-b"] if "purchase" in pair.names else [])]
    purchases += ["late"] if {"early return", "awaited purchase"} & pair.names else []
    purchases += ["paid-a", "paid-b"] if "paid purchase" in pair.names else []
    if {"claim", "return of a guest's"} & pair.names:
        world.buy("guest", None, 3_000, 2_000)
        purchases.append("guest")
        tom = world.member("tom") if pair.names == {"claim"} else ""
    if {"release", "forfeit", "return of what is held"} & pair.names:
        suspect(world.ports, mia, Suspicion.REFUNDS, NOW)
        world.buy("held", mia, 2_000)
        purchases.append("held")
    if not {"redeem", "use", "cancel", "paid purchase"} & pair.names:
        return Scene(world, mia, tom, purchases, None, "")
    mug = world.reward(points=40, stock=2)
    issued = world.redeem(mia, mug, "k-start").answer.record
    return Scene(world, mia, tom, purchases, mug, issued.redemption_id)


Operation = Callable[[Scene, Ports, str], Outcome[Any]]
"""(scene, ports of its own, a label that makes its ids) -> its outcome."""


def _here(scene: Scene, ports: Ports) -> World:
    return replace(scene.world, ports=ports)


def _purchase(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    return _here(scene, ports).buy(f"p-{label}", scene.mia, 5_000)


def _return(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    return _here(scene, ports).give_back("start", f"r-{label}", 7_000)


def _early_return(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    return _here(scene, ports).send_back("late", f"r-{label}", 4_000)


def _awaited_purchase(scene: Scene, ports: Ports, _: str) -> Outcome[Any]:
    return _here(scene, ports).buy("late", scene.mia, 3_000, 2_000)


def _paid_purchase(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    return _here(scene, ports).pay(f"paid-{label}", scene.mia, scene.redemption_id, 5_000)


def _guest_return(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    return _here(scene, ports).give_back("guest", f"r-{label}", 3_000)


def _claim(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    member = MemberId(scene.tom if scene.tom and label == "b" else scene.mia)
    return claim_purchase(ports, TILL, scene.world.purchase_id("guest"), member, NOW)


def _redeem(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    assert scene.mug is not None
    return _here(scene, ports).redeem(scene.mia, scene.mug, f"k-{label}")


def _use(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    return use_redemption(ports, TILL, scene.redemption_id, f"u-{label}", NOW)


def _cancel(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    return cancel_redemption(ports, TILL, scene.redemption_id, f"c-{label}", NOW)


def _adjust(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    return _here(scene, ports).adjust(scene.mia, -35, f"a-{label}")


def _review(scene: Scene, ports: Ports, _: str) -> Outcome[Any]:
    return suspect(ports, scene.mia, Suspicion.REFUNDS, NOW)


def _release(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    return _decided(scene, ports, ReviewOutcome.RELEASE, label)


def _forfeit(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    return _decided(scene, ports, ReviewOutcome.FORFEIT, label)


def _decided(scene: Scene, ports: Ports, outcome: ReviewOutcome, label: str) -> Outcome[Any]:
    key = f"{scene.world.name}-v-{label}"
    return decide_review(ports, ANNA, DecideReview(scene.mia, outcome, "looked", key), NOW)


def _return_of_held(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    return _here(scene, ports).give_back("held", f"h-{label}", 1_500)


def _balance(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    row = BalanceRow(f"i-{label}", Named("member_id", scene.mia), 25, None, allow_debt=False)
    return _imported(scene, ports, row)


def _debt(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    row = BalanceRow(f"i-{label}", Named("member_id", scene.mia), -250, None, allow_debt=True)
    return _imported(scene, ports, row)


def _bought_before(scene: Scene, ports: Ports, label: str) -> Outcome[Any]:
    whose, at = Named("member_id", scene.mia), NOW - timedelta(days=50)
    return _imported(scene, ports, HistoryRow(f"i-{label}", whose, at, 1_250, 12))


def _imported(scene: Scene, ports: Ports, row: Row) -> Outcome[Any]:
    command = ImportRow("import", scene.world.name, 1, row, scene.mia)
    return Outcome(import_row(ports, command, NOW, dry_run=False))


OPERATIONS: dict[str, Operation] = {
    "purchase": _purchase,
    "return": _return,
    "return of a guest's": _guest_return,
    "claim": _claim,
    "redeem": _redeem,
    "use": _use,
    "cancel": _cancel,
    "adjust": _adjust,
}

WITH_EARLY_RETURNS: dict[str, Operation] = {
    "early return": _early_return,
    "awaited purchase": _awaited_purchase,
}
"""Of one purchase: it and what comes back before it."""

WITH_POINTS: dict[str, Operation] = {"paid purchase": _paid_purchase}
"""Paid with the redemption that others use and cancel."""

IMPORTED: dict[str, Operation] = {
    "imported balance": _balance,
    "imported debt": _debt,
    "imported purchase": _bought_before,
}
"""Rows of files of before."""

REVIEWED: dict[str, Operation] = {
    "review": _review,
    "release": _release,
    "forfeit": _forfeit,
    "return of what is held": _return_of_held,
}
"""Of an account that somebody looks at, or begins to."""

_ACTS = OPERATIONS | WITH_EARLY_RETURNS | WITH_POINTS | IMPORTED | REVIEWED


@dataclass(frozen=True, slots=True)
class Pair:
    """Two operations; `same`: the second is the first again."""

    first: str
    second: str
    same: bool = False
    chosen_calls: int = CHOSEN_CALLS
    free: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.first} + {'the same again' if self.same else self.second}"

    @property
    def names(self) -> set[str]:
        """What its operations are called."""
        return {self.first, self.second}

    def set_scene(self) -> Scene:
        """A new scene, which shares nothing with any other."""
        return set_scene(self)

    def seen(self, scene: Scene, results: list[object], *, replays: bool) -> str:
        """Accounts, records, stock and answers; see `seen`."""
        return seen(scene, results, replays=replays)

    def acts(self, scene: Scene) -> list[Callable[[], Outcome[Any]]]:
        """The two, each with ports of its own: they do not share their patience."""
        labels = ("a", "a") if self.same else ("a", "b")
        return [
            partial(_ACTS[name], scene, replace(scene.world.ports, patience=unhurried()), label)
            for name, label in zip((self.first, self.second), labels, strict=True)
        ]


PAIRS = [
    *(Pair(first, second) for first, second in combinations_with_replacement(OPERATIONS, 2)),
    *(
        Pair(first, second)
        for first, second in combinations_with_replacement(WITH_EARLY_RETURNS, 2)
    ),
    *(Pair("awaited purchase", other) for other in ("purchase", "return", "redeem", "adjust")),
    *(Pair("paid purchase", other) for other in ("purchase", "return", "redeem", "use", "cancel")),
    *(Pair("paid purchase", other) for other in ("paid purchase", "awaited purchase")),
    *(Pair(first, second) for first, second in combinations_with_replacement(IMPORTED, 2)),
    *(Pair("imported debt", other) for other in ("purchase", "return", "redeem", "adjust")),
    *(Pair("imported purchase", other) for other in ("purchase", "return")),
    *(Pair(first, second) for first, second in combinations_with_replacement(REVIEWED, 2)),
    *(Pair(first, second) for first in REVIEWED for second in ("purchase", "return", "redeem")),
    *(Pair(name, name, same=True) for name in _ACTS),
]


# --- what is to be seen afterwards -----------------------------------------------------------

_OWN = (
    *("salt", "fingerprint", "name", "ended_by", "redemption_id", "voucher_code", "adjustment_id"),
    *("transfer_id", "merge_id"),
)
"""Fields that differ from scene to scene and say nothing."""


def seen(scene: Scene, results: list[object], *, replays: bool) -> str:
    """Accounts, records, stock and answers, the same text for the same world. replays: whether it
    counts which answer was a repetition."""
    ledger, world = scene.world.ports.ledger, scene.world
    names = [purchase_name(world.ports, TILL, world.purchase_id(p)) for p in scene.purchases]
    everything = {
        "mia": account_rows(ledger.entries(scene.mia, None, 50)),
        "tom": account_rows(ledger.entries(scene.tom, None, 50)) if scene.tom else None,
        "purchases": [ledger.purchase(name) for name in names],
        "redemptions": [ledger.redemption(number) for number in scene.redemptions],
        "left": world.ports.rewards.remaining(scene.mug) if scene.mug else None,
        "answers": [answer_row(result, replays) for result in results],
    }
    return text_of(everything, world)


def text_of(everything: dict[str, Any], world: World) -> str:
    """What is to be seen as a text, without what differs from world to world."""
    plain = json.loads(msgspec.json.encode(everything).decode().replace(world.name, "*"))
    return json.dumps(_without(plain), sort_keys=True)


def account_rows(entries: list[Any]) -> list[Any]:
    """Entries, as far as two worlds have them in common."""
    return [
        [e.seq, e.kind, e.available, e.pending, e.debt, e.state, e.why, e.program_version]
        for e in entries
    ]


def answer_row(result: object, replays: bool) -> Any:
    """An answer or a refusal."""
    if isinstance(result, Refusal):
        return [result.code, result.extras()]
    assert isinstance(result, Outcome), result
    return [result.answer, replays and result.replayed]


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(part) for key, part in value.items() if not _is_own(key, part)}
    if isinstance(value, list):
        return [_without(part) for part in value]
    return value


def _is_own(key: str, part: Any) -> bool:
    """Whether a field differs from scene to scene; a purchase does not where it is told whole."""
    return key in _OWN or (key == "purchase" and isinstance(part, str))


def differences(got: str, allowed: list[str]) -> str:
    """Where what is seen differs from each thing that might be."""
    mine = json.loads(got)
    rows = []
    for number, text in enumerate(allowed, start=1):
        other = json.loads(text)
        for part in mine:
            if mine[part] != other[part]:
                rows.append(f"  {part}: {mine[part]}\n  allowed {number}: {other[part]}")
    return "\n".join(rows)
