"""A new release of the API can be tried on a tenth of the requests: all come by its alias."""

import json
from typing import Any


def test_every_request_reaches_the_api_by_the_alias_that_a_canary_shifts(
    template: dict[str, Any],
) -> None:
    resources = template["Resources"]
    assert resources["APIHandler"]["Properties"]["AutoPublishAlias"] == "live"
    body = json.dumps(resources["RestAPI"]["Properties"]["DefinitionBody"])
    assert "${APIHandlerAliaslive}" in body
    assert "${APIHandler.Arn}" not in body
    for permission in ("APIHandlerInvokePermission", "HttpInvokePermission"):
        properties = resources[permission]["Properties"]
        assert properties["FunctionName"] == {"Ref": "APIHandlerAliaslive"}, permission
    integration = resources["HttpIntegration"]["Properties"]
    assert integration["IntegrationUri"] == {"Ref": "APIHandlerAliaslive"}


def test_an_alarm_of_the_api_takes_a_canary_back(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    preference = resources["APIHandler"]["Properties"]["DeploymentPreference"]
    assert preference["Enabled"] == {"Ref": "Canary"}
    alarms = [alarm["Ref"] for alarm in preference["Alarms"]]
    assert "APIHandlerFails" in alarms
    assert all(resources[alarm]["Type"] == "AWS::CloudWatch::Alarm" for alarm in alarms)
