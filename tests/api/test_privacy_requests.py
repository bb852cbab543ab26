"""The privacy officers' worklist: what is open is on it, and what is done is not."""

from typing import Any

import pytest

from chalicelib.domain.exports import Export, failed, ready
from tests.api.club import Club
from tests.api.conftest import Clock


@pytest.fixture
def ada(club: Club) -> str:
    """A member of whom nothing was asked."""
    return str(club.member()["member_id"])


def open_of(club: Club, member_id: str) -> list[dict[str, Any]]:
    """What the officers' list says of a member."""
    reply = club.client.get("/v1/privacy/requests", bearer=club.token_for("olga", ["privacy"]))
    assert reply.status == 200, reply.body
    return [one for one in reply.json()["items"] if one["member_id"] == member_id]


def hold(club: Club, member_id: str) -> None:
    put = club.client.put(
        f"/v1/members/{member_id}/hold",
        {"reason": "the court asked for it"},
        bearer=club.token_for("olga", ["privacy"]),
    )
    assert put.status == 200, put.body


def test_an_erasure_is_on_the_list_until_it_is_called_off(club: Club, ada: str) -> None:
    own = club.own(ada)
    asked = club.client.delete(f"/v1/members/{ada}", bearer=own).json()
    assert open_of(club, ada) == [
        {
            "kind": "erasure",
            "member_id": ada,
            "request_id": asked["erasure_id"],
            "status": "requested",
            "since": asked["requested_at"],
            "due": asked["erase_after"],
            "held": False,
        }
    ]
    club.client.post(f"/v1/erasures/{asked['erasure_id']}/cancel", {}, bearer=own)
    assert open_of(club, ada) == []


def test_a_hold_is_on_the_list_and_on_the_erasure_that_it_keeps_waiting(
    club: Club, ada: str
) -> None:
    club.client.delete(f"/v1/members/{ada}", bearer=club.own(ada))
    hold(club, ada)
    assert [(one["kind"], one["held"]) for one in open_of(club, ada)] == [
        ("erasure", True),
        ("hold", False),
    ]
    lifted = club.client.delete(
        f"/v1/members/{ada}/hold", bearer=club.token_for("olga", ["privacy"])
    )
    assert lifted.status == 204
    assert [(one["kind"], one["held"]) for one in open_of(club, ada)] == [("erasure", False)]


def test_a_copy_is_on_the_list_until_it_is_made_also_when_it_failed(
    club: Club, ada: str, clock: Clock
) -> None:
    exports = club.services.ports.exports
    first = Export(ada, "exp_first", clock.now, f"member:{ada}")
    assert exports.add(first)

    def listed() -> list[tuple[str, str]]:
        return [(one["request_id"], one["status"]) for one in open_of(club, ada)]

    assert listed() == [("exp_first", "preparing")]
    exports.save(failed(first))
    assert listed() == [("exp_first", "failed")]
    clock.forward(hours=1)
    second = Export(ada, "exp_second", clock.now, f"member:{ada}")
    assert exports.add(second)
    assert listed() == [("exp_first", "failed"), ("exp_second", "preparing")]
    exports.save(ready(second, clock.now))
    assert listed() == []


def test_the_list_is_for_privacy_officers_alone(club: Club) -> None:
    for group in ("support", "marketer", "admin"):
        reply = club.client.get("/v1/privacy/requests", bearer=club.token_for("anna", [group]))
        assert (reply.status, reply.code) == (403, "scope_missing")
