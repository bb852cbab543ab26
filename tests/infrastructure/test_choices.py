"""Whatever an installation chooses by its parameters, nothing in the template leads to a resource
that is then not made: CloudFormation would refuse it, but only when it is deployed.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest

from tests.packaged import NEEDS_LAMBDAS_PYTHON

pytestmark = NEEDS_LAMBDAS_PYTHON

Template = dict[str, Any]
When = tuple[tuple[str, bool], ...]
"""Conditions, and what each must be for something to be read at all."""

CHOICES = {  # every parameter that a condition asks, and what may be said
    "ApiKind": ("rest", "http"),
    "Firewall": ("on", "off"),
    "DomainName": ("", "api.shop.example"),
    "HostedZoneId": ("", "Z1"),
    "OidcIssuer": ("", "https://issuer.example"),
    "AlarmEmail": ("", "ops@shop.example"),
    "Traces": ("on", "off"),
    "DeletionProtection": ("on", "off"),
}
MADE_OF = {"APIHandlerAliaslive": "APIHandler"}  # what SAM makes beside what the template names
_NAMED = re.compile(r"\$\{([^!}][^}]*)\}")


def references(value: Any, when: When = ()) -> Iterator[tuple[str, When]]:
    """Every name that a part of the template leads to, and under which conditions it does."""
    match value:
        case {"Fn::If": [str(condition), chosen, other]}:
            yield from references(chosen, (*when, (condition, True)))
            yield from references(other, (*when, (condition, False)))
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            yield name.partition(".")[0], when
        case {"Fn::Sub": [str(text), dict(own)]}:
            yield from ((name, when) for name in _in_text(text) if name not in own)
            yield from references(list(own.values()), when)
        case {"Fn::Sub": str(text)}:
            yield from ((name, when) for name in _in_text(text))
        case dict():
            for part in value.values():
                yield from references(part, when)
        case list():
            for part in value:
                yield from references(part, when)


def _in_text(text: str) -> list[str]:
    return [name.partition(".")[0] for name in _NAMED.findall(text)]


def holding(template: Template, given: Mapping[str, str]) -> dict[str, bool]:
    """What each condition is, given the parameters."""

    def is_so(rule: Any) -> bool:
        match rule:
            case {"Condition": str(name)}:
                return is_so(template["Conditions"][name])
            case {"Fn::Not": [inner]}:
                return not is_so(inner)
            case {"Fn::And": list(parts)}:
                return all(map(is_so, parts))
            case {"Fn::Equals": [{"Ref": name}, value]}:
                return bool(given[name] == value)
        raise AssertionError(f"a condition of another shape: {rule!r}")

    return {name: is_so(rule) for name, rule in template["Conditions"].items()}


def everything_made(template: Template) -> Iterator[tuple[str, When, Any]]:
    """Each part of the template that becomes something: its name, when, and what is in it."""
    yield "Globals", (), template["Globals"]
    for section in ("Resources", "Outputs"):
        for name, part in template[section].items():
            when = ((part["Condition"], True),) if "Condition" in part else ()
            depends = part.get("DependsOn", [])
            needed = [{"Ref": one} for one in ([depends] if isinstance(depends, str) else depends)]
            yield name, when, [{k: v for k, v in part.items() if k != "DependsOn"}, needed]


def combinations() -> Iterator[dict[str, str]]:
    for chosen in product(*CHOICES.values()):
        yield dict(zip(CHOICES, chosen, strict=True))


def test_every_parameter_that_decides_what_is_made_is_tried(template: Template) -> None:
    asked = {name for name, _ in references(template["Conditions"])}
    assert asked == set(CHOICES)


def dangling(template: Template) -> list[str]:
    """What leads to nothing under some choice, a line each."""
    resources = template["Resources"]
    always = {*template["Parameters"], *(f"AWS::{n}" for n in _PSEUDO)}
    edges = [
        (name, when, MADE_OF.get(target, target), inner)
        for name, when, part in everything_made(template)
        for target, inner in references(part)
        if target not in always
    ]
    found = set()
    for given in combinations():
        holds = holding(template, given)
        made = {n for n, r in resources.items() if holds.get(r.get("Condition", ""), True)}
        for name, when, target, inner in edges:
            if target not in made and all(holds[c] is wanted for c, wanted in (*when, *inner)):
                found.add(f"{name} leads to {target}")
    return sorted(found)


_PSEUDO = ("AccountId", "NoValue", "Partition", "Region", "StackName", "URLSuffix")


def test_nothing_leads_to_a_resource_that_is_not_made(template: Template) -> None:
    assert dangling(template) == []


@pytest.mark.parametrize(
    ("name", "part", "noticed"),
    [
        ("Alarms", {"DependsOn": "HttpStage"}, "Alarms leads to HttpStage"),
        ("Relay", {"Properties": {"It": {"Ref": "UserPool"}}}, "Relay leads to UserPool"),
        (
            "HttpRoute",
            {"Condition": "IsHttpApi", "Properties": {"Target": {"Fn::Sub": "${RestAPI.Stage}"}}},
            "HttpRoute leads to RestAPI",
        ),
        (
            "WebFirewallAssociation",  # a firewall that is on does not make an HTTP API firewalled
            {
                "Condition": "HasDomain",
                "Properties": {"It": {"Fn::GetAtt": ["WebFirewall", "Arn"]}},
            },
            "WebFirewallAssociation leads to WebFirewall",
        ),
    ],
)
def test_what_leads_to_nothing_is_noticed(
    template: Template, name: str, part: dict[str, Any], noticed: str
) -> None:
    assert dangling(template | {"Resources": template["Resources"] | {name: part}}) == [noticed]


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_an_api_of_one_kind_has_nothing_of_the_other(template: Template, kind: str) -> None:
    of_kind = {"rest": ("AWS::Serverless::Api", "AWS::WAFv2::"), "http": ("AWS::ApiGatewayV2::",)}
    others = of_kind["http" if kind == "rest" else "rest"]
    own_name = ("AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping")  # of either
    for given in combinations():
        if given["ApiKind"] != kind:
            continue
        holds = holding(template, given)
        kinds = {
            row["Type"]
            for row in template["Resources"].values()
            if holds.get(row.get("Condition", ""), True)
        }
        assert not [one for one in kinds - {*own_name} if one.startswith(others)], given
        outputs = {
            n for n, o in template["Outputs"].items() if holds.get(o.get("Condition", ""), True)
        }
        assert ("RestAPIId" in outputs) == (kind == "rest")
        assert "ApiUrl" in outputs
