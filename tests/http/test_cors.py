"""Cross-origin requests: only configured origins, never with credentials, and preflights without a token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sparql_stand import sparql_stand
from stand import SERVICE, Stand
from werkzeug.test import TestResponse

from registry.settings import ServerSettings

APP, EVIL = "https://app.example", "https://evil.example"
PATHS = ["/sparql", "/rdf-graph-store", "/queries", "/1/devices", "/1/devices/x"]


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    server = ServerSettings(cors_origins=(APP, "http://localhost:3000"))
    with sparql_stand(tmp_path_factory.mktemp("registry"), server=server) as made:
        yield made


def preflight(stand: Stand, path: str, origin: str, method: str = "GET") -> TestResponse:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization",
    }
    return stand.call("OPTIONS", path, None, headers=headers)


def cors(answer: TestResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name.startswith("Access-Control-")}


def vary(answer: TestResponse) -> set[str]:
    return {word.strip() for value in answer.headers.getlist("Vary") for word in value.split(",")}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "QUERY"])
def test_a_preflight_needs_no_token(stand: Stand, path: str, method: str) -> None:
    answer = preflight(stand, path, APP, method)
    assert (answer.status_code, answer.data) == (204, b"")
    headers = cors(answer)
    assert headers["Access-Control-Allow-Origin"] == APP
    assert method in headers["Access-Control-Allow-Methods"]
    assert {"Authorization", "Content-Type", "If-Match"} <= set(headers["Access-Control-Allow-Headers"].split(", "))
    assert int(headers["Access-Control-Max-Age"]) > 0
    assert "Origin" in vary(answer)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", [EVIL, "null", f"{APP}.evil.example", f"{APP}:8443", "HTTPS://APP.EXAMPLE", "*", ""])
def test_other_origins_are_told_nothing(stand: Stand, path: str, origin: str) -> None:
    for answer in (preflight(stand, path, origin), stand.get(path, headers={"Origin": origin})):
        assert cors(answer) == {}
        assert "Origin" in vary(answer)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("caller", [SERVICE, None])
def test_answers_and_failures_can_be_read_from_configured_origins(stand: Stand, path: str, caller: object) -> None:
    answer = stand.get(path, caller, headers={"Origin": "http://localhost:3000"})  # type: ignore[arg-type]
    headers = cors(answer)
    assert headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    exposed = set(headers["Access-Control-Expose-Headers"].split(", "))
    assert {"SPARQL-Dataset", "Query-Id", "ETag", "X-Request-Id", "X-Total-Count", "Retry-After"} <= exposed
    assert {"Origin", "Authorization", "Accept"} <= vary(answer)
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/health/live", "/sparqlx", "/10"])
def test_other_paths_are_not_for_other_origins(stand: Stand, path: str) -> None:
    answer = stand.get(path, headers={"Origin": APP})
    assert cors(answer) == {}
    assert "Origin" not in vary(answer)


def test_a_request_without_an_origin_is_answered_as_ever(stand: Stand) -> None:
    answer = stand.call("OPTIONS", "/sparql", None)
    assert (answer.status_code, cors(answer)) == (204, {})
    assert stand.call("OPTIONS", "/1/devices").headers["Allow"]


def test_every_origin_may_be_allowed_but_never_with_credentials(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = ServerSettings(cors_origins=("*",))
    with sparql_stand(tmp_path_factory.mktemp("any"), server=server) as stand:
        for answer in (preflight(stand, "/sparql", EVIL), stand.get("/1/devices", headers={"Origin": EVIL})):
            assert cors(answer)["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in answer.headers


def test_without_configuration_nobody_is_allowed(tmp_path_factory: pytest.TempPathFactory) -> None:
    with sparql_stand(tmp_path_factory.mktemp("none")) as stand:
        assert stand.components.settings.server.cors_origins == ()
        assert cors(preflight(stand, "/1/devices", APP)) == {}
        answer = stand.get("/1/devices", headers={"Origin": APP})
        assert (answer.status_code, cors(answer)) == (200, {})
