"""The dashboard shows everything that there is to see, and nothing that there is not; traces are
kept where an installation wants them.
"""

import json
import re
from typing import Any

import pytest

from chalicelib.observability import METRICS, NAMESPACE
from tests.packaged import NEEDS_LAMBDAS_PYTHON

pytestmark = NEEDS_LAMBDAS_PYTHON

Template = dict[str, Any]
SHOWN = {
    "AWS::Serverless::Function": "${%s}",
    "AWS::DynamoDB::Table": "${%s}",
    "AWS::SQS::Queue": "${%s.QueueName}",
    "AWS::CloudWatch::Alarm": "${%s.Arn}",
}


@pytest.fixture
def text(template: Template) -> str:
    body: str = template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    return body


def test_it_shows_every_function_table_queue_and_alarm(template: Template, text: str) -> None:
    for name, resource in template["Resources"].items():
        if resource["Type"] in SHOWN:
            assert SHOWN[resource["Type"]] % name in text, name


def test_it_names_nothing_that_is_not_deployed(template: Template, text: str) -> None:
    known = {*template["Resources"], *template["Parameters"]}
    named = set(re.findall(r"\$\{([\w:]+)", text))
    assert {name for name in named if not name.startswith("AWS::")} <= known


def test_it_shows_every_metric_of_ours_by_its_stage_and_no_other(text: str) -> None:
    shown = set()
    for widget in json.loads(text)["widgets"]:
        for metric in widget["properties"].get("metrics", []):
            if metric[0] == NAMESPACE:
                assert metric[2:4] == ["stage", "${Stage}"]
                shown.add(metric[1])
            elif isinstance(metric[0], dict):
                searched = re.search(r'MetricName="(\w+)" stage="\$', metric[0]["expression"])
                assert searched is not None
                shown.add(searched[1])
    assert shown == set(METRICS)


def test_no_widget_covers_another(text: str) -> None:
    covered: set[tuple[int, int]] = set()
    for widget in json.loads(text)["widgets"]:
        columns = range(widget["x"], widget["x"] + widget["width"])
        lines = range(widget["y"], widget["y"] + widget["height"])
        cells = {(column, line) for column in columns for line in lines}
        assert columns.stop <= 24
        assert not cells & covered
        covered |= cells


def test_traces_are_kept_where_they_are_wanted_and_by_no_right_that_is_not(
    template: Template,
) -> None:
    assert template["Parameters"]["Traces"]["Default"] == "off"
    traced = {"Fn::If": ["TracesAreKept", "Active", "PassThrough"]}
    assert template["Globals"]["Function"]["Tracing"] == traced
    functions = [r["Properties"] for r in template["Resources"].values() if "Function" in r["Type"]]
    assert not any("Tracing" in function for function in functions)
    beside = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    }
    assert set(beside) == {"TracePolicy"}
    policy = beside["TracePolicy"]
    assert policy["Condition"] == "TracesAreKept"
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    roles = {role["Ref"] for role in policy["Properties"]["Roles"]}
    assert roles == {n for n, r in template["Resources"].items() if r["Type"] == "AWS::IAM::Role"}
