"""The page of the contract in a real browser: it shows the operations and asks nobody else."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from chalicelib import wiring
from infrastructure.local.gateway import refusal
from infrastructure.local.server import Server
from tests.api.client import gateway_of
from tests.api.shell_app import services

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def api_url() -> Iterator[str]:
    """The real application, answering on a free loopback port."""
    from app import app

    wiring.install(services())
    server = Server(0, gateway_of(app).answer, refusal)
    server.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()
    wiring.install(None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    assert CHROMIUM.exists(), f"this test needs {CHROMIUM}: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser without a past."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    yield context.new_page()
    context.close()


def test_the_page_shows_the_operations_and_asks_nobody_but_the_service(
    page: Page, api_url: str
) -> None:
    asked: list[Request] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # no builtins here
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{api_url}/v1/docs")
    expect(page.get_by_text("Post a purchase", exact=True).first).to_be_visible(timeout=30_000)
    page.get_by_text("Post a purchase", exact=True).first.click()
    expect(page.get_by_text("Idempotent-Replayed").first).to_be_attached()
    page.wait_for_load_state("networkidle")
    hosts = {urlsplit(request.url).netloc for request in asked if request.url[:4] == "http"}
    assert hosts == {urlsplit(api_url).netloc}
    assert {urlsplit(request.url).path for request in asked} >= {"/v1/docs", "/v1/openapi.json"}
    assert [said for said in complaints if "error" in said.lower()] == []


def test_the_page_may_load_nothing_from_elsewhere(page: Page, api_url: str) -> None:
    answer = page.goto(f"{api_url}/v1/docs")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "http" not in policy
