"""The description over HTTP: open to everybody, kept by clients, and a page that needs no other host."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sparql_stand import sparql_stand
from stand import SERVICE, Stand

from registry.http.self_description import CONTENT_SECURITY_POLICY
from registry.openapi import description
from registry.settings import ServerSettings

APP = "https://app.example"
FILES = {
    "/openapi.json": "application/json",
    "/docs/": "text/html; charset=utf-8",
    "/docs/start.js": "text/javascript; charset=utf-8",
    "/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "/docs/swagger-ui.css": "text/css; charset=utf-8",
    "/docs/favicon-32x32.png": "image/png",
}
EACH_FILE = pytest.mark.parametrize("path", FILES)


@EACH_FILE
def test_everybody_may_read_it(stand: Stand, path: str) -> None:
    answer = stand.get(path, None)
    assert (answer.status_code, answer.content_type) == (200, FILES[path])
    assert answer.data
    assert stand.get(path, None, headers={"Authorization": "Bearer nonsense"}).data == answer.data
    assert stand.get(path, SERVICE).data == answer.data


@EACH_FILE
def test_it_is_sent_again_only_when_it_has_changed(stand: Stand, path: str) -> None:
    first = stand.get(path, None)
    assert first.headers["Cache-Control"] == "no-cache"
    for tag in (first.headers["ETag"], f"W/{first.headers['ETag']}", f'"x", {first.headers["ETag"]}', "*"):
        again = stand.get(path, None, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    assert stand.get(path, None, headers={"If-None-Match": '"x"'}).status_code == 200


@EACH_FILE
def test_head_has_the_headers_alone(stand: Stand, path: str) -> None:
    get, head = stand.get(path, None), stand.call("HEAD", path, None)
    assert head.data == b""
    assert [head.headers[name] for name in ("Content-Length", "ETag")] == [
        get.headers[name] for name in ("Content-Length", "ETag")
    ]


def test_the_document_is_that_of_the_profile_in_force(stand: Stand) -> None:
    found = description(stand.components.profile)
    answer = stand.get("/openapi.json", None)
    assert (answer.data, answer.headers["ETag"]) == (found.body, f'"{found.tag}"')


def test_the_home_leads_to_it(stand: Stand) -> None:
    links = stand.get("/1/").headers["Link"]
    found = {relation: target for target, relation in re.findall(r'<([^>]+)>; rel="([^"]+)"', links)}
    assert found == {"service-desc": "/openapi.json", "service-doc": "/docs/", "describedby": "/ontology"}
    assert [stand.get(target, None).status_code for target in found.values()] == [200, 200, 200]


def test_the_page_is_found_without_its_slash(stand: Stand) -> None:
    answer = stand.get("/docs", None)
    assert (answer.status_code, answer.headers["Location"]) == (308, "docs/")
    assert stand.app.test_client().get("/docs", follow_redirects=True).request.path == "/docs/"


def test_the_page_has_a_policy_that_knows_no_other_host(stand: Stand) -> None:
    answer = stand.get("/docs/", None)
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    sources = {word for part in CONTENT_SECURITY_POLICY.split(";") for word in part.split()[1:]}
    assert {word for word in sources if not word.startswith("'sha256-")} == {"'none'", "'self'", "data:"}
    assert "//" not in re.sub(r"<!.*?>", "", answer.text)


def test_the_page_names_only_files_that_there_are(stand: Stand) -> None:
    named = re.findall(r'(?:src|href)="([^"]+)"', stand.get("/docs/", None).text)
    assert len(named) == 5
    for each in named:
        assert stand.get(each.replace("..", "") if each.startswith("..") else f"/docs/{each}", None).status_code == 200


@pytest.mark.parametrize(
    "name", ["x", "index.html", "swagger-ui.js", "oauth2-redirect.html", "../server.py", "..%2fserver.py", "%00", "a/b"]
)
def test_other_files_are_404(stand: Stand, name: str) -> None:
    answer = stand.get(f"/docs/{name}", None)
    assert answer.status_code == 404
    assert (answer.json or {})["_status"] == "ERR"


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with sparql_stand(tmp_path_factory.mktemp("registry"), server=ServerSettings(cors_origins=(APP,))) as made:
        yield made


def test_pages_of_allowed_origins_may_read_the_document(configured: Stand) -> None:
    for origin, allowed in ((APP, APP), ("https://evil.example", None)):
        answer = configured.get("/openapi.json", None, headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    assert "Access-Control-Allow-Origin" not in configured.get("/docs/", None, headers={"Origin": APP}).headers
