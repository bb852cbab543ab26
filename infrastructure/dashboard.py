"""The dashboard, made from the packaged template: whatever is a function, a queue, a table or an
alarm there is on it, and every metric of chalicelib/observability.py.

Must not know what the service does. What CloudWatch makes of it: docs/observability.md.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.observability import METRICS, NAMESPACE

Json = dict[str, Any]

_WIDE = 24  # columns of CloudWatch's grid
_HIGH = 6
_PERIOD_SECONDS = 300
_ASIDE = "DeadLetters"


def dashboard(template: Mapping[str, Any]) -> Json:
    """The resource. Names of what is deployed stand in its body as CloudFormation fills them in."""
    body = {"periodOverride": "inherit", "widgets": list(_placed(_rows(template["Resources"])))}
    return {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardName": {"Fn::Sub": "${AWS::StackName}"},
            "DashboardBody": {"Fn::Sub": json.dumps(body, sort_keys=True)},
        },
    }


def _rows(resources: Mapping[str, Any]) -> list[list[Json]]:
    """The widgets, row by row: first whether anything is wrong, then how it goes."""
    functions = _of_type(resources, "AWS::Serverless::Function")
    queues = _of_type(resources, "AWS::SQS::Queue")
    tables = _of_type(resources, "AWS::DynamoDB::Table")
    streaming = [name for name in functions if _reads_the_stream(resources[name])]
    working = [name for name in queues if not name.endswith(_ASIDE)]
    aside = [name for name in queues if name.endswith(_ASIDE)]
    return [
        [_alarms(_of_type(resources, "AWS::CloudWatch::Alarm"))],
        [
            _figures("Requests", [_own("latency", "SampleCount", "requests"), _own("replayed")]),
            _figures("Latency", [_own("latency", stat) for stat in ("p50", "p95", "p99")]),
            _figures("Failed requests, by code", [_found("failed", "code", "Sum")]),
        ],
        [
            _figures("Latency by route, p99", [_found("latency", "route", "p99")]),
            _figures("Refused requests, by code", [_found("refused", "code", "Sum")]),
            _figures(
                "Retries and conflicts", [_own("retries"), _own("conflicts"), _own("throttled")]
            ),
        ],
        [
            _figures("Points", [_own(name) for name in METRICS if name.startswith("points_")]),
            _figures(
                "Purchases",
                [_own(name) for name in ("purchases", "returns", "redemptions", "members_joined")],
            ),
            _figures("What purchases came to, smallest unit", [_own("purchases_minor")]),
        ],
        [
            _figures("How late: readers of the stream, ms", _lambda("IteratorAge", streaming)),
            _figures("How late: queues, s", _sqs("ApproximateAgeOfOldestMessage", working)),
            _figures("Waiting in queues", _sqs("ApproximateNumberOfMessagesVisible", working)),
        ],
        [
            _figures("Set aside", _sqs("ApproximateNumberOfMessagesVisible", aside)),
            _figures("Failing functions", _lambda("Errors", functions, "Sum")),
            _figures("The books", [_own("ledger_tampered"), _own("ledger_breaches")]),
            _figures("Webhooks", [_own(name) for name in METRICS if name.startswith("webhook")]),
        ],
        [
            _figures("Functions at once", _lambda("ConcurrentExecutions", functions)),
            _figures("Turned away", _lambda("Throttles", functions, "Sum")),
            _figures("How long functions run, ms", _lambda("Duration", functions)),
        ],
        [
            _figures("Units written", _dynamodb("ConsumedWriteCapacityUnits", tables)),
            _figures("Units read", _dynamodb("ConsumedReadCapacityUnits", tables)),
            _figures("Turned away by tables", _dynamodb("WriteThrottleEvents", tables)),
        ],
    ]


def _of_type(resources: Mapping[str, Any], kind: str) -> list[str]:
    return sorted(name for name, resource in resources.items() if resource["Type"] == kind)


def _reads_the_stream(function: Mapping[str, Any]) -> bool:
    events = function["Properties"].get("Events", {})
    return any(event["Type"] == "DynamoDB" for event in events.values())


# --- widgets --------------------------------------------------------------------------------------


def _placed(rows: Sequence[Sequence[Json]]) -> Iterator[Json]:
    for number, row in enumerate(rows):
        width = _WIDE // len(row)
        for column, widget in enumerate(row):
            place = {"x": column * width, "y": number * _HIGH, "width": width, "height": _HIGH}
            yield widget | place


def _alarms(names: Sequence[str]) -> Json:
    arns = [f"${{{name}.Arn}}" for name in names]
    return {"type": "alarm", "properties": {"title": "Alarms: docs/runbook.md", "alarms": arns}}


def _figures(title: str, metrics: Sequence[list[Any]]) -> Json:
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "metrics": list(metrics),
            "region": "${AWS::Region}",
            "period": _PERIOD_SECONDS,
            "view": "timeSeries",
        },
    }


# --- what they show -------------------------------------------------------------------------------


def _own(name: str, stat: str = "Sum", label: str = "") -> list[Any]:
    """A metric of ours. KeyError for one that is not written."""
    unit = METRICS[name].unit
    told = label or (name if stat == "Sum" else f"{name} {stat}, {unit}")
    return [NAMESPACE, name, "stage", "${Stage}", {"stat": stat, "label": told}]


def _found(name: str, by: str, stat: str) -> list[Any]:
    """All series of a metric of ours, whatever values there are. ValueError where it is not kept by
    this."""
    if by not in METRICS[name].by:
        raise ValueError(f"{name} is not kept by {by}")
    where = f'{{{NAMESPACE},stage,{by}}} MetricName="{name}" stage="${{Stage}}"'
    return [{"expression": f"SEARCH('{where}', '{stat}', {_PERIOD_SECONDS})", "label": ""}]


def _lambda(metric: str, names: Sequence[str], stat: str = "Maximum") -> list[list[Any]]:
    return [
        ["AWS/Lambda", metric, "FunctionName", f"${{{name}}}", {"stat": stat, "label": name}]
        for name in names
    ]


def _sqs(metric: str, names: Sequence[str]) -> list[list[Any]]:
    told = {"stat": "Maximum"}
    return [
        ["AWS/SQS", metric, "QueueName", f"${{{name}.QueueName}}", told | {"label": name}]
        for name in names
    ]


def _dynamodb(metric: str, names: Sequence[str]) -> list[list[Any]]:
    return [
        ["AWS/DynamoDB", metric, "TableName", f"${{{name}}}", {"stat": "Sum", "label": name}]
        for name in names
    ]
