"""Support has an account looked at, over HTTP: what is asked for once is done once."""

from tests.api.client import Reply
from tests.api.shop import Shop


def test_a_repeat_of_the_request_does_not_open_another_review_after_the_decision(
    shop: Shop,
) -> None:
    support, member_id = shop.staff("support"), shop.member()

    def ask(path: str, key: str, **body: str) -> Reply:
        where, headers = f"/v1/members/{member_id}/review{path}", {"Idempotency-Key": key}
        return shop.client.post(where, body, bearer=support, headers=headers)

    first = ask("/open", "o1", reason="many returns")
    other = ask("/open", "o2", reason="many returns")
    assert (first.status, other.status) == (200, 200)
    assert other.json() == first.json()
    assert ask("", "d1", outcome="release", reason="all fine").status == 200
    for key in ("o1", "o2"):
        again = ask("/open", key, reason="many returns")
        assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    ended = ask("", "d2", outcome="release", reason="again")
    assert (ended.code, ended.json()["reason"]) == ("conflict", "not_under_review")
    assert ask("/open", "o3", reason="once more").headers.get("idempotent-replayed") is None
