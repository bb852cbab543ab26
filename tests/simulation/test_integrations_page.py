"""What docs/integrations.md tells a shop's engineer to type, typed against `make run`, and what
comes in beside it: Square's events and the queue."""

import hmac
import json
import re
import shutil
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.journey.running import ROOT, Service, started

SECRET = "shpss_0123456789abcdef"
MISSING = [name for name in ("bash", "curl", "jq", "openssl", "sed") if shutil.which(name) is None]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with started(tmp_path_factory.mktemp("integrations") / "state") as running:
        yield running


def typed(page: str, service: Service) -> str:
    """The page's first two pieces of shell, for this service and not the one at the usual port."""
    first, second = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)[:2]
    text = f"set -eu -o pipefail\n{first}{second}"
    return text.replace("http://127.0.0.1:8000", service.url).replace(
        ".stampbook/", f"{service.state}/"
    )


@pytest.mark.skipif(bool(MISSING), reason=f"the page's commands need {MISSING}")
def test_what_the_page_says_posts_an_order_once_and_takes_its_refund_back(service: Service) -> None:
    said = subprocess.run(
        ["bash", "-c", typed("docs/integrations.md", service)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    answers = [json.loads(text) for text in re.findall(r"\{\"outcomes\".*?\}", said.stdout)]
    assert [answer["outcomes"] for answer in answers] == [["posted"], ["already"], ["returned"]]
    before, after = (int(points) for points in re.findall(r"\"points\": (\d+)", said.stdout))
    assert 0 < after < before


def connected(service: Service, **fields: str) -> Any:
    admin = service.local_json["tokens"]["admin"]
    reply = service.ask("POST /v1/connections", fields, token=admin)
    assert reply.status == 201, reply.body
    return reply.body


def waiting_points(service: Service, member: dict[str, str]) -> int:
    path = f"GET /v1/members/{member['member_id']}/account"
    account = service.ask(path, token=member["token"]).body
    return sum(lot["points"] for lot in account["pending"])


def test_a_payment_of_square_and_its_refund_count_at_the_address_that_was_signed(
    service: Service,
) -> None:
    address = connected(service, provider="square", source="counter", secret=SECRET)["address"]
    member = service.local_json["members"][1]

    def send(name: str, **changes: Any) -> Any:
        event = json.loads((ROOT / "events" / f"square_{name}.json").read_text())
        event["data"]["object"][event["data"]["type"]] |= changes
        raw = json.dumps(event)
        mac = hmac.digest(SECRET.encode(), (address + raw).encode(), "sha256")
        path = f"POST {address.removeprefix(service.url)}"
        headers = {"X-Square-Hmacsha256-Signature": b64encode(mac).decode()}
        return service.ask(path, raw, **headers).body["outcomes"]

    paid = {"created_at": service.now(), "buyer_email_address": member["email"]}
    had = waiting_points(service, member)
    assert send("payment_updated", **paid) == ["posted"]
    assert waiting_points(service, member) > had
    assert send("refund_updated") == ["returned"]
    assert send("payment_updated", **paid) == ["already"]
    assert waiting_points(service, member) == had


@pytest.mark.timeout(300)  # the workers do the demo's purchases first
def test_what_is_sent_to_the_queue_is_posted_under_the_source_of_who_sends_it(
    service: Service,
) -> None:
    sqs = boto3.client(
        "sqs",
        endpoint_url=service.local_json["aws_endpoint"],
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    queues = {url.rpartition("-")[2]: url for url in sqs.list_queues()["QueueUrls"]}
    member = service.local_json["members"][2]
    had, at = waiting_points(service, member), service.now()
    bought = {
        "purchase_id": "bulk-1",
        "member": {"member_id": member["member_id"]},
        "occurred_at": at,
        "currency": "EUR",
        "lines": [{"line_id": "1", "sku": "cup", "quantity": 1, "amount_minor": 5_000}],
    }
    sqs.send_message(QueueUrl=queues["PurchaseQueue"], MessageBody=json.dumps(bought))
    aside = received(sqs, queues["PurchaseDeadLetters"])
    sender = aside["Attributes"]["SenderId"]
    assert waiting_points(service, member) == had

    connected(service, provider="queue", source="nightly", sender=sender)
    sqs.send_message(QueueUrl=queues["PurchaseQueue"], MessageBody=aside["Body"])
    unknown = bought | {"purchase_id": "bulk-2", "member": {"member_id": "mem_nobody"}}
    sqs.send_message(QueueUrl=queues["PurchaseQueue"], MessageBody=json.dumps(unknown))
    told = json.loads(received(sqs, queues["RefusedQueue"])["Body"])
    assert (told["source"], told["purchase_id"]) == ("nightly", "bulk-2")
    assert told["problem"]["code"] == "member_not_found"
    assert waiting_points(service, member) > had  # it stood before the one that was refused


def received(sqs: Any, queue: str) -> Any:
    """The first message of a queue, waited for: the local AWS answers nobody else while it waits
    itself."""
    patience = threading.Event()
    for _ in range(480):
        found = sqs.receive_message(QueueUrl=queue, MessageSystemAttributeNames=["All"])
        if found.get("Messages"):
            return found["Messages"][0]
        patience.wait(0.25)
    raise AssertionError("nothing has come")
