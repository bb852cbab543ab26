"""What can be known of members, over HTTP and as a page."""

from infrastructure import facts as page
from tests.api.club import Club


def test_a_marketer_is_told_every_fact_with_the_programs_own_tiers_and_attributes(
    club: Club,
) -> None:
    reply = club.client.get("/v1/facts", bearer=club.token_for("mia", ["marketer"]))
    assert reply.status == 200
    told = {item["name"]: item for item in reply.json()["items"]}
    assert told["tier"]["values"] == ["none"]
    assert told["spend_last_90_days_minor"] == {
        "name": "spend_last_90_days_minor",
        "kind": "integer",
        "unit": "minor",
        "freshness": "minutes",
        "profiling": True,
        "says": {"en": "spend in the last 90 days", "de": "Umsatz in den letzten 90 Tagen"},
        "values": None,
    }
    assert told["attribute.favourite_drink"]["profiling"] is True
    assert club.client.get("/v1/facts", bearer=club.token_for("ben", ["support"])).status == 403


def test_the_page_of_facts_is_the_current_one() -> None:
    assert page.PATH.read_text(encoding="utf-8") == page.page()
