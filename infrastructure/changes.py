"""Changes a CloudFormation stack by a change set: made, shown, executed, watched to its end.

Refuses what would lose data: a table, key, secret or bucket that would be replaced or removed is
kept by its own policy, but the service would go on with an empty one. Must not know what the
resources are for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_HOLDS_DATA = frozenset(
    {
        "AWS::Cognito::UserPool",
        "AWS::DynamoDB::Table",
        "AWS::KMS::Key",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
    }
)
_NOT_YET = "REVIEW_IN_PROGRESS"  # a change set that nobody executed has made the stack's name
_CAPABILITIES: Any = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class CannotChange(Exception):
    """The stack is not changed, or went back to what it was; the message says why."""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource's. action: Add, Modify, Remove or Import. replaced: True, False, Conditional."""

    action: str
    logical_id: str
    kind: str
    replaced: str

    @property
    def loses_data(self) -> bool:
        """Whether the service would go on with an empty one in its place."""
        return self.kind in _HOLDS_DATA and (self.action == "Remove" or self.replaced == "True")

    def line(self) -> str:
        """For a person."""
        note = {"True": "  REPLACED", "Conditional": "  perhaps replaced"}.get(self.replaced, "")
        return f"  {self.action:<7} {self.logical_id:<34} {self.kind}{note}"


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """arn: its own. changes: of every resource that is touched. created: whether it makes the
    stack."""

    arn: str
    changes: Sequence[Change]
    created: bool


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack by its name. pause: waits so many seconds between two looks. say: tells a person."""

    cloudformation: "CloudFormationClient"
    name: str
    pause: Callable[[float], object]
    say: Callable[[str], None]
    look_seconds: float = 3.0

    def status(self) -> str | None:
        """Such as `UPDATE_COMPLETE`; None where there is no such stack."""
        found = self._found()
        return str(found["StackStatus"]) if found else None

    def outputs(self) -> dict[str, str]:
        """By name; empty where there is no such stack."""
        rows = (self._found() or {}).get("Outputs", [])
        return {row["OutputKey"]: row["OutputValue"] for row in rows}

    def template(self) -> dict[str, Any]:
        """The template as it was given; empty where there is no such stack."""
        if self.status() in (None, _NOT_YET):
            return {}
        answer: Any = self.cloudformation.get_template(
            StackName=self.name, TemplateStage="Original"
        )
        return dict(answer["TemplateBody"])

    def resources(self, kind: str) -> dict[str, str]:
        """Logical id -> physical id of all resources of a kind, such as `AWS::DynamoDB::Table`."""
        pages = self.cloudformation.get_paginator("list_stack_resources")
        return {
            row["LogicalResourceId"]: row["PhysicalResourceId"]
            for page in pages.paginate(StackName=self.name)
            for row in page["StackResourceSummaries"]
            if row["ResourceType"] == kind
        }

    def propose(
        self, label: str, url: str, parameters: Mapping[str, str], imported: Any = ()
    ) -> ChangeSet | None:
        """A change set, ready to be executed; None where nothing would change.

        label: its name. imported: what is to be taken into the stack as it is. Raises CannotChange
        where the stack cannot be changed, or data would be lost.
        """
        status = self.status()
        if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"):
            raise CannotChange(f"{self.name} was never made whole ({status}): delete it first")
        created = status in (None, _NOT_YET)
        asked: Any = {"ResourcesToImport": imported} if imported else {}
        answer = self.cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=label,
            ChangeSetType="IMPORT" if imported else "CREATE" if created else "UPDATE",
            TemplateURL=url,
            Capabilities=_CAPABILITIES,
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
            **asked,
        )
        proposed = self._awaited(answer["Id"], created)
        if proposed and (lost := [c.logical_id for c in proposed.changes if c.loses_data]):
            self.withdraw(proposed)
            raise CannotChange(f"data would be left behind in {', '.join(lost)}: docs/upgrade.md")
        return proposed

    def withdraw(self, change_set: ChangeSet) -> None:
        """Forget a change set, and the stack's name where it was to make the stack."""
        self.cloudformation.delete_change_set(ChangeSetName=change_set.arn)
        if change_set.created:
            self.cloudformation.delete_stack(StackName=self.name)

    def execute(self, change_set: ChangeSet) -> None:
        """Execute it and tell of each resource until the stack rests. Raises CannotChange where
        CloudFormation went back, which it does by itself on a failure or an alarm."""
        seen = {str(event["EventId"]) for event in self._events()}
        self.cloudformation.execute_change_set(ChangeSetName=change_set.arn)
        while True:
            seen |= self._told(seen)
            status = self.status() or "gone"
            if status.endswith(("_COMPLETE", "_FAILED")) and "CLEANUP" not in status:
                break
            self.pause(self.look_seconds)
        self._told(seen)
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"):
            raise CannotChange(f"{self.name} is {status}: CloudFormation went back by itself")

    def _awaited(self, arn: str, created: bool) -> ChangeSet | None:
        changes: list[Change] = []
        while True:
            pages = self.cloudformation.get_paginator("describe_change_set")
            found = list(pages.paginate(ChangeSetName=arn))
            if found[0]["Status"] in ("CREATE_COMPLETE", "FAILED"):
                break
            self.pause(self.look_seconds)
        for page in found:
            changes += [_change(row["ResourceChange"]) for row in page["Changes"]]
        change_set = ChangeSet(arn, changes, created)
        if found[0]["Status"] == "CREATE_COMPLETE":
            return change_set
        self.withdraw(change_set)
        reason = found[0].get("StatusReason", "")
        if "didn't contain changes" in reason or "No updates" in reason:
            return None
        raise CannotChange(f"no change set can be made: {reason}")

    def _told(self, seen: set[str]) -> set[str]:
        """Tell of what happened and was not told yet; the ids of it."""
        new = [event for event in self._events() if event["EventId"] not in seen]
        for event in reversed(new):
            reason = event.get("ResourceStatusReason", "")
            failed = f"  {reason}" if "FAILED" in event["ResourceStatus"] else ""
            if not event["ResourceStatus"].endswith("_IN_PROGRESS"):
                self.say(f"  {event['LogicalResourceId']:<34} {event['ResourceStatus']}{failed}")
        return {str(event["EventId"]) for event in new}

    def _events(self) -> Sequence[Any]:
        """The newest hundred, newest first; none where there is no such stack."""
        try:
            return self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        except ClientError:
            return []

    def _found(self) -> Any:
        try:
            return self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise


def _change(row: Any) -> Change:
    return Change(
        action=row["Action"],
        logical_id=row["LogicalResourceId"],
        kind=row["ResourceType"],
        replaced=str(row.get("Replacement", "False")),
    )
