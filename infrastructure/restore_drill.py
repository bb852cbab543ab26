"""Tries whether the tables could be had back: restored to one instant, into a stack of their own,
the books reconciled there, a report, and all of it removed again. What serves is only read.

Every table goes to the same instant: the ledger alone would reuse numbers that its records and the
members' pages know already. The members' keys are not restored, on purpose: who was erased since
stays unreadable. Must not know how the books are checked.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from infrastructure.changes import CannotChange, Stack
from infrastructure.deploy import ROOT, Target, arguments, say, target_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TABLE = "AWS::DynamoDB::Table"
_SHAPE = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
_LOOK_SECONDS = 10.0
UNPROVED = """\
This is a local AWS. It does not prove: that the tables are restored as of an instant (it copies
them as they are now), how long that takes, and that their keys may be used by whoever restores."""


@dataclass(frozen=True, slots=True)
class Restored:
    """instant: what every table was restored to. tables: logical id -> name of the copy."""

    instant: datetime
    tables: Mapping[str, str]


def drill(
    target: Target, dynamodb: "DynamoDBClient", check: Callable[[Mapping[str, str]], Any]
) -> dict[str, Any]:
    """Restore, check, report, remove. check: given table names by logical id, what it found, with
    `clean`. Raises CannotChange where a table cannot be restored."""
    began = datetime.now(UTC)
    name = f"{target.stack.name}-drill-{began:%Y%m%d%H%M%S}"
    live = target.stack.resources(_TABLE)
    wanted = _to_be_restored(target.stack.template())
    instant = min(_latest(target, dynamodb, live[logical]) for logical in wanted)
    restored = Restored(instant, {logical: f"{name}-{logical}" for logical in wanted})
    copies = replace(target.stack, name=name)
    try:
        _restore(target, dynamodb, live, restored)
        _gather(target, copies, restored)
        whole = datetime.now(UTC)
        target.say("reconciling the books of the copies")
        found = check({**live, **restored.tables})
        counts = {
            logical: dynamodb.describe_table(TableName=table)["Table"]["ItemCount"]
            for logical, table in restored.tables.items()
        }
    finally:
        _remove(target, copies, dynamodb, restored)
    return {
        "stack": target.stack.name,
        "restored_to": restored.instant.isoformat(),
        "lost_seconds": round((began - restored.instant).total_seconds(), 1),
        "restored_in_seconds": round((whole - began).total_seconds(), 1),
        "items_about": counts,
        "not_restored": sorted(live.keys() - restored.tables.keys()),
        "found": found,
    }


# --- the tables -----------------------------------------------------------------------------------


def _restore(
    target: Target, dynamodb: "DynamoDBClient", live: Mapping[str, str], restored: Restored
) -> None:
    """Copies of every table that can be restored, all as of one instant."""
    wanted = ", ".join(restored.tables)
    target.say(f"restoring {wanted} as of {restored.instant.isoformat()}")
    for logical, copy in restored.tables.items():
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=live[logical],
            TargetTableName=copy,
            RestoreDateTime=restored.instant,
            BillingModeOverride="PAY_PER_REQUEST",
        )
    for copy in restored.tables.values():
        while dynamodb.describe_table(TableName=copy)["Table"]["TableStatus"] != "ACTIVE":
            target.stack.pause(_LOOK_SECONDS)
        target.say(f"  {copy} is there")


def _to_be_restored(template: Mapping[str, Any]) -> list[str]:
    """The tables that the template keeps backups of: all but the members' keys."""
    return sorted(
        logical
        for logical, resource in template["Resources"].items()
        if resource["Type"] == _TABLE
        and resource["Properties"]
        .get("PointInTimeRecoverySpecification", {})
        .get("PointInTimeRecoveryEnabled")
    )


def _latest(target: Target, dynamodb: "DynamoDBClient", table: str) -> datetime:
    """The latest instant that a table can be restored to. Raises CannotChange where to none."""
    if target.local:  # it takes the template's word for backups, and keeps none
        dynamodb.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
    answer = dynamodb.describe_continuous_backups(TableName=table)
    recovery = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    if recovery["PointInTimeRecoveryStatus"] != "ENABLED":
        raise CannotChange(f"{table} has no point-in-time recovery, though its template says so")
    return recovery["LatestRestorableDateTime"]


