"""Surveys over HTTP: staff set them, members answer them, results tell of nobody."""

from datetime import timedelta
from secrets import token_hex
from typing import Any

import pytest

from chalicelib.domain.instants import printed
from tests.api.client import Reply
from tests.api.club import Club
from tests.api.conftest import Clock

DRINKS: dict[str, Any] = {
    "name": "Drinks",
    "kind": "survey",
    "points": 25,
    "questions": [
        {
            "question_id": "drink",
            "text": "Your drink?",
            "kind": "choice",
            "options": ["Tea", "Milk"],
        },
        {"question_id": "taste", "text": "How is it?", "kind": "rating"},
        {"question_id": "wish", "text": "Your wish?", "kind": "text"},
    ],
}


def create(club: Club, key: str | None = None, **fields: Any) -> Reply:
    """A marketer makes a survey; fields replace or add."""
    headers = {"Idempotency-Key": key or token_hex(8)}
    bearer = club.token_for("mona", ("marketer",))
    return club.client.post("/v1/surveys", DRINKS | fields, bearer=bearer, headers=headers)


def answer(
    club: Club, member_id: str, survey_id: str, key: str | None = None, **said: Any
) -> Reply:
    """The member answers; said replaces or adds."""
    answers = {"drink": "Tea", "taste": 5, "wish": "Biscuits"} | said
    body = {"kind": "survey", "survey_id": survey_id, "answers": answers}
    headers = {"Idempotency-Key": key or token_hex(8)}
    path, bearer = "/v1/members/me/interactions", club.own(member_id)
    return club.client.post(path, body, bearer=bearer, headers=headers)


def test_a_member_finds_a_survey_answers_it_and_gets_points_once(club: Club) -> None:
    survey_id = create(club).json()["survey_id"]
    member_id = club.member()["member_id"]
    mine = club.own(member_id)
    shown = club.client.get(f"/v1/surveys/{survey_id}", bearer=mine).json()
    assert (shown["points"], shown["answered"]) == (25, False)

    first = answer(club, member_id, survey_id, "mine")
    again = answer(club, member_id, survey_id, "mine")
    another = answer(club, member_id, survey_id)

    assert (first.status, first.json()["points"]) == (201, 25)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.body == first.body
    assert (another.status, another.json()["reason"]) == (409, "already_answered")
    account = club.client.get("/v1/members/me/account", bearer=mine).json()
    assert account["available"] == 25
    entry = club.client.get("/v1/members/me/entries", bearer=mine).json()["items"][0]
    assert (entry["kind"], entry["points"]) == ("bonus", 25)
    assert entry["explanation"][0]["text"] == "Thank you for answering: Drinks"
    shown = club.client.get(f"/v1/surveys/{survey_id}", bearer=mine).json()
    assert shown["answered"] is True


def test_results_are_told_from_five_answers_on_without_words(club: Club) -> None:
    survey_id = create(club).json()["survey_id"]
    bearer = club.token_for("mona", ("marketer",))

    def results() -> Any:
        return club.client.get(f"/v1/surveys/{survey_id}/results", bearer=bearer).json()

    for number in range(4):
        drink = "Milk" if number else "Tea"
        assert answer(club, club.member()["member_id"], survey_id, drink=drink).status == 201
    assert results() == {"survey_id": survey_id, "answers": None, "questions": []}
    answer(club, club.member()["member_id"], survey_id, taste=1)
    told = results()
    assert told["answers"] == 5
    assert told["questions"][0]["counts"] == [
        {"value": "Tea", "count": 2},
        {"value": "Milk", "count": 3},
    ]
    assert [row["count"] for row in told["questions"][1]["counts"]] == [1, 0, 0, 0, 4]
    assert told["questions"][2]["counts"] == []
    assert "Biscuits" not in str(told)


def test_a_creation_is_answered_again_and_another_content_is_told(club: Club) -> None:
    first, again = create(club, "drinks"), create(club, "drinks")
    assert (first.status, first.headers["etag"]) == (201, '"1"')
    assert again.headers["idempotent-replayed"] == "true"
    assert again.body == first.body
    other = create(club, "drinks", points=30)
    assert (other.code, other.json()["differing"]) == ("conflicting_replay", ["points"])


