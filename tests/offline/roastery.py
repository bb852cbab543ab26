"""A shop in which everything has happened that a statement shows, what a member saves of it, and
the script that checks it, as a process of its own that has nothing but the files.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chalicelib.domain.callers import MEMBER_SCOPES, Caller, CallerKind
from chalicelib.domain.import_rows import BalanceRow, HistoryRow, Named, Row
from chalicelib.domain.program import Expiry, ExpiryKind, Transfers
from chalicelib.usecases.import_row import ImportRow, import_row
from chalicelib.usecases.invite_to_household import invite_to_household
from chalicelib.usecases.join_household import join_household
from chalicelib.usecases.resolve_member import MemberId
from chalicelib.usecases.transfer_points import TransferPoints, transfer_points
from chalicelib.workers import anchor
from tests.api.conftest import Clock
from tests.api.shop import COFFEE, Shop
from tests.ledger_world import ANNA
from tests.packaged import ROOT

SCRIPT = ROOT / "docs" / "verify_statement.py"
HOLDS, WRONG, UNREADABLE, NOT_ALL = 0, 1, 2, 3
PROGRAM = replace(
    COFFEE,
    version=1,
    expiry=Expiry(ExpiryKind.AFTER_EARNING, 2),
    transfers=Transfers(100, 100, 1),
    household_members=3,
)
QUARTER: dict[str, Any] = json.loads((ROOT / "events" / "schedule.json").read_text())


@dataclass
class Saved:
    """What a member saved. root: of the proof's day; other_root: of the day after."""

    pages: list[Any]
    proof: Any
    root: Any
    other_root: Any

    @property
    def rows(self) -> list[Any]:
        """The entries of all pages, newest first."""
        return [row for page in self.pages for row in page["items"]]

    def row(self, seq: int) -> Any:
        return next(row for row in self.rows if row["seq"] == seq)

    def one_of(self, kind: str) -> Any:
        return next(row for row in self.rows if row["kind"] == kind)

    def drop(self, seq: int) -> None:
        for page in self.pages:
            page["items"] = [row for row in page["items"] if row["seq"] != seq]


@dataclass
class Roastery:
    """A shop with a ledger of its own, and three members; ida shares the account of mia."""

    shop: Shop
    clock: Clock
    mia: str
    tom: str
    ida: str

    def saved(self, member: str, root: str = "latest") -> Saved:
        """Everything that the script takes, as the member gets it."""
        own = self.shop.token_for(member)
        get = self.shop.client.get
        pages: list[Any] = []
        cursor = ""
        while not pages or pages[-1]["next_cursor"]:
            path = f"/v1/members/me/entries?proof=true&limit=4{cursor}"
            pages.append(get(path, bearer=own).json())
            cursor = f"&cursor={pages[-1]['next_cursor']}"
        proof = get(f"/v1/members/me/entries/proof?root={root}", bearer=own).json()
        days = [item["root_date"] for item in get("/v1/roots").json()["items"]]
        other = next(day for day in reversed(days) if day != proof["inclusion"]["root_date"])
        documents = [get(f"/v1/roots/{day}").json() for day in (root, other)]
        return Saved(pages, proof, *documents)

    def anchored(self) -> None:
        """Make the root of the day."""
        assert anchor.handle(QUARTER, None)["done"] is True


def live(roastery: Roastery) -> None:
    """Let everything happen, with a root after most of it, and one on each of two later days."""
    shop = roastery.shop
    for member in (roastery.mia, roastery.tom):
        shop.earn(member, 50)
    body = shop.purchase(roastery.mia)
    shop.post("/v1/purchases", body)
    shop.post(
        f"/v1/purchases/{body['purchase_id']}/returns", {"return_id": "r", "amount_minor": 500}
    )
    redemption = shop.redeem(roastery.mia, shop.reward(4, name="A small coffee")).json()
    shop.post(f"/v1/redemptions/{redemption['redemption_id']}/cancel", None, key="c")
    adjusted = shop.client.post(
        f"/v1/members/{roastery.mia}/adjustments",
        {"points": -7, "reason": "counted twice"},
        bearer=shop.staff("support"),
        headers={"Idempotency-Key": "k"},
    )
    assert adjusted.status == 201, adjusted.body
    _move(roastery)
    roastery.anchored()
    roastery.clock.forward(days=90)  # beyond the last day of what was earned
    shop.earn(roastery.mia, 20)
    for _ in range(2):
        roastery.anchored()
        roastery.clock.forward(days=1)


def _move(roastery: Roastery) -> None:
    """Points that come and go otherwise than by purchases."""
    ports, mia, now = roastery.shop.services.ports, roastery.mia, roastery.clock()
    named = Named("member_id", mia)
    rows: list[Row] = [BalanceRow("b", named, 30, None, False), HistoryRow("h", named, now, 900, 9)]
    for number, row in enumerate(rows):
        import_row(ports, ImportRow("imp", "before", number, row, mia), now, dry_run=False)
    sending = TransferPoints(mia, MemberId(roastery.tom), 5, "transfer", "she asked for it")
    transfer_points(ports, ANNA, sending, now)
    invitation = invite_to_household(ports, ANNA, mia, "invitation", now).answer
    herself = Caller(CallerKind.MEMBER, "ida", MEMBER_SCOPES, "ida", roastery.ida, signed_in_at=now)
    join_household(ports, herself, roastery.ida, invitation.code, now)


@dataclass(frozen=True)
class Said:
    code: int
    text: str


def checked(saved: Saved, folder: Path, *more: str, python: tuple[str, ...] = ()) -> Said:
    """What the script says of the files, in a process without anything of ours."""
    paths = []
    for number, page in enumerate(saved.pages):
        paths.append(folder / f"page{number}.json")
        paths[-1].write_text(json.dumps(page))
    (folder / "proof.json").write_text(json.dumps(saved.proof))
    (folder / "root.json").write_text(json.dumps(saved.root))
    (folder / "verify_statement.py").write_bytes(SCRIPT.read_bytes())
    files = ["--statement", *(path.name for path in paths), "--proof", "proof.json"]
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            *python,
            "verify_statement.py",
            *files,
            "--root",
            "root.json",
            *more,
        ],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "Traceback" not in done.stderr
    return Said(done.returncode, done.stdout + done.stderr)
