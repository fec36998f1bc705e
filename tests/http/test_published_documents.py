"""The published models over HTTP: all versions in all forms, at the paths of their own IRIs, and fit for caches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from candidates import NOISE, NOISE_SHAPE, SHIPPED_VERSION, candidate, next_version
from rdflib import OWL, RDF, Graph, URIRef
from rdflib.compare import isomorphic
from stand import ENGINEER, Stand, running_stand
from werkzeug.test import TestResponse

from registry.http.model_documents import FOR_GOOD, REVALIDATED
from registry.model_pages.rendering import CONTENT_SECURITY_POLICY
from registry.publishing.founding import shipped_files
from registry.publishing.model_files import from_zip

NEXT = next_version()
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
OTHERS = """
<https://terms.example/building> a owl:Ontology ; rdfs:label "Buildings"@en .
<https://terms.example/building/Roof> a owl:Class ; rdfs:label "roof"@en ;
    skos:definition "What a PV device stands on."@en ; <https://terms.example/odd/1> "not for RDF/XML" .
<https://terms.example/sparql> a owl:Ontology ; rdfs:label "at a path that is taken"@en .
<https://terms.example/1/devices> a owl:Ontology ; rdfs:label "likewise"@en .
"""
REPAIR = "DELETE { ?d flex:maxCapacity ?m } INSERT { ?d flex:maxCapacity 4.0e0 } WHERE { ?d flex:maxCapacity ?m }"
PUBLISHED = candidate(NEXT, ontology=NOISE + OTHERS, shapes=NOISE_SHAPE, migrations=(REPAIR,))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A registry that was started anew after a second model was published."""
    folder = tmp_path_factory.mktemp("published")
    with running_stand(folder) as running:
        running.components.publisher.publish(PUBLISHED, "an engineer's name")
    with running_stand(folder) as running:
        yield running


def get(stand: Stand, path: str, accept: str = BROWSER, method: str = "GET", **headers: str) -> TestResponse:
    return stand.call(method, path, None, headers={"Accept": accept, **headers})


@pytest.mark.parametrize("path", ["/ontology", f"/ontology/{SHIPPED_VERSION}", f"/ontology/{NEXT}/", "/flexcoop/cim"])
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (BROWSER, "text/html; charset=utf-8"),
        ("*/*", "text/turtle; charset=utf-8"),
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json; charset=utf-8"),
        ("application/n-triples", "application/n-triples; charset=utf-8"),
        ("text/html;q=0.5, application/n-triples", "application/n-triples; charset=utf-8"),
        ("application/zip", "application/zip"),
        ("image/png", None),
    ],
)
def test_accept_chooses_the_form(two: Stand, path: str, accept: str, content_type: str | None) -> None:
    answer = get(two, path, accept)
    assert answer.status_code == (406 if content_type is None else 200)
    assert answer.headers["Content-Type"] == (content_type or "application/problem+json")


@pytest.mark.parametrize(
    ("path", "status", "mimetype"),
    [
        ("/ontology?format=ttl", 200, "text/turtle"),
        ("/ontology?format=html", 200, "text/html"),
        ("/ontology?format=zip", 200, "application/zip"),
        ("/ontology?format=application/ld+json", 200, "application/ld+json"),
        (f"/shapes/{NEXT}?format=rdfxml", 200, "application/rdf+xml"),
        ("/ontology/versions?format=html", 200, "text/html"),
        ("/shapes?format=zip", 406, "application/problem+json"),
        ("/ontology?format=pdf", 406, "application/problem+json"),
        ("/ontology/versions?format=ttl", 406, "application/problem+json"),
    ],
)
def test_links_choose_the_form_by_a_parameter(two: Stand, path: str, status: int, mimetype: str) -> None:
    answer = get(two, path, "image/png")
    assert (answer.status_code, answer.mimetype) == (status, mimetype)


def test_what_a_form_can_not_hold_is_not_acceptable_in_it(two: Stand) -> None:
    answer = get(two, "/ontology", "application/rdf+xml")
    assert (answer.status_code, answer.mimetype) == (406, "application/problem+json")
    assert "https://terms.example/odd/1" in answer.get_json()["detail"]
    assert get(two, f"/ontology/{SHIPPED_VERSION}", "application/rdf+xml").status_code == 200


@pytest.mark.parametrize("part", ["ontology", "shapes"])
@pytest.mark.parametrize("version", [SHIPPED_VERSION, NEXT])
def test_every_version_stays_as_it_was(two: Stand, part: str, version: str) -> None:
    files = {SHIPPED_VERSION: shipped_files(), NEXT: PUBLISHED}[version]
    expected = Graph()
    for data in files.part(part).values():
        expected.parse(data=data, format="turtle")
    found = get(two, f"/{part}/{version}", "application/n-triples")
    assert isomorphic(Graph().parse(data=found.data, format="nt"), expected)
    assert get(two, f"/{part}/{files.digest}", "application/n-triples").data == found.data
    page = get(two, f"/{part}/{version}").get_data(as_text=True)
    assert ("not in force" in page) == (version == SHIPPED_VERSION)
    assert f"Version {version}" in page


