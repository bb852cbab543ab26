"""The privacy notice and the record of processing, as everybody and as officers read them."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.api.blueprints import BLUEPRINTS
from chalicelib.api.privacy import wanted
from chalicelib.api.privacy_models import record_answer
from chalicelib.domain.program import Controller
from chalicelib.domain.register import REGISTER
from chalicelib.domain.register.rights import RIGHTS
from tests.api.client import Client
from tests.api.club import Club
from tests.fakes.programs import FROM_THE_BEGINNING


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT, en;q=0.9", "de"),
        ("fr, de;q=0.4, en;q=0.6", "en"),
        ("fr;q=1, *;q=0.1", "en"),
        ("de;q=0", "en"),
        ("de;q=nonsense, ,;;", "en"),
        ("de;q=1.2.3", "en"),
        ("en;q=0.5,de;q=0.5", "en"),
    ],
)
def test_the_language_is_the_one_that_is_asked_for_most(accepted: str, language: str) -> None:
    assert wanted(accepted) == language


def test_everybody_can_read_the_notice_in_their_language(client: Client) -> None:
    english = client.get("/v1/privacy/notice")
    german = client.get("/v1/privacy/notice", headers={"Accept-Language": "de-DE,de;q=0.9"})
    assert (english.status, german.status) == (200, 200)
    assert (english.headers["content-language"], german.headers["content-language"]) == ("en", "de")
    assert "Your profile" in english.json()["held"][0]["what"]
    assert "Ihr Profil" in german.json()["held"][0]["what"]
    assert german.json()["held"][0]["purpose"]["code"] == "membership"
    chosen = client.get("/v1/privacy/notice?language=en", headers={"Accept-Language": "de"})
    assert chosen.json()["language"] == "en"
    assert client.get("/v1/privacy/notice?language=fr").status == 422


def test_the_notice_tells_of_every_kind_of_item_that_holds_something_personal(
    client: Client,
) -> None:
    held = client.get("/v1/privacy/notice").json()["held"]
    personal = {row.item.name for row in REGISTER.rows if row.field.personal and row.item.told}
    assert len(held) == len([item for item in REGISTER.items if item.told])
    assert len(personal) <= len(held)
    for one in held:
        assert one["what"]
        assert all(one[said]["text"] for said in ("purpose", "legal_basis", "retention"))


def test_the_notice_names_who_answers_for_the_data_and_what_members_are_asked(club: Club) -> None:
    programs = club.services.ports.programs
    latest = programs.latest()
    assert latest is not None
    shop = Controller("Roastery GmbH", "privacy@roastery.example")
    programs.add(replace(latest, version=latest.version + 1, controller=shop), FROM_THE_BEGINNING)
    programs.activate(latest.version + 1, FROM_THE_BEGINNING)
    notice = club.client.get("/v1/privacy/notice").json()
    assert notice["controller"] == {
        "name": "Roastery GmbH",
        "contact": "privacy@roastery.example",
    }
    assert "marketing_mail" in [asked["purpose"] for asked in notice["asked"]]


def test_every_right_names_a_route_that_there_is() -> None:
    routes = {route.name for blueprint in BLUEPRINTS for route in blueprint.declared}
    assert {right.call for right in RIGHTS if right.call} <= routes


def test_officers_read_the_record_of_every_field(
    client: Client, token_for: Callable[..., str]
) -> None:
    reply = client.get("/v1/privacy/record", bearer=token_for("pia", ["privacy"]))
    assert reply.status == 200
    rows = reply.json()["rows"]
    assert len(rows) == len(REGISTER.rows)
    email = next(row for row in rows if row["field"] == "f.email" and row["item"] == "profile")
    assert (email["place"], email["exported"], email["withheld"]) == ("people", "profile", None)
    codes = reply.json()["codes"]
    assert codes.keys() >= {f"purpose/{row['purpose']}" for row in rows}
    assert codes.keys() >= {f"seen_by/{one}" for row in rows for one in row["seen_by"]}


def test_officers_take_the_record_along_as_a_table(
    client: Client, token_for: Callable[..., str]
) -> None:
    reply = client.get("/v1/privacy/record?format=csv", bearer=token_for("pia", ["privacy"]))
    assert (reply.status, reply.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    lines = list(csv.DictReader(io.StringIO(reply.body.decode())))
    assert [line["field"] for line in lines] == [row.field.name for row in REGISTER.rows]
    assert {line["personal"] for line in lines} == {"yes", "no"}


@pytest.mark.parametrize("group", ["support", "marketer"])
def test_nobody_else_reads_the_record(
    client: Client, token_for: Callable[..., str], group: str
) -> None:
    assert client.get("/v1/privacy/record", bearer=token_for("sue", [group])).status == 403


def test_the_record_says_where_each_personal_field_is_exported_or_why_not() -> None:
    for row in record_answer(None).rows:
        assert (row.exported is None) == (not row.personal or row.withheld is not None)
