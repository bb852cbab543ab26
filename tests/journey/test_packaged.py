"""The main journey through what is deployed: API Gateway, Lambda, the stream, the roles.

Slow to start, so one deployment serves all; what the service decides is tested elsewhere.
"""

import hmac
import io
import json
import re
import threading
import urllib.request
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.account import Account, AccountStatus, Lot
from chalicelib.domain.entries import EntryKind, next_entry, opening_entry
from chalicelib.storage.ledger_items import entry_item
from infrastructure.local import outbox
from tests.journey.deployment import Deployment, deployed
from tests.packaged import NEEDS_LAMBDAS_PYTHON, ROOT, the_package
from tests.simulation.receiver import Receiver, receiving

pytestmark = NEEDS_LAMBDAS_PYTHON

PROGRAM = {
    "name": "Coffee",
    "zone": "Europe/Berlin",
    "currency": "EUR",
    "base": {"points": 1, "per_minor": 100},
    "rules": [
        {
            "rule_id": "beans",
            "name": "Beans count double",
            "rate": {"points": 1, "per_minor": 100},
            "categories": ["beans"],
        }
    ],
}
REWARD = {"name": "A flat white", "kind": "free_product", "sku": "flat-white", "points": 30}
EVENTS_SECONDS = 60  # the local stream is looked at every second or so
Body = dict[str, Any]


@pytest.fixture(scope="module")
def service() -> Iterator[Deployment]:
    with deployed(the_package()) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def published(service: Deployment) -> Callable[[int], list[Body]]:
    """Everything on the bus from now on: called with a number, waits for that many events."""
    sqs, bus = service.client("sqs"), service.client("events")
    queue = sqs.create_queue(QueueName="listener")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    name = service.resources["EventBus"]
    pattern = json.dumps({"source": [{"prefix": ""}]})
    bus.put_rule(Name="all", EventBusName=name, EventPattern=pattern)
    bus.put_targets(Rule="all", EventBusName=name, Targets=[{"Id": "listener", "Arn": arn}])
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    seen: list[Body] = []

    def wait_for(number: int) -> list[Body]:
        for _ in range(EVENTS_SECONDS // 5):
            if len(seen) >= number:
                break
            got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5)
            seen.extend(json.loads(m["Body"])["detail"] for m in got.get("Messages", []))
        return seen

    return wait_for


@pytest.fixture(scope="module")
def till(service: Deployment) -> str:
    """An API key, from nothing: staff sets up a program and makes the key."""
    marketer = service.issuer.token("staff-marketer", ["marketer"])
    admin = service.issuer.token("staff-admin", ["admin"])
    written = service.call("PUT", "/v1/program", PROGRAM, token=marketer, If_Match='"0"')
    assert written.status in (200, 201), written.body
    key = service.call("POST", "/v1/keys", {"source": "till-1"}, token=admin)
    assert key.status == 201, key.body
    return str(key.body["secret"])


@pytest.fixture(scope="module")
def member_id(service: Deployment, till: str) -> str:
    """Somebody enrolled at the till, with the code from the mail."""
    enrolled = service.call(
        "POST",
        "/v1/members",
        {
            "email": "ada@stampbook.example",
            "name": {"given": "Ada"},
            "consents": [{"purpose": "loyalty_terms", "granted": True, "policy_version": "1"}],
        },
        token=till,
    )
    assert enrolled.status == 201, enrolled.body
    (mail,) = outbox.captured(service.endpoint)
    code = re.search(r"\b\d{6}\b", mail["text"])
    assert code, mail
    proof = {"member_id": enrolled.body["member_id"], "channel": "email", "code": code[0]}
    verified = service.call("POST", "/v1/members/verify", proof)
    assert (verified.status, verified.body["status"]) == (200, "active"), verified.body
    return str(enrolled.body["member_id"])


@pytest.fixture(scope="module")
def reward_id(service: Deployment, till: str) -> str:
    marketer = service.issuer.token("staff-marketer", ["marketer"])
    made = service.call("POST", "/v1/rewards", REWARD, token=marketer, Idempotency_Key="reward-1")
    assert made.status == 201, (made.body, till)
    return str(made.body["reward_id"])


