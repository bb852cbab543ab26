"""What members have of their rights in the deployed package: wishes, a copy, the end of it all."""

import io
import json
import urllib.request
import zipfile
from datetime import datetime

from tests.journey.deployment import Deployment
from tests.journey.packaged.steps import (
    TERMS,
    an_hour_later,
    asked_until,
    bought,
    purchase,
    staff,
)
from tests.packaged import NEEDS_LAMBDAS_PYTHON

pytestmark = NEEDS_LAMBDAS_PYTHON


def test_a_member_says_what_it_wants_and_what_for_and_both_are_kept(
    service: Deployment, somebody: str
) -> None:
    herself, mine = service.issuer.token(somebody), "/v1/members/me"
    before = service.call("GET", f"{mine}/preferences", token=herself)
    wish = before.body | {"language": "de"}
    said = service.call(
        "PUT", f"{mine}/preferences", wish, token=herself, If_Match=before.headers["etag"]
    )
    assert (said.status, said.body["language"]) == (200, "de"), said.body
    for granted in (True, False):
        wish = {"consents": [TERMS | {"purpose": "marketing_mail", "granted": granted}]}
        kept = service.call("PUT", f"{mine}/consents", wish, token=herself)
        assert kept.status == 200, kept.body
    standing = service.call("GET", f"{mine}/consents", token=herself).body["consents"]
    assert {row["purpose"]: row["granted"] for row in standing} == {
        "loyalty_terms": True,
        "marketing_mail": False,
    }


def test_a_member_gets_a_copy_that_the_worker_of_its_queue_makes(
    service: Deployment, member_id: str
) -> None:
    herself = service.issuer.token(member_id)
    asked = service.call("POST", "/v1/members/me/export", token=herself, Idempotency_Key="my-copy")
    assert asked.status == 202, asked.body
    path = f"/v1/members/me/export/{asked.body['export_id']}"
    seen = asked_until(
        lambda: service.call("GET", path, token=herself),
        lambda copy: copy["status"] != "preparing",
    )
    assert seen.body["status"] == "ready", seen.body
    with urllib.request.urlopen(seen.body["download_url"]) as answer:
        held = zipfile.ZipFile(io.BytesIO(answer.read()))
    assert json.loads(held.read("profile.json"))[0]["member_id"] == member_id


def test_a_member_is_erased_by_the_worker_that_alone_may_redact_and_destroy_keys(
    service: Deployment, till: str, somebody: str
) -> None:
    bought(service, till, somebody)
    asked = service.call("DELETE", "/v1/members/me", token=service.issuer.token(somebody))
    assert asked.status == 202, asked.body
    erasure_id = asked.body["erasure_id"]
    path, officer = f"/v1/members/{somebody}/hold", staff(service, "privacy")
    held = service.call("PUT", path, {"reason": "a court"}, token=officer)
    assert held.status == 200, held.body
    assert an_hour_later(service, "EraseDue") == {"asked": 0}
    forget_the_days_to_think(service, service.resources["PeopleTable"], erasure_id)
    assert service.call("DELETE", path, token=officer).status == 204
    assert an_hour_later(service, "EraseDue") == {"asked": 1}
    receipt = asked_until(
        lambda: service.call("GET", f"/v1/erasures/{erasure_id}"),
        lambda said: said["status"] == "erased",
    ).body
    assert receipt["status"] == "erased", receipt
    assert receipt["what"]["purchases_redacted"] == 1
    again = service.call("POST", "/v1/purchases", purchase(somebody), token=till)
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
