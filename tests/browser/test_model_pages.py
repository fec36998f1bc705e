"""The pages of the model in a real browser: the IRI of a term leads to its entry, and a hostile label stays text."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from candidates import SHIPPED_VERSION, candidate, next_version
from playwright.sync_api import Browser, Page, sync_playwright
from stand import running_stand
from test_documentation_page import MISSING, OPTIONS, PATIENCE

HOSTILE = "<img src=x onerror=document.title='taken'>"
TERMS = f"""
flex:Odd a owl:Class ; rdfs:label "{HOSTILE}"@en ;
    skos:definition "</style><script>document.title='taken'</script>"@en ;
    rdfs:seeAlso <javascript:document.title='taken'> .
<https://terms.example/parts> a owl:Ontology ; rdfs:label "parts"@en .
<https://terms.example/parts/Roof> a owl:Class ; rdfs:label "roof"@en ; skos:definition "What is above."@en .
"""


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry that answers on a port."""
    with running_stand(tmp_path_factory.mktemp("pages")) as stand:
        stand.components.publisher.publish(candidate(next_version(), ontology=TERMS), "tests")
        with make_server("127.0.0.1", 0, stand.app, handler_class=Quiet) as server:
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium")
    if found is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, headless=True, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    page.set_default_timeout(PATIENCE)
    yield page
    page.close()


def visit(page: Page, url: str) -> list[str]:
    """Go to an address, and return what the browser complains of."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    return complaints


def in_view(page: Page, words: str) -> bool:
    """Tell whether the entry that the address names is what one sees, and holds `words`."""
    entry = page.locator("article:target")
    box = entry.bounding_box()
    return box is not None and 0 <= box["y"] < 100 and words in entry.inner_text()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/flexcoop/cim#HeatPump", "An HVAC device that moves heat"),
        ("/flexcoop/shapes#max_capacity", "max_capacity must be one number, in kW."),
        (f"/flexcoop/cim/{SHIPPED_VERSION}#maxCapacity", "The most power that the device can take or give."),
        ("/flexcoop/api#field", "The name of the field in JSON."),
        ("/parts/Roof", "roof"),
        ("/flexcoop/cim/alignments/saref", "Alignment of the FLEXCoop CIM with SAREF"),
    ],
)
def test_the_iri_of_a_term_leads_to_its_entry(base: str, page: Page, path: str, words: str) -> None:
    complaints = visit(page, base + path)
    assert in_view(page, words)
    assert complaints == []


def test_links_lead_from_entry_to_entry_on_a_phone(base: str, page: Page) -> None:
    complaints = visit(page, f"{base}/ontology")
    page.get_by_role("navigation", name="Contents").get_by_role("link", name="Properties").click()
    assert page.locator("h2:target").inner_text() == "Properties"
    page.locator("[id=maxCapacity]").get_by_role("link", name="max_capacity").click()
    assert in_view(page, "maximum capacity")
    page.get_by_role("link", name="Versions", exact=True).click()
    page.get_by_role("link", name="ontology", exact=True).last.click()
    assert page.url == f"{base}/ontology/{SHIPPED_VERSION}"
    width = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert page.evaluate(width) is True
    assert complaints == []


def test_a_hostile_label_is_text(base: str, page: Page) -> None:
    complaints = visit(page, f"{base}/flexcoop/cim#Odd")
    entry = page.locator("article:target")
    assert HOSTILE in entry.locator("h3").inner_text()
    assert "</style><script>" in entry.inner_text()
    assert page.locator("img, script").count() == 0
    assert entry.locator("a[href^=javascript]").count() == 0
    assert "taken" not in page.title()
    assert complaints == []


def test_the_policy_stops_what_escaping_would_let_through(base: str, page: Page) -> None:
    visit(page, f"{base}/ontology")
    run = "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.taken = 1\">')"
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(run)
    assert page.evaluate("window.taken") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_by_day_and_by_night(base: str, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    visit(page, f"{base}/ontology")
    colours = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        ".map(each => each.match(/[0-9]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0))"
    )
    assert (colours[0] < colours[1]) == (scheme == "light")
    assert abs(colours[0] - colours[1]) > 400