def purchase(purchase_id: str, member_id: str) -> Body:
    """25.50 of coffee beans, which earn 50 points."""
    line = {"line_id": "line-1", "sku": "beans-1", "category": "beans", "quantity": 1}
    return {
        "purchase_id": purchase_id,
        "member": {"member_id": member_id},
        "occurred_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "currency": "EUR",
        "lines": [line | {"amount_minor": 2550}],
    }


def test_a_member_earns_redeems_and_uses_a_voucher_and_the_world_hears_of_it(
    service: Deployment,
    published: Callable[[int], list[Body]],
    till: str,
    member_id: str,
    reward_id: str,
) -> None:
    bought = purchase("purchase-1", member_id)
    first = service.call("POST", "/v1/purchases", bought, token=till)
    assert (first.status, first.body["points"]["earned"]) == (201, 50), first.body
    again = service.call("POST", "/v1/purchases", bought, token=till)
    assert (again.status, again.headers["idempotent-replayed"]) == (201, "true")
    assert again.body == first.body

    herself = service.issuer.token(member_id)
    account = service.call("GET", "/v1/members/me/account", token=herself)
    assert (account.status, account.body["available"]) == (200, 50), account.body

    wanted = {"reward_id": reward_id}
    path = f"/v1/members/{member_id}/redemptions"
    issued = service.call("POST", path, wanted, token=till, Idempotency_Key="redemption-1")
    assert issued.status == 201, issued.body
    assert issued.body["available_after"] == 20
    code = {"voucher_code": issued.body["voucher_code"]}
    used = service.call("POST", "/v1/vouchers/use", code, token=till, Idempotency_Key="use-1")
    assert (used.status, used.body["status"]) == (200, "used"), used.body

    events = {event["type"] for event in published(5)}
    assert events == {
        "stampbook.account.opened",
        "stampbook.account.status_changed",
        "stampbook.points.earned",
        "stampbook.points.redeemed",
        "stampbook.redemption.used",
    }


def test_a_marketer_asks_what_a_version_of_the_program_would_change(
    service: Deployment, till: str, member_id: str
) -> None:
    marketer = service.issuer.token("staff-marketer", ["marketer"])
    bought = purchase("purchase-to-plan-with", member_id)
    assert service.call("POST", "/v1/purchases", bought, token=till).status == 201
    draft = PROGRAM | {"base": {"points": 2, "per_minor": 100}}
    stored = service.call("PUT", "/v1/program", draft, token=marketer, If_Match='"1"')
    assert stored.status == 200, stored.body
    planned = service.call("POST", "/v1/program/plan", {"version": 2}, token=marketer)
    assert (planned.status, planned.body["status"]) == (200, "complete"), planned.body
    points = planned.body["purchases"]["points"]
    assert points["planned"] > points["active"] >= 50, planned.body


def test_a_webhook_is_told_what_a_member_does_in_order_and_again_where_it_failed(
    service: Deployment, till: str, member_id: str
) -> None:
    receiver = Receiver(seed=1, failing=0.0)
    with receiving(receiver):
        wanted = {"url": receiver.url, "events": ["stampbook.points.*"]}
        admin = service.issuer.token("staff-admin", ["admin"])
        made = service.call("POST", "/v1/webhooks", wanted, token=admin)
        assert made.status == 201, made.body
        receiver.secret = made.body["secret"]
        receiver.refuse_next = 1
        for number in range(3):
            bought = purchase(f"told-{number}", member_id)
            assert service.call("POST", "/v1/purchases", bought, token=till).status == 201
        patience = threading.Event()  # nobody sets it: an interval, not an end
        for _ in range(60):
            if len(receiver.events) == 3:
                break
            patience.wait(1)
            an_hour_later(service, "DeliverAgain")
        seqs = [event["data"]["seq"] for event in receiver.events]
        assert (len(seqs), seqs) == (3, sorted(seqs))
        path = f"/v1/webhooks/{made.body['hook_id']}"
        rows = service.call("GET", f"{path}/deliveries", token=admin).body["items"]
        assert sorted(row["outcome"] for row in rows) == [*("delivered",) * 3, "failed"]
        at = {"from": receiver.events[0]["time"]}
        assert service.call("POST", f"{path}/replay", at, token=admin).status == 202
        for _ in range(30):
            if receiver.tries >= 7:
                break
            patience.wait(1)
        assert (receiver.tries, receiver.forged) == (7, 0)
        assert service.call("DELETE", path, token=admin).status == 204


