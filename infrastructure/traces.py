"""Traces where an installation wants them kept: the right to tell X-Ray of them, for every role.

Apart from the functions' own policies, which name one resource a statement: X-Ray has none to name.
Must not know what is traced.
"""

from typing import Any


def keep_traces(template: dict[str, Any]) -> None:
    """Let the template's parameter decide for every function of it, which Chalice decides itself,
    and add the policy of all roles that they run as."""
    functions = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    for function in functions:
        function.pop("Tracing", None)  # what stands in Globals counts
    template["Resources"]["TracePolicy"] = {
        "Type": "AWS::IAM::Policy",
        "Condition": "TracesAreKept",
        "Properties": {
            "PolicyName": "traces",
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [_TELL]},
            "Roles": sorted(({"Ref": f["Role"]["Fn::GetAtt"][0]} for f in functions), key=str),
        },
    }


_TELL = {
    "Sid": "TellOfTraces",
    "Effect": "Allow",
    "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
    "Resource": "*",
}
