"""What runs by schedules and for files in the deployed package, each with its own role."""

import urllib.request
from datetime import UTC, datetime, timedelta

from chalicelib.domain.account import Account, AccountStatus, Lot
from chalicelib.domain.entries import EntryKind, next_entry, opening_entry
from chalicelib.domain.names import new_id
from chalicelib.storage.ledger_items import entry_item
from infrastructure.local import outbox
from tests.journey.deployment import Deployment
from tests.journey.packaged.steps import an_hour_later, imported, staff, uploaded, waited_until
from tests.packaged import NEEDS_LAMBDAS_PYTHON

pytestmark = NEEDS_LAMBDAS_PYTHON


def test_the_hourly_workers_may_look_for_what_is_due(service: Deployment) -> None:
    assert an_hour_later(service, "ExpireRedemptions") == {"ended": 0, "left": 0}
    assert an_hour_later(service, "Remind") == {"letters": 0, "left": 0}


def test_the_root_of_the_day_is_made_and_signed_and_a_member_is_under_it(
    service: Deployment, member_id: str
) -> None:
    assert an_hour_later(service, "Anchor")["done"] is True
    root = service.call("GET", "/v1/roots/latest")
    assert root.status == 200, root.body
    assert root.body["accounts"] >= 1
    path = "/v1/members/me/entries/proof?root=latest"
    proof = service.call("GET", path, token=service.issuer.token(member_id))
    assert proof.status == 200, proof.body
    assert proof.body["inclusion"]["root_date"] == root.body["root_date"]


def test_the_books_are_reconciled_by_the_worker_and_on_demand(
    service: Deployment, member_id: str
) -> None:
    assert member_id
    told = an_hour_later(service, "Reconcile")
    assert told == {"reconciliation": 1, "done": True, "breaches": 0}
    admin = staff(service, "admin")
    again = service.call("POST", "/v1/reconciliations", token=admin)
    assert (again.status, again.body["clean"]) == (200, True), again.body
    assert again.body["seen"]["accounts"] >= 1
    newest = service.call("GET", "/v1/reconciliations/latest", token=admin)
    assert newest.body == again.body
    liability = service.call("GET", "/v1/analytics/liability", token=admin)
    assert (liability.status, liability.body["as_of"]) == (200, again.body["as_of"])
    assert liability.body["ledger"]["difference"] == 0


def test_what_has_expired_is_written_down_by_its_worker(service: Deployment, till: str) -> None:
    """An account whose points had their last day a week ago, put where the service cannot."""
    assert till
    before = datetime.now(UTC) - timedelta(days=400)
    head = opening_entry(new_id("mem", bytes(16)), AccountStatus.ACTIVE, before)
    after = Account(lots=(Lot(datetime.now(UTC).date() - timedelta(days=7), 12),))
    entry = next_entry(head, after, kind=EntryKind.ADJUST, cause="test", now=before)
    table, dynamodb = service.resources["LedgerTable"], service.client("dynamodb")
    for item in (entry_item(head), entry_item(entry)):
        dynamodb.put_item(TableName=table, Item=item.serialize())
    told = an_hour_later(service, "ExpirePoints")
    assert told == {"done": True, "accounts": 1, "points": 12, "left": 0}


def test_a_file_of_balances_is_applied_by_the_worker_that_its_queue_feeds(
    service: Deployment, member_id: str
) -> None:
    admin = staff(service, "admin")
    asked = {"import_id": "move-1", "kind": "balances", "source": "old-shop"}
    made = service.call("POST", "/v1/imports", asked, token=admin)
    assert made.status == 201, made.body
    early = service.call("POST", "/v1/imports/move-1/start", token=admin)
    assert (early.status, early.body.get("reason")) == (409, "file_missing"), early.body
    address = made.body["upload"]["url"]
    uploaded(address, f"row_id,email,points\n1,ada@stampbook.example,70\n2,{member_id},1\n")
    ended = imported(service, made.body)
    assert (ended["status"], ended["rows"]["applied"], ended["rows"]["refused"]) == ("done", 1, 1)
    with urllib.request.urlopen(ended["report"]["url"]) as report:
        assert report.read().decode().splitlines()[1].startswith('"3","2","malformed"')


def test_a_member_is_told_by_mail_of_points_that_expire_soon(
    service: Deployment, somebody: str
) -> None:
    asked = {"import_id": "move-2", "kind": "balances", "source": "old-shop"}
    made = service.call("POST", "/v1/imports", asked, token=staff(service, "admin"))
    last = datetime.now(UTC).date() + timedelta(days=10)
    content = f"row_id,member_id,points,expires_on\nlast-days,{somebody},70,{last}\n"
    uploaded(made.body["upload"]["url"], content)
    assert imported(service, made.body)["rows"]["applied"] == 1
    told = an_hour_later(service, "TellExpiring")
    assert told == {"done": True, "events": 1, "letters": 1, "left": 0}
    assert "70 points" in outbox.captured(service.endpoint)[0]["text"]


def test_what_members_do_reaches_the_snapshot_by_its_queue(
    service: Deployment, member_id: str
) -> None:
    assert member_id
    s3, bucket = service.client("s3"), service.resources["SnapshotBucket"]
    assert waited_until(
        lambda: "Contents" in s3.list_objects_v2(Bucket=bucket, Prefix="changes/members/")
    )