@pytest.mark.parametrize("version", [SHIPPED_VERSION, NEXT])
def test_an_archive_holds_the_model_alone(two: Stand, version: str) -> None:
    files = {SHIPPED_VERSION: shipped_files(), NEXT: PUBLISHED}[version]
    answer = get(two, f"/ontology/{version}", "application/zip")
    assert from_zip(answer.data).content == files.model
    assert answer.headers["Content-Disposition"] == f"attachment; filename=model-{version}.zip"
    assert PUBLISHED.migrations


def test_the_list_names_all_versions_and_leads_to_them(two: Stand) -> None:
    answer = get(two, "/ontology/versions", "*/*")
    assert answer.mimetype == "application/json"
    found = answer.get_json()["versions"]
    assert [(each["version"], each["in_force"]) for each in found] == [(NEXT, True), (SHIPPED_VERSION, False)]
    assert [each["model"] for each in found] == [PUBLISHED.digest, shipped_files().digest]
    assert found[0]["since"] > found[1]["since"] > "2026"
    for each in found:
        for part, path in each["links"].items():
            tag = get(two, path, "text/turtle").headers["ETag"]
            assert path.startswith(f"/{part}/")
            assert tag.startswith(f'"{each["model"]}-')
    assert "engineer's name" not in answer.get_data(as_text=True)
    page = get(two, "/ontology/versions").get_data(as_text=True)
    assert all(f'href="/ontology/{version}"' in page for version in (NEXT, SHIPPED_VERSION))