def test_a_file_of_balances_is_applied_by_the_worker_that_its_queue_feeds(
    service: Deployment, till: str, member_id: str
) -> None:
    assert till
    admin = service.issuer.token("staff-admin", ["admin"])
    asked = {"import_id": "move-1", "kind": "balances", "source": "old-shop"}
    made = service.call("POST", "/v1/imports", asked, token=admin)
    assert made.status == 201, made.body
    early = service.call("POST", "/v1/imports/move-1/start", token=admin)
    assert (early.status, early.body.get("reason")) == (409, "file_missing"), early.body
    content = f"row_id,email,points\n1,ada@stampbook.example,70\n2,{member_id},1\n".encode()
    upload = urllib.request.Request(made.body["upload"]["url"], content, method="PUT")
    with urllib.request.urlopen(upload) as answer:
        assert answer.status == 200
    started = service.call("POST", "/v1/imports/move-1/start", token=admin)
    assert started.status == 202, started.body
    ended = until_done(service, admin, "move-1")
    assert (ended["status"], ended["rows"]["applied"], ended["rows"]["refused"]) == ("done", 1, 1)
    with urllib.request.urlopen(ended["report"]["url"]) as report:
        assert report.read().decode().splitlines()[1].startswith('"3","2","malformed"')


def test_a_platforms_orders_and_purchases_in_bulk_come_in_with_no_more_than_the_roles_allow(
    service: Deployment, till: str, member_id: str
) -> None:
    assert till
    admin, herself = (service.issuer.token(*who) for who in (("ada", ["admin"]), (member_id,)))

    def available() -> int:
        account = service.call("GET", "/v1/members/me/account", token=herself)
        return int(account.body["available"])

    before = available()
    wanted = {"provider": "shopify", "source": "web", "secret": "shpss_0123456789abcdef"}
    shopify = service.call("POST", "/v1/connections", wanted, token=admin)
    assert shopify.status == 201, shopify.body
    order = json.loads((ROOT / "events/shopify_order_paid.json").read_text())
    order |= {"processed_at": datetime.now(UTC).isoformat(), "email": "ada@stampbook.example"}
    order |= {"customer": None}
    mac = hmac.digest(wanted["secret"].encode(), json.dumps(order).encode(), "sha256")
    signed = {"X_Shopify_Hmac_Sha256": b64encode(mac).decode(), "X_Shopify_Topic": "orders/paid"}
    path = f"/v1/providers/shopify/events/{shopify.body['connection_id']}"
    for came in ("posted", "already"):
        told = service.call("POST", path, order, **signed)
        assert (told.status, told.body["outcomes"]) == (200, [came]), told.body
    assert available() == before + 41  # of 41.50

    sqs, sender = service.client("sqs"), "000000000000"  # whom MiniStack says that all is from
    queue = {"provider": "queue", "source": "bulk", "sender": sender}
    assert service.call("POST", "/v1/connections", queue, token=admin).status == 201
    incoming = service.resources["PurchaseQueue"]
    # What a busy machine does not get done comes again sooner than in two minutes.
    sqs.set_queue_attributes(QueueUrl=incoming, Attributes={"VisibilityTimeout": "10"})
    bought = purchase("bulk-1", member_id)
    for body in ("poison", json.dumps(bought), json.dumps(bought)):
        sqs.send_message(QueueUrl=incoming, MessageBody=body)
    patience = threading.Event()  # nobody sets it: an interval, not an end
    for _ in range(60):
        if available() > before + 41:
            break
        patience.wait(1)
    assert available() == before + 41 + 50
    refused = service.resources["RefusedQueue"]
    letters = sqs.receive_message(QueueUrl=refused, WaitTimeSeconds=10)["Messages"]
    told_of = json.loads(letters[0]["Body"])
    assert (told_of["source"], told_of["problem"]["code"]) == ("bulk", "malformed_json")