def _gather(target: Target, copies: Stack, restored: Restored) -> None:
    """Take the copies into a stack of their own, which is deleted with all of them."""
    resources = target.stack.template()["Resources"]
    template = {
        "Resources": {
            logical: {
                "Type": _TABLE,
                "DeletionPolicy": "Delete",
                "Properties": {
                    "TableName": table,
                    **{n: v for n, v in resources[logical]["Properties"].items() if n in _SHAPE},
                },
            }
            for logical, table in restored.tables.items()
        }
    }
    url = target.releases.keep_template(copies.name, template)
    imported = [
        {
            "ResourceType": _TABLE,
            "LogicalResourceId": logical,
            "ResourceIdentifier": {"TableName": table},
        }
        for logical, table in restored.tables.items()
    ]
    proposed = copies.propose("restored", url, {}, imported)
    if proposed is None:
        raise CannotChange(f"the copies cannot be taken into {copies.name}")
    copies.execute(proposed)


def _remove(target: Target, copies: Stack, dynamodb: "DynamoDBClient", restored: Restored) -> None:
    """Delete the copies, in whatever state the drill broke off."""
    target.say("removing the copies")
    if copies.status() is not None:
        copies.cloudformation.delete_stack(StackName=copies.name)
        while copies.status() not in (None, "DELETE_COMPLETE", "DELETE_FAILED"):
            copies.pause(copies.look_seconds)
    for table in restored.tables.values():
        try:
            dynamodb.delete_table(TableName=table)
        except dynamodb.exceptions.ResourceNotFoundException:
            continue  # it went with the stack
        target.say(f"  {table} was left over and is deleted")


# --- the books ------------------------------------------------------------------------------------


def reconciled(target: Target, tables: Mapping[str, str]) -> dict[str, Any]:
    """What the service's own reconciler finds in tables, by the settings of the stack's worker."""
    from chalicelib import wiring
    from chalicelib.domain.refusals import Conflict
    from chalicelib.settings import Settings
    from chalicelib.usecases.reconcile import reconcile_now

    settings = Settings.read(_environment(target, tables))
    services = wiring.build(settings)
    try:
        state = reconcile_now(services.ports, services.clock, lambda: True)
    except Conflict:
        return {"clean": True, "seen": {}, "breaches": {}, "note": "no program, so no books yet"}
    report = state.report
    return {
        "clean": report.clean and not report.unread,
        "seen": report.seen,
        "breaches": report.times,
        "unread": report.unread,
    }


def _environment(target: Target, tables: Mapping[str, str]) -> dict[str, str]:
    """The environment of the worker that reconciles, with other tables: `LedgerTable` is what its
    `LEDGER_TABLE` names."""
    worker = target.stack.resources("AWS::Lambda::Function")["Reconcile"]
    configuration = boto3.client("lambda").get_function_configuration(FunctionName=worker)
    named = {f"{logical.removesuffix('Table').upper()}_TABLE": t for logical, t in tables.items()}
    return configuration["Environment"]["Variables"] | named


# --- from a shell ---------------------------------------------------------------------------------


def main(given: Sequence[str] | None = None) -> int:
    """Drill a stage; 0 when its books are clean. The report is left under out/."""
    asked = arguments("restore_drill", given)
    began = time.monotonic()
    try:
        target = target_of(asked.stage, yes=asked.yes, say=say)
        if not target.agrees(f"Restore copies of the tables of {target.stack.name}?"):
            return 0
        report = drill(target, boto3.client("dynamodb"), lambda names: reconciled(target, names))
    except CannotChange as why:
        say(str(why))
        return 1
    text = json.dumps(report, indent=1, sort_keys=True)
    (ROOT / "out").mkdir(exist_ok=True)
    (ROOT / "out" / f"restore-drill-{asked.stage}.json").write_text(text + "\n")
    say(text)
    verdict = "clean" if report["found"]["clean"] else "NOT CLEAN"
    say(f"{verdict}, in {time.monotonic() - began:.0f} s")
    if os.environ.get("AWS_ENDPOINT_URL"):
        say(UNPROVED)
    return 0 if report["found"]["clean"] else 1


if __name__ == "__main__":
    sys.exit(main())
