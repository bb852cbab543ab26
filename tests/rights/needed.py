"""What rights the code of a function needs at AWS: every call that it can lead to, as the action
that allows it and the resource of the template that it is done to.

Rather too much than too little, but never a right that nothing in the code could use.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.rights.reached import handler, kinds_of, leads_to, reached_from
from tests.rights.sources import Named, meant, methods, modules

Right = tuple[str, str]
"""An action, and the logical id of what it is done to: with `/index/...` of an index, and with the
folder of a bucket, where the code tells it."""

_TABLES = {
    "LedgerItem": "LedgerTable",
    "PeopleItem": "PeopleTable",
    "KeysItem": "KeysTable",
    "ConfigItem": "ConfigTable",
    "AuditItem": "AuditTable",
    "AnchorItem": "AnchorsTable",
}
_INDEXES = {"LedgerTable": "due", "AuditTable": "by_member"}
_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
_WRITES["Absent"] = "ConditionCheckItem"
_ON_MODELS = {
    "get": "GetItem",
    "save": "PutItem",
    "update": "UpdateItem",
    "delete": "DeleteItem",
    "query": "Query",
    "scan": "Scan",
    "batch_get": "BatchGetItem",
    "batch_write": "BatchWriteItem",
}
_GENERIC = ("chalicelib.storage.reading", "chalicelib.storage.writing", "chalicelib.storage.tables")

_CALLS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("s3", "put_object"): ("s3:PutObject",),
    ("s3", "create_multipart_upload"): ("s3:PutObject",),
    ("s3", "upload_part"): ("s3:PutObject",),
    ("s3", "complete_multipart_upload"): ("s3:PutObject",),
    # Without the right to list, what is missing looks like what is forbidden.
    ("s3", "get_object"): ("s3:GetObject", "s3:ListBucket"),
    ("s3", "head_object"): ("s3:GetObject", "s3:ListBucket"),
    ("s3", "delete_object"): ("s3:DeleteObject",),
    ("s3", "delete_objects"): ("s3:DeleteObject",),
    ("s3", "list_objects_v2"): ("s3:ListBucket",),
    ("sqs", "send_message"): ("sqs:SendMessage",),
    ("sqs", "send_message_batch"): ("sqs:SendMessage",),
    ("sqs", "get_queue_attributes"): ("sqs:GetQueueAttributes",),
    ("events", "put_events"): ("events:PutEvents",),
    ("kms", "decrypt"): ("kms:Decrypt",),
    ("kms", "generate_data_key"): ("kms:GenerateDataKey",),
    ("kms", "describe_key"): ("kms:DescribeKey",),
    ("secretsmanager", "get_secret_value"): ("secretsmanager:GetSecretValue",),
    # SES asks for both, whichever of the two is called.
    ("ses", "send_email"): ("ses:SendEmail", "ses:SendRawEmail"),
    ("ses", "send_raw_email"): ("ses:SendEmail", "ses:SendRawEmail"),
    ("sns", "publish"): ("sns:Publish",),
    ("athena", "start_query_execution"): ("athena:StartQueryExecution",),
    ("athena", "stop_query_execution"): ("athena:StopQueryExecution",),
    ("athena", "get_query_execution"): ("athena:GetQueryExecution",),
    ("athena", "get_query_results"): ("athena:GetQueryResults",),
}

_ATHENA_READS_AS_WHO_ASKS = frozenset(
    {
        *((f"glue:Get{what}", "catalog") for what in ("Database", "Partitions", "Table", "Tables")),
        *(
            (f"s3:{action}", "SnapshotBucket")
            for action in (
                "AbortMultipartUpload",
                "GetBucketLocation",
                "GetObject",
                "ListBucket",
                "ListBucketMultipartUploads",
                "ListMultipartUploadParts",
                "PutObject",
            )
        ),
    }
)


def needed(path: str, template: Mapping[str, Any]) -> set[Right]:
    """Every right that the code behind a handler could use."""
    reached = reached_from(handler(path))
    rights = {right for one in reached for right in _of_tables(one)}
    places = _places(template)
    rights |= {right for one in reached for right in _of_services(one, places)}
    if any(action.startswith("athena:") for action, _ in rights):
        rights |= _ATHENA_READS_AS_WHO_ASKS
    return rights


# --- tables ---------------------------------------------------------------------------------------


@cache
def _of_tables(one: Named) -> frozenset[Right]:
    """The rights that the text of one function of the storage needs at tables."""
    if not one.module.startswith("chalicelib.storage") or one.module in _GENERIC:
        return frozenset()
    if isinstance(one.node, ast.ClassDef):
        return frozenset()  # each of its methods is looked at by itself
    found: set[Right] = set()
    for call in (node for top in one.nodes for node in ast.walk(top)):
        if isinstance(call, ast.Call):
            for action, subject in _asked(one, call):
                tables = _tables(one, subject) or _mentioned(one)
                places = {place for table in tables for place in _asked_of(one, call, table)}
                found |= {(f"dynamodb:{action}", place) for place in places}
    return frozenset(found)


def _asked_of(one: Named, call: ast.Call, table: str) -> set[str]:
    """The table, its index, or either, by what a call says of an index: itself, or as a function of
    `reading` that says so."""
    index = f"{table}/index/{_INDEXES.get(table, '')}"
    said = [keyword.value for keyword in call.keywords if keyword.arg == "index_name"]
    if isinstance(call.func, ast.Name):
        reader = meant(one.module, call.func.id)
        if reader is not None and reader.module == "chalicelib.storage.reading":
            nodes = [node for node in ast.walk(reader.node) if isinstance(node, ast.keyword)]
            said = [node.value for node in nodes if node.arg == "index_name"]
    if not said:
        return {table}
    return {table, index} if any(isinstance(value, ast.IfExp) for value in said) else {index}


def _asked(one: Named, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """What is done to which item or model by a call, if it does something to a table."""
    match call.func:
        case ast.Name(id=name) if name in _WRITES and call.args:
            yield _WRITES[name], call.args[0]
        case ast.Name(id=name):
            home = modules()[one.module].imported.get(name, "")
            if home.startswith("chalicelib.storage.reading."):
                subject = call.args[0] if call.args else call.func
                yield ("GetItem" if name == "get" else "Query"), subject
        case ast.Attribute(value=subject, attr=name) if name in _ON_MODELS:
            inner = subject.func.value if _is_connection(subject) else subject  # type: ignore[attr-defined]  # as the test says
            if _tables(one, inner):
                yield _ON_MODELS[name], inner


def _is_connection(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "_get_connection"
    )


def _tables(one: Named, subject: ast.expr) -> set[str]:
    """The tables of the items that an expression may stand for."""
    kinds = kinds_of(one, subject)
    for node in ast.walk(subject):
        if isinstance(node, ast.Name):
            kinds = kinds | kinds_of(one, node)
    return {table for kind in kinds if (table := _table_of(kind))}


def _mentioned(one: Named) -> set[str]:
    """The tables of all items that a function names, or makes by others of the storage."""
    near = leads_to(one)
    makers = {m for n in near if n.module.startswith("chalicelib.storage") for m in leads_to(n)}
    return {table for kind in near | makers if (table := _table_of(kind))}


@cache
def _table_of(kind: Named) -> str:
    """The table of a model, "" of what is none."""
    if not isinstance(kind.node, ast.ClassDef):
        return ""
    if kind.module == "chalicelib.storage.tables":
        return _TABLES.get(kind.name, "")
    bases = (meant(kind.module, b.id) for b in kind.node.bases if isinstance(b, ast.Name))
    return next((table for b in bases if b is not None and (table := _table_of(b))), "")


# --- other services -------------------------------------------------------------------------------


def _of_services(one: Named, places: Mapping[str, frozenset[str]]) -> Iterator[Right]:
    """The rights that the text of one function of a provider needs elsewhere."""
    if not one.module.startswith("chalicelib.providers") or isinstance(one.node, ast.ClassDef):
        return
    name = one.owner or one.name
    for node in ast.walk(one.node):
        service, operation = _called(node)
        for action in _CALLS.get((service, operation), ()):
            if service in ("ses", "sns", "athena"):  # what they are done to, no name tells
                yield action, service
            for place in places.get(name, places[f"every {service}"]):
                words = _first_words(one) if action.endswith("Object") else None
                yield from ((action, f"{place}/{word}") for word in words or ())
                if not words:
                    yield action, place


@cache
def _first_words(one: Named) -> frozenset[str]:
    """The folders of a bucket that a function of a provider names: itself, by the functions beside
    it, or, where it is told by one of its class, by that one."""
    words = _words_in(one) | {w for near in leads_to(one) for w in _words_in(near)}
    if words or not one.owner:
        return frozenset(words)
    owner = meant(one.module, one.owner)
    assert owner is not None
    callers = [method for method in methods(owner).values() if one in leads_to(method)]
    return frozenset(word for caller in callers for word in _first_words(caller))


def _words_in(one: Named) -> set[str]:
    texts = (node.value for node in ast.walk(one.node) if isinstance(node, ast.Constant))
    found = (re.match(r"([a-z]+)/", text) for text in texts if isinstance(text, str))
    return {match[1] for match in found if match}


def _called(node: ast.AST) -> tuple[str, str]:
    """Service and operation of a call such as `self._s3().put_object(...)`; empty of others."""
    match node:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(func=ast.Attribute(attr=client) | ast.Name(id=client)),
                attr=operation,
            ),
            args=args,
        ):
            if operation in ("get_paginator", "generate_presigned_url"):
                operation = str(ast.literal_eval(args[0]))
            service = client.lstrip("_")
            if service == "client":  # a provider with one client alone
                service = next((known for known, name in _CALLS if name == operation), "")
            return service, operation
    return "", ""


def _places(template: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    """A provider's class -> what the wiring tells it to call, as the template names it; for one
    that is told of no single place, every queue that a variable names."""
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    named = {logical_id(value) for value in variables.values()} & set(template["Resources"])
    kinds = {place: template["Resources"][place]["Type"] for place in named}
    places: dict[str, set[str]] = {f"every {service}": set() for service, _ in _CALLS}
    places["every sqs"] = {place for place, kind in kinds.items() if kind == "AWS::SQS::Queue"}
    for call in (
        call
        for module in ("chalicelib.wiring", "chalicelib.wiring.outside")
        for call in ast.walk(modules()[module].tree)
    ):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            for node in (inner for given in call.args for inner in ast.walk(given)):
                if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "settings":
                    place = logical_id(variables.get(node.attr.upper(), ""))
                    places.setdefault(call.func.id, set()).add(place)
    return {name: frozenset(found) for name, found in places.items()}


def logical_id(value: Any) -> str:
    """What a reference in the template leads to."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
    return ""