def until_done(service: Deployment, admin: str, import_id: str) -> Body:
    """The import when it runs no more, within a minute."""
    patience = threading.Event()  # nobody sets it: an interval, not an end
    for _ in range(60):
        job = service.call("GET", f"/v1/imports/{import_id}", token=admin)
        assert job.status == 200, job.body
        if job.body["status"] != "running":
            break
        patience.wait(1)
    return dict(job.body)


def test_a_member_gets_a_copy_that_the_worker_of_its_queue_makes(
    service: Deployment, member_id: str
) -> None:
    herself = service.issuer.token(member_id)
    asked = service.call("POST", "/v1/members/me/export", token=herself, Idempotency_Key="my-copy")
    assert asked.status == 202, asked.body
    path = f"/v1/members/me/export/{asked.body['export_id']}"
    patience = threading.Event()  # nobody sets it: an interval, not an end
    for _ in range(60):
        seen = service.call("GET", path, token=herself)
        if seen.body["status"] != "preparing":
            break
        patience.wait(1)
    assert seen.body["status"] == "ready", seen.body
    with urllib.request.urlopen(seen.body["download_url"]) as answer:
        held = zipfile.ZipFile(io.BytesIO(answer.read()))
    assert json.loads(held.read("profile.json"))[0]["member_id"] == member_id


def test_a_key_that_nobody_made_opens_nothing(service: Deployment) -> None:
    refused = service.call("POST", "/v1/purchases", {}, token="sk_made_up")
    assert (refused.status, refused.body["code"]) == (401, "not_authenticated")


def test_all_that_the_service_needs_answers_it_with_no_more_than_its_role_allows(
    service: Deployment, till: str
) -> None:
    health = service.call("GET", "/v1/health?deep=true", token=till)
    assert (health.status, health.body["status"]) == (200, "ok"), health.body


def test_an_unknown_route_is_a_problem_document_with_cors(service: Deployment) -> None:
    unknown = service.call("GET", "/v1/nowhere")
    assert (unknown.status, unknown.body["code"]) == (404, "route_not_found")
    assert unknown.headers["content-type"] == "application/problem+json"
    assert unknown.headers["access-control-allow-origin"] == "*"
    assert unknown.body["request_id"] == unknown.headers["x-request-id"]


def test_the_contract_and_its_page_are_served_from_the_package(service: Deployment) -> None:
    document = service.call("GET", "/v1/openapi.json")
    assert (document.status, document.body["openapi"][:3]) == (200, "3.1")
    page = service.call("GET", "/v1/docs")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")


def an_hour_later(service: Deployment, worker: str) -> Body:
    """What a worker answers to its schedule."""
    hour = (ROOT / "events" / "schedule.json").read_bytes()
    answer = service.client("lambda").invoke(FunctionName=service.resources[worker], Payload=hour)
    assert "FunctionError" not in answer, answer["Payload"].read()
    return dict(json.loads(answer["Payload"].read()))


def test_the_hourly_worker_may_look_for_what_is_due(service: Deployment) -> None:
    assert an_hour_later(service, "ExpireRedemptions") == {"ended": 0, "left": 0}
    assert an_hour_later(service, "Remind") == {"letters": 0, "left": 0}