def test_what_has_opened_keeps_its_questions_and_points(club: Club) -> None:
    opens = printed(club.services.clock() + timedelta(hours=1))
    closed_door, open_door = create(club, opens_at=opens).json(), create(club).json()
    bearer = club.token_for("mona", ("marketer",))

    def put(survey: Any, tag: str = '"1"', **fields: Any) -> Reply:
        path, headers = f"/v1/surveys/{survey['survey_id']}", {"If-Match": tag}
        return club.client.put(path, DRINKS | fields, bearer=bearer, headers=headers)

    assert put(closed_door, points=5, opens_at=opens).status == 200
    assert put(closed_door, points=6, opens_at=opens).status == 412
    assert put(open_door, points=5).json()["reason"] == "survey_has_opened"
    renamed = put(open_door, name="Hot drinks")
    assert (renamed.status, renamed.json()["version"]) == (200, 2)
    member = club.own(club.member()["member_id"])
    unknown = club.client.get(f"/v1/surveys/{closed_door['survey_id']}", bearer=member)
    assert unknown.status == 404


def test_a_closed_survey_is_listed_for_staff_alone_and_stays_closed(club: Club) -> None:
    survey_id = create(club).json()["survey_id"]
    bearer, member_id = club.token_for("mona", ("marketer",)), club.member()["member_id"]

    def listed(reader: str) -> set[str]:
        page = club.client.get("/v1/surveys?limit=100", bearer=reader).json()
        return {survey["survey_id"] for survey in page["items"]}

    assert survey_id in listed(club.own(member_id))
    for _ in range(2):
        closed = club.client.post(f"/v1/surveys/{survey_id}/close", bearer=bearer)
        assert (closed.status, closed.json()["status"]) == (200, "closed")
    assert survey_id not in listed(club.own(member_id))
    assert survey_id in listed(bearer)
    assert answer(club, member_id, survey_id).json()["reason"] == "survey_not_open"
    changed = club.client.put(
        f"/v1/surveys/{survey_id}", DRINKS, bearer=bearer, headers={"If-Match": '"2"'}
    )
    assert changed.json()["reason"] == "survey_closed"


def test_a_list_goes_on_behind_its_cursor(club: Club, clock: Clock) -> None:
    clock.forward(hours=1)  # newer than what other tests have made
    made = [create(club, name=f"Survey {number}").json()["survey_id"] for number in range(3)]
    bearer = club.token_for("mona", ("marketer",))
    first = club.client.get("/v1/surveys?limit=2", bearer=bearer).json()
    second = club.client.get(f"/v1/surveys?limit=1&cursor={first['next_cursor']}", bearer=bearer)
    found = [survey["survey_id"] for survey in [*first["items"], *second.json()["items"]]]
    assert sorted(found) == sorted(made)


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"name": " "}, {"/name": "wrong_length"}),
        (
            {"questions": [{"question_id": "q", "text": "?", "kind": "choice", "options": ["a"]}]},
            {"/questions/0/options": "wrong_length"},
        ),
        (
            {"questions": [{"question_id": "q", "text": "?", "kind": "rating", "options": ["a"]}]},
            {"/questions/0/options": "not_expected"},
        ),
        (
            {"questions": [{"question_id": "q", "text": "?", "kind": "text"}] * 2},
            {"/questions/1/question_id": "duplicate"},
        ),
        (
            {"opens_at": "2026-12-02T00:00:00Z", "closes_at": "2026-12-01T00:00:00Z"},
            {"/closes_at": "before_start"},
        ),
        ({"points": -1, "kind": "quiz"}, {"/points": "out_of_range", "/kind": "not_allowed"}),
    ],
)
def test_what_is_wrong_with_a_survey_is_told_at_once(
    club: Club, fields: dict[str, Any], pointers: dict[str, str]
) -> None:
    reply = create(club, **fields)
    assert (reply.status, reply.pointers) == (422, pointers)
