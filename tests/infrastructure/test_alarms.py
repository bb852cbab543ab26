"""Alarms that mean something: each watches a metric that there is, says what it means and what to
do, and leads to a page of the runbook. The dashboard shows what they watch.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from chalicelib.observability import METRICS, NAMESPACE
from tests.packaged import NEEDS_LAMBDAS_PYTHON

pytestmark = NEEDS_LAMBDAS_PYTHON

Template = dict[str, Any]
RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
PARTS = ("Means", "See", "Do")

LATER = {  # those that do not go off at the first time, and how many of three periods they wait for
    "ApiFails": 2,
    "ApiSlow": 3,
    "TablesTurnAway": 2,
    "RelayLate": 2,
    "FollowLate": 2,
    "ErasuresLate": 2,
    "ExportsLate": 2,
    "SnapshotLate": 2,
    "WebhookRests": 3,
}


@pytest.fixture
def alarms(template: Template) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::CloudWatch::Alarm")


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def pages() -> dict[str, str]:
    """The runbook's pages, by the anchor that GitHub gives a heading."""
    parts = re.split(r"^#{2,3} (.+)$", RUNBOOK.read_text(), flags=re.MULTILINE)
    return {_anchor(title): text for title, text in zip(parts[1::2], parts[2::2], strict=True)}


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_every_alarm_says_what_it_means_and_leads_to_its_page_of_the_runbook(
    alarms: dict[str, dict[str, Any]],
) -> None:
    known = pages()
    for name, alarm in alarms.items():
        said, _, link = alarm["AlarmDescription"].partition(" Runbook: docs/runbook.md#")
        assert 1 <= said.count(". ") <= 2, f"{name}: what it means, and what to do"
        assert link == name.lower(), f"{name} leads elsewhere"
        assert link in known, f"docs/runbook.md has no page `### {name}`"
        missing = [part for part in PARTS if f"**{part}.**" not in known[link]]
        assert missing == [], f"the page of {name} does not say {missing}"


def test_the_runbook_has_no_page_of_an_alarm_that_is_gone(
    alarms: dict[str, dict[str, Any]],
) -> None:
    of_alarms = {anchor for anchor, text in pages().items() if "**Means.**" in text}
    assert of_alarms == {name.lower() for name in alarms}


def test_every_function_has_an_alarm_of_its_errors(
    template: Template, alarms: dict[str, dict[str, Any]]
) -> None:
    for function in of_type(template, "AWS::Serverless::Function"):
        assert watched(alarms[f"{function}Fails"]) == {
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": {"FunctionName": {"Ref": function}},
        }


def test_every_queue_where_things_are_set_aside_has_an_alarm(
    template: Template, alarms: dict[str, dict[str, Any]]
) -> None:
    aside = {name for name in of_type(template, "AWS::SQS::Queue") if name.endswith("DeadLetters")}
    watching = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in alarms.values()
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    }
    assert aside <= watching


def test_every_alarm_tells_somebody_and_most_at_the_first_time(
    alarms: dict[str, dict[str, Any]],
) -> None:
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}], name
        if name == "SchedulesStopped":  # goes off when nothing is measured
            assert alarm["TreatMissingData"] == "breaching"
            continue
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold", name
        assert alarm["TreatMissingData"] == "notBreaching", name
        assert alarm["DatapointsToAlarm"] == LATER.get(name, 1), name
        assert name in LATER or alarm["Threshold"] == 1, name


def test_every_alarm_of_our_own_metrics_watches_one_that_is_written_and_by_its_stage(
    alarms: dict[str, dict[str, Any]],
) -> None:
    ours = [alarm for alarm in alarms.values() if alarm["Namespace"] == NAMESPACE]
    assert len(ours) >= 5
    for alarm in ours:
        assert alarm["MetricName"] in METRICS
        assert watched(alarm)["Dimensions"] == {"stage": {"Ref": "Stage"}}


def watched(alarm: dict[str, Any]) -> dict[str, Any]:
    """The metric that an alarm looks at; CloudWatch finds none whose dimensions differ."""
    dimensions = {row["Name"]: row["Value"] for row in alarm.get("Dimensions", [])}
    return {
        "Namespace": alarm["Namespace"],
        "MetricName": alarm["MetricName"],
        "Dimensions": dimensions,
    }