def test_the_root_of_the_day_is_made_and_signed_and_a_member_is_under_it(
    service: Deployment, member_id: str
) -> None:
    quarter = (ROOT / "events" / "schedule.json").read_bytes()
    answer = service.client("lambda").invoke(
        FunctionName=service.resources["Anchor"], Payload=quarter
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert json.loads(answer["Payload"].read())["done"] is True

    root = service.call("GET", "/v1/roots/latest")
    assert (root.status, root.body["accounts"]) == (200, 1), root.body
    herself = service.issuer.token(member_id)
    path = "/v1/members/me/entries/proof?root=latest"
    proof = service.call("GET", path, token=herself)
    assert proof.status == 200, proof.body
    assert proof.body["inclusion"]["root_date"] == root.body["root_date"]


def test_the_books_are_reconciled_by_the_worker_and_on_demand(
    service: Deployment, member_id: str
) -> None:
    assert member_id
    event = (ROOT / "events" / "schedule.json").read_bytes()
    worker = service.resources["Reconcile"]
    answer = service.client("lambda").invoke(FunctionName=worker, Payload=event)
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert json.loads(answer["Payload"].read()) == {
        "reconciliation": 1,
        "done": True,
        "breaches": 0,
    }

    admin = service.issuer.token("staff-admin", ["admin"])
    again = service.call("POST", "/v1/reconciliations", token=admin)
    assert (again.status, again.body["clean"]) == (200, True), again.body
    assert again.body["seen"]["accounts"] >= 1
    newest = service.call("GET", "/v1/reconciliations/latest", token=admin)
    assert newest.body == again.body
    liability = service.call("GET", "/v1/analytics/liability", token=admin)
    assert (liability.status, liability.body["as_of"]) == (200, again.body["as_of"])
    assert liability.body["ledger"]["difference"] == 0


def test_the_snapshot_of_the_day_is_made_with_no_more_than_its_role_allows(
    service: Deployment, member_id: str
) -> None:
    """The Athena of this MiniStack runs no SQL: what it would find is in the contract suite."""
    assert member_id
    made = an_hour_later(service, "SnapshotBase")
    assert (made["complete"], made["unread"]) == (True, 0)
    assert int(str(made["members"])) >= 1
    bucket = service.client("s3").list_objects_v2(Bucket=service.resources["SnapshotBucket"])
    names = {str(found["Key"]) for found in bucket["Contents"]}
    assert "current.json" in names
    assert any(name.startswith("all/members/part=") for name in names)


def test_an_administrator_may_look_after_the_key_of_the_roots_and_not_sign(
    service: Deployment,
) -> None:
    iam = service.client("iam")
    iam.create_user(UserName="administrator")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_user_policy(
        UserName="administrator",
        PolicyName="everything",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]}),
    )
    key = iam.create_access_key(UserName="administrator")["AccessKey"]
    kms = service.client("kms", (key["AccessKeyId"], key["SecretAccessKey"]))
    root_key = service.resources["RootKey"]

    assert kms.get_public_key(KeyId=root_key)["KeySpec"] == "ECC_NIST_P256"
    with pytest.raises(ClientError, match="AccessDenied"):
        kms.sign(KeyId=root_key, Message=b"1", SigningAlgorithm="ECDSA_SHA_256")


def test_a_member_is_erased_by_the_worker_that_alone_may_redact_and_destroy_keys(
    service: Deployment, till: str
) -> None:
    enrolled = service.call(
        "POST",
        "/v1/members",
        {
            "email": "gone@stampbook.example",
            "consents": [{"purpose": "loyalty_terms", "granted": True, "policy_version": "1"}],
        },
        token=till,
    )
    member_id = enrolled.body["member_id"]
    bought = purchase("purchase-of-who-leaves", member_id)
    assert service.call("POST", "/v1/purchases", bought, token=till).status == 201
    herself = service.issuer.token(member_id)
    asked = service.call("DELETE", "/v1/members/me", token=herself)
    assert asked.status == 202, asked.body
    erasure_id = asked.body["erasure_id"]
    held = service.call(
        "PUT",
        f"/v1/members/{member_id}/hold",
        {"reason": "a court"},
        token=service.issuer.token("staff-privacy", ["privacy"]),
    )
    assert held.status == 200, held.body
    assert an_hour_later(service, "EraseDue") == {"asked": 0}
    forget_the_days_to_think(service, service.resources["PeopleTable"], erasure_id)
    path = f"/v1/members/{member_id}/hold"
    officer = service.issuer.token("staff-privacy", ["privacy"])
    assert service.call("DELETE", path, token=officer).status == 204
    assert an_hour_later(service, "EraseDue") == {"asked": 1}
    receipt = until_erased(service, erasure_id)
    assert receipt["status"] == "erased", receipt
    assert receipt["what"]["purchases_redacted"] == 1
    again = service.call("POST", "/v1/purchases", bought, token=till)
    assert (again.status, again.body["code"]) == (410, "member_erased")


