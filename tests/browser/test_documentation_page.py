"""The page of the description in a real browser: it works, under its policy, and asks no other host."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from free_ports import free_port
from playwright.sync_api import Browser, Page, sync_playwright

BIN = Path(sys.executable).parent
MISSING = "This test needs the browser chromium: install it, with `apt-get install chromium` on Debian."
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run"),
)
PATIENCE = 60_000
"""Milliseconds."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, headless=True, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run the demo on a free pair of ports."""
    number = free_port(2)
    command = [str(BIN / "der-registry"), "serve", "--demo", "--port", str(number)]
    folder = tmp_path_factory.mktemp("browser")
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("ready")
        yield number
        server.terminate()


@pytest.fixture(scope="module")
def token(port: int) -> str:
    command = [str(BIN / "der-registry"), "token", "aggregator", "--port", str(port)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


class Visit:
    """A page with all that it asked for, and all that it complained of."""

    def __init__(self, page: Page, url: str) -> None:
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page = page
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(url)
        page.locator(".opblock").first.wait_for()

    def try_out(self, operation: str) -> int:
        """Send the request of an operation as the page has filled it in, and return the status of the answer."""
        block = self.page.locator(f"#operations-{operation}")
        block.locator(".opblock-summary-control").click()
        block.get_by_role("button", name="Try it out").click()
        with self.page.expect_response(lambda response: urlsplit(response.url).path.startswith("/1")) as answered:
            block.locator(".execute").click()
        block.locator(".live-responses-table .highlight-code").first.wait_for()
        return answered.value.status

    def authorise(self, token: str) -> None:
        """Paste a token."""
        self.page.locator(".auth-wrapper .authorize").first.click()
        self.page.locator(".auth-container input").fill(token)
        self.page.locator(".auth-btn-wrapper [type=submit]").click()
        self.page.locator(".auth-btn-wrapper .btn-done").click()


@pytest.fixture
def visit(browser: Browser, port: int) -> Iterator[Visit]:
    page = browser.new_page()
    yield Visit(page, f"http://127.0.0.1:{port}/docs")
    page.close()


def test_the_page_shows_every_group_and_asks_no_other_host(visit: Visit, port: int) -> None:
    assert visit.page.url == f"http://127.0.0.1:{port}/docs/"
    assert visit.page.title() == "The interface of the DER registry"
    shown = visit.page.locator(".opblock-tag").all_inner_texts()
    groups = ["Devices", "Contracts", "History", "Events", "Virtual power plants", "Queries", "Model", "Erasures"]
    assert [each.split("\n")[0] for each in shown] == [*groups, "Server", "HEAD and OPTIONS"]
    assert visit.page.locator(".errors-wrapper").count() == 0
    assert visit.complaints == []
    assert {url.split("/")[2] for url in visit.asked if not url.startswith("data:")} == {f"127.0.0.1:{port}"}


def test_a_pasted_token_makes_requests_work(visit: Visit, token: str) -> None:
    visit.authorise(token)
    assert visit.try_out("Devices-listDevices") == 200
    assert visit.complaints == []


def test_without_a_token_requests_are_refused(visit: Visit) -> None:
    assert visit.try_out("Devices-home") == 401


def test_the_schema_of_a_device_can_be_looked_at(visit: Visit) -> None:
    block = visit.page.locator("#operations-Devices-createDevices")
    block.locator(".opblock-summary-control").click()
    assert "device_class" in block.locator(".body-param__example, .highlight-code").first.inner_text()
    assert visit.complaints == []
