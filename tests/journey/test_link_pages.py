"""The pages behind the links of mails, in a real browser: read first, then one button."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from chalicelib import wiring
from chalicelib.usecases.contact import Address, may_write
from infrastructure.local.gateway import refusal
from infrastructure.local.server import Server
from tests.api.client import gateway_of
from tests.api.shell_app import services
from tests.people_world import NOW, fake_people_world
from tests.reachable import MAIL, Reachable, reachable

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    assert CHROMIUM.exists(), f"this test needs {CHROMIUM}: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def ada() -> Iterator[Reachable]:
    """A member of the real application on a free loopback port, over stores in memory."""
    from app import app

    world, _ = fake_people_world()
    member = reachable(world)
    server = Server(0, gateway_of(app).answer, refusal)
    world.ports = replace(world.ports, public_url=f"http://127.0.0.1:{server.port}")
    wiring.install(replace(services(), ports=world.ports, clock=lambda: NOW))
    server.start()
    yield member
    server.stop()
    wiring.install(None)


def page_of(browser: Browser, locale: str, asked: list[Request], complaints: list[str]) -> Page:
    """A page of a browser without a past; what it asks for, and what it complains of."""
    page = browser.new_context(locale=locale).new_page()
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # no builtins here
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def test_a_member_reads_what_the_link_ends_and_ends_it_with_the_button(
    browser: Browser, ada: Reachable
) -> None:
    ada.says("offers", granted=True)
    address = may_write(ada.world.ports, ada.member_id, "offers", MAIL, NOW)
    assert isinstance(address, Address)
    asked: list[Request] = []
    complaints: list[str] = []
    page = page_of(browser, "en-GB", asked, complaints)
    page.goto(address.way_out)
    expect(page.get_by_role("heading")).to_have_text(re.compile("unsubscribe"))
    expect(page.get_by_text("offers")).to_be_visible()
    assert ada.audiences  # to read the page is not to press its button
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading")).to_have_text(re.compile("unsubscribed"))
    expect(page.get_by_role("button")).to_have_count(0)
    assert ada.audiences == set()
    assert {urlsplit(request.url).netloc for request in asked if request.url[:4] == "http"} == {
        urlsplit(address.way_out).netloc
    }
    assert complaints == []


def test_a_double_opt_in_is_confirmed_with_the_button_in_the_readers_language(
    browser: Browser, ada: Reachable
) -> None:
    ada.says("news", granted=True)
    found = re.search(r"http\S+/v1/consents/confirm/\S+", ada.world.mailbox.sent[-1].text)
    assert found is not None
    complaints: list[str] = []
    page = page_of(browser, "de-DE", [], complaints)
    page.goto(found[0])
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert ada.audiences == set()
    page.get_by_role("button", name="Ja, ich stimme zu").click()
    expect(page.get_by_role("heading")).to_have_text(re.compile("bestätigt"))
    assert ada.audiences == ada.by_records() != set()
    assert complaints == []