def forget_the_days_to_think(service: Deployment, table: str, erasure_id: str) -> None:
    """Let an erasure be due now, as two weeks would."""
    dynamodb = service.client("dynamodb")
    key = {"pk": {"S": f"ERASURE#{erasure_id}"}, "sk": {"S": "0"}}
    item = dynamodb.get_item(TableName=table, Key=key)["Item"]
    erasure = json.loads(item["d"]["S"])
    before, now = erasure["erase_after"], erasure["requested_at"]
    item["d"]["S"] = json.dumps(erasure | {"erase_after": now})
    dynamodb.put_item(TableName=table, Item=item)
    listed = dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "DUE#erasure"}},
    )["Items"]
    [due] = [one for one in listed if one["sk"]["S"].endswith(erasure_id)]
    dynamodb.delete_item(TableName=table, Key={"pk": due["pk"], "sk": due["sk"]})
    at = datetime.fromisoformat(now).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert before > now
    due["sk"]["S"] = f"{at}#{erasure_id}"
    dynamodb.put_item(TableName=table, Item=due)


def until_erased(service: Deployment, erasure_id: str) -> Body:
    """The receipt when there is one, within a minute."""
    patience = threading.Event()  # nobody sets it: an interval, not an end
    for _ in range(60):
        receipt = service.call("GET", f"/v1/erasures/{erasure_id}")
        assert receipt.status == 200, receipt.body
        if receipt.body["status"] == "erased":
            break
        patience.wait(1)
    return dict(receipt.body)


def test_what_has_expired_is_written_down_by_its_worker(service: Deployment, till: str) -> None:
    """An account whose points had their last day a week ago, put where the service cannot."""
    assert till
    before = datetime.now(UTC) - timedelta(days=400)
    head = opening_entry("mem_forgotten", AccountStatus.ACTIVE, before)
    after = Account(lots=(Lot(datetime.now(UTC).date() - timedelta(days=7), 12),))
    entry = next_entry(head, after, kind=EntryKind.ADJUST, cause="test", now=before)
    table, dynamodb = service.resources["LedgerTable"], service.client("dynamodb")
    for item in (entry_item(head), entry_item(entry)):
        dynamodb.put_item(TableName=table, Item=item.serialize())
    told = an_hour_later(service, "ExpirePoints")
    assert told == {"done": True, "accounts": 1, "points": 12, "left": 0}


def test_a_member_is_told_by_mail_of_points_that_expire_soon(
    service: Deployment, till: str, member_id: str
) -> None:
    assert till
    admin = service.issuer.token("staff-admin", ["admin"])
    asked = {"import_id": "move-2", "kind": "balances", "source": "old-shop"}
    made = service.call("POST", "/v1/imports", asked, token=admin)
    last = datetime.now(UTC).date() + timedelta(days=10)
    content = f"row_id,member_id,points,expires_on\nlast-days,{member_id},70,{last}\n".encode()
    upload = urllib.request.Request(made.body["upload"]["url"], content, method="PUT")
    with urllib.request.urlopen(upload) as answer:
        assert answer.status == 200
    assert service.call("POST", "/v1/imports/move-2/start", token=admin).status == 202
    assert until_done(service, admin, "move-2")["rows"]["applied"] == 1
    told = an_hour_later(service, "TellExpiring")
    assert told == {"done": True, "events": 1, "letters": 1, "left": 0}
    newest = outbox.captured(service.endpoint)[0]
    assert (newest["to"], "70 points" in newest["text"]) == ("ada@stampbook.example", True)


def test_what_the_journey_wrote_reaches_the_snapshot_by_its_queue(
    service: Deployment, member_id: str
) -> None:
    assert member_id
    bucket = service.resources["SnapshotBucket"]
    queue = service.resources["SnapshotDeadLetters"]
    found = []
    for _ in range(EVENTS_SECONDS // 5):
        listed = service.client("s3").list_objects_v2(Bucket=bucket, Prefix="changes/members/")
        found = listed.get("Contents", [])
        if found:
            break
        service.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)
    assert found


@pytest.mark.parametrize("queue", ["RelayDeadLetters", "FollowDeadLetters", "SnapshotDeadLetters"])
def test_nothing_that_the_journey_wrote_was_set_aside(service: Deployment, queue: str) -> None:
    url = service.resources[queue]
    got = service.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    assert got.get("Messages", []) == []