@pytest.mark.parametrize("path", ["/ontology/9.9.9", "/shapes/9.9.9", "/ontology/abc", "/shapes/versions"])
def test_an_unknown_version_is_told_which_there_are(two: Stand, path: str) -> None:
    for accept in (BROWSER, "text/turtle", "application/json"):
        answer = get(two, path, accept)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
        assert f"published are {NEXT}, {SHIPPED_VERSION}" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("path", "accept", "cached"),
    [
        ("/ontology", "text/turtle", REVALIDATED),
        ("/shapes", BROWSER, REVALIDATED),
        ("/flexcoop/cim", "text/turtle", REVALIDATED),
        ("/flexcoop/cim", BROWSER, REVALIDATED),
        (f"/ontology/{NEXT}", "text/turtle", FOR_GOOD),
        (f"/shapes/{SHIPPED_VERSION}", "application/ld+json", FOR_GOOD),
        (f"/ontology/{SHIPPED_VERSION}", "application/zip", FOR_GOOD),
        (f"/flexcoop/cim/{SHIPPED_VERSION}", "text/turtle", FOR_GOOD),
        (f"/ontology/{SHIPPED_VERSION}", BROWSER, REVALIDATED),
        ("/ontology/versions", "application/json", REVALIDATED),
        ("/ontology/versions", BROWSER, REVALIDATED),
    ],
)
def test_caches_know_how_long_and_for_whom(two: Stand, path: str, accept: str, cached: str) -> None:
    answer = get(two, path, accept)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == cached
    assert answer.headers.getlist("Vary") == ["Accept"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    head = get(two, path, accept, "HEAD")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
    assert head.headers["Content-Length"] == str(len(answer.data))
    for tag in (answer.headers["ETag"], f"W/{answer.headers['ETag']}", "*"):
        again = get(two, path, accept, **{"If-None-Match": tag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
        assert (again.headers["Cache-Control"], again.headers.getlist("Vary")) == (cached, ["Accept"])
    assert get(two, path, accept, **{"If-None-Match": '"other"'}).status_code == 200


def test_each_form_has_a_tag_of_its_own_that_names_the_model(two: Stand) -> None:
    forms = ("text/turtle", "application/ld+json", "application/n-triples", "text/html", "application/zip")
    tags = {get(two, "/ontology", form).headers["ETag"] for form in forms}
    assert len(tags) == len(forms)
    assert {tag.strip('"').partition("-")[0] for tag in tags} == {PUBLISHED.digest}


def test_every_ontology_is_found_at_the_path_of_its_iri(two: Stand) -> None:
    profile = two.components.profile
    iris = {
        str(each) for graph in (profile.ontology, profile.shapes) for each in graph.subjects(RDF.type, OWL.Ontology)
    }
    taken = ("https://terms.example/sparql", "https://terms.example/1/devices")
    for iri in sorted(iris - set(taken)):
        path = re.sub(r"https://[^/]+", "", iri)
        page = two.app.test_client().get(path, headers={"Accept": BROWSER}, follow_redirects=True)
        assert (page.status_code, page.mimetype) == (200, "text/html"), iri
        graph = Graph().parse(data=get(two, path, "text/turtle").data, format="turtle")
        assert (URIRef(iri), RDF.type, OWL.Ontology) in graph


@pytest.mark.parametrize("path", ["/sparql", "/1/devices"])
def test_no_iri_takes_the_path_of_a_door(two: Stand, path: str) -> None:
    assert get(two, path, "application/json").status_code == 401


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/building/Roof", "/ontology#//https://terms.example/building/Roof"),
        ("/building", "/ontology#//https://terms.example/building"),
    ],
)
def test_a_term_without_a_fragment_leads_to_its_entry(two: Stand, path: str, location: str) -> None:
    answer = get(two, path)
    assert (answer.status_code, answer.headers["Location"]) == (303, location)
    assert answer.headers.getlist("Vary") == ["Accept"]
    page, anchor = urldefrag(location)
    assert f'id="{anchor}"' in get(two, page).get_data(as_text=True)
    data = get(two, path, "text/turtle")
    assert (data.status_code, data.mimetype) == (200, "text/turtle")


def test_a_term_with_a_fragment_has_its_entry_on_the_page_of_its_path(two: Stand) -> None:
    page = get(two, "/flexcoop/cim").get_data(as_text=True)
    assert '<article id="HeatPump">' in page
    assert '<article id="noise">' in page
    former = get(two, f"/flexcoop/cim/{SHIPPED_VERSION}").get_data(as_text=True)
    assert '<article id="HeatPump">' in former
    assert '<article id="noise">' not in former
    assert f'href="/shapes/{SHIPPED_VERSION}#device_class"' in former
    assert '<article id="noise">' in get(two, "/flexcoop/shapes").get_data(as_text=True)
    assert '<article id="field">' in get(two, "/flexcoop/api").get_data(as_text=True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("OPTIONS", "/flexcoop/cim", 200),
        ("PUT", "/flexcoop/cim", 405),
        ("POST", "/building/Roof", 405),
        ("GET", "/flexcoop/cim/9.9.9", 404),
        ("GET", "/flexcoop/cim/HeatPump", 404),
        ("GET", "/flexcoop", 404),
        ("GET", "/", 404),
        ("POST", "/ontology/versions", 405),
        ("DELETE", f"/ontology/{NEXT}", 405),
    ],
)
def test_what_else_may_be_asked_at_these_paths(two: Stand, method: str, path: str, status: int) -> None:
    answer = get(two, path, "*/*", method)
    assert answer.status_code == status
    if status in (200, 405):
        assert {each.strip() for each in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("path", ["/ontology", "/shapes", "/ontology/versions", f"/shapes/{SHIPPED_VERSION}"])
def test_a_page_runs_under_its_policy(two: Stand, path: str) -> None:
    answer = get(two, path)
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "relations"),
    [
        ("/ontology", {"version-history": "/ontology/versions"}),
        (f"/shapes/{NEXT}", {"version-history": "/ontology/versions", "latest-version": "/shapes"}),
    ],
)
def test_links_lead_to_other_versions(two: Stand, path: str, relations: dict[str, str]) -> None:
    found = re.findall(r'<([^>]+)>; rel="([^"]+)"', get(two, path).headers["Link"])
    assert {relation: target for target, relation in found} == relations


def test_a_model_that_comes_back_is_in_force_again_and_its_page_says_so(tmp_path: Path) -> None:
    with running_stand(tmp_path) as stand:
        before = get(stand, f"/ontology/{SHIPPED_VERSION}")
        stand.components.publisher.publish(PUBLISHED, "tests")
        other = get(stand, f"/ontology/{SHIPPED_VERSION}")
        tag = get(stand, "/ontology", "text/turtle").headers["ETag"]
        back = stand.call(
            "PUT", "/ontology", ENGINEER, data=shipped_files().zipped(), content_type="application/zip",
            headers={"If-Match": tag},
        )  # fmt: skip
        assert back.status_code == 200
        again = get(stand, f"/ontology/{SHIPPED_VERSION}")
        listed = get(stand, "/ontology/versions", "*/*").get_json()["versions"]
    assert "not in force" in other.get_data(as_text=True)
    assert "not in force" not in before.get_data(as_text=True) + again.get_data(as_text=True)
    assert before.headers["ETag"] != other.headers["ETag"]
    assert [(each["version"], each["in_force"]) for each in listed] == [(SHIPPED_VERSION, True), (NEXT, False)]
    assert tag.startswith(f'"{PUBLISHED.digest}')
