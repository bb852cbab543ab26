"""An export that runs while its member is erased leaves nothing behind, wherever the two meet.

Each test lets one of them happen as a whole before every single call that the other makes to the
ports that matter, over the real tables and buckets.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any, cast

import boto3
import pytest

from chalicelib.domain.program import ErasureRules
from chalicelib.domain.refusals import MemberErased, TryAgain
from chalicelib.usecases.erase_member import erase_member
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.run_export import run_export
from tests.api.club import CLUB, Club
from tests.fakes.programs import FROM_THE_BEGINNING

_OF_EXPORTS = ("exports", "notices", "export_files")
_OF_ERASURES = ("erasures", "eraser", "export_files")
"""The ports through which the two can meet, and one of those that are read in between."""


@dataclass
class Interruption:
    """Lets `act` happen once, before call number `at` (from 1). calls: how many there were."""

    at: int
    act: Callable[[], object]
    calls: int = 0

    def before_call(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            self.act()


class _Interrupted:
    """A port that tells before each of its calls."""

    def __init__(self, port: Any, interruption: Interruption) -> None:
        self._port = port
        self._interruption = interruption

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*args: Any, **how: Any) -> Any:
            self._interruption.before_call()
            return method(*args, **how)

        return call


def interrupted(ports: Ports, names: Sequence[str], interruption: Interruption) -> Ports:
    """The same ports, with something happening before a call of those that are named."""
    stores = {name: _Interrupted(getattr(ports, name), interruption) for name in names}
    return replace(ports, **cast(Any, stores))


@dataclass
class Pair:
    """A member who wants a copy, and to be forgotten."""

    club: Club
    member_id: str
    export_id: str
    erasure_id: str

    @property
    def ports(self) -> Ports:
        return self.club.services.ports

    def export(self, ports: Ports | None = None) -> None:
        """Make the export; a worker that is killed or told to try again does so once more."""
        for _ in range(2):
            try:
                run_export(
                    ports or self.ports,
                    self.member_id,
                    self.export_id,
                    self.club.services.clock,
                    last_try=False,
                )
            except (MemberErased, TryAgain):
                continue
            return

    def erase(self, ports: Ports | None = None) -> None:
        """Erase the member."""
        done = erase_member(
            ports or self.ports, self.erasure_id, self.club.services.clock, lambda: True
        )
        assert done

    def left_behind(self) -> list[str]:
        """Files of the member, and what is known of its exports."""
        bucket = self.club.services.settings.export_bucket
        found = boto3.client("s3").list_objects_v2(
            Bucket=bucket, Prefix=f"export/{self.member_id}/"
        )
        files = [one["Key"] for one in found.get("Contents", ())]
        return files + [one.export_id for one in self.ports.exports.of_member(self.member_id)]


@pytest.fixture
def pair(club: Club) -> Callable[[], Pair]:
    """`pair()` gives a new member with an export and an erasure that nobody is at yet."""
    programs = club.services.ports.programs
    latest = programs.latest()
    assert latest is not None
    forgetful = replace(CLUB, version=latest.version + 1, erasure=ErasureRules(cool_off_days=0))
    assert programs.add(forgetful, FROM_THE_BEGINNING)
    programs.activate(forgetful.version, FROM_THE_BEGINNING)

    def new() -> Pair:
        member_id = club.member()["member_id"]
        own = club.own(member_id)
        asked = club.client.post(
            "/v1/members/me/export", bearer=own, headers={"Idempotency-Key": token_hex(8)}
        )
        erasure = club.client.delete("/v1/members/me", bearer=own)
        return Pair(club, member_id, asked.json()["export_id"], erasure.json()["erasure_id"])

    return new


def test_an_erasure_before_any_call_of_an_export_leaves_no_file(pair: Callable[[], Pair]) -> None:
    for number in itertools.count(1):
        both = pair()
        meeting = Interruption(number, both.erase)
        both.export(interrupted(both.ports, _OF_EXPORTS, meeting))
        if meeting.calls < number:
            break
        assert both.left_behind() == [], f"before call {number}"
    assert number > 4  # it was a whole export that the erasure met


def test_an_export_before_any_call_of_an_erasure_leaves_no_file(pair: Callable[[], Pair]) -> None:
    for number in itertools.count(1):
        both = pair()
        meeting = Interruption(number, both.export)
        both.erase(interrupted(both.ports, _OF_ERASURES, meeting))
        assert both.left_behind() == [], f"before call {number}"
        if meeting.calls < number:
            break
    assert number > 6
