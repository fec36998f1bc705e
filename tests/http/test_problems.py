"""Problem documents: each failure has a status and a code of its own, and tells nothing but what is the caller's."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from flask import Blueprint, Flask
from werkzeug.exceptions import LengthRequired

from registry.errors import NotFound, Unauthorized
from registry.http.problems import PROBLEM, UnreadableQuery, answer_with_problems
from registry.http.request_log import install_request_log
from sparql import query_engine
from sparql.protocol import UnknownMethod, UpdateRefused
from sparql.query_engine import QueryError
from sparql.refusal import QueryRefused, RefusalCode

KINDS = [kind for kind in vars(query_engine).values() if isinstance(kind, type) and issubclass(kind, QueryError)]
STATUS = {
    "query-failed": 400,
    "engine-failure": 400,
    "syntax-error": 400,
    "query-timeout": 503,
    "result-too-large": 413,
    "query-out-of-memory": 413,
    "too-many-queries": 429,
    "query-cancelled": 410,
    "not-acceptable": 406,
    "engine-unavailable": 503,
}


def answered(error: Exception) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Return status, document and headers of the answer when a view raises `error`."""
    app = Flask("test")
    blueprint = Blueprint("test", __name__)
    answer_with_problems(blueprint, lambda: {"flex": "https://w3id.org/flexcoop/cim#"})

    @blueprint.get("/")
    def fail() -> str:
        raise error

    app.register_blueprint(blueprint)
    install_request_log(app)
    answer = app.test_client().get("/", headers={"X-Request-Id": "the-request"})
    assert answer.content_type == PROBLEM
    document = json.loads(answer.text)
    assert document["request_id"] == "the-request"
    assert document["status"] == answer.status_code
    assert document["type"] == f"https://w3id.org/flexcoop/problem/{document['code']}"
    return answer.status_code, document, dict(answer.headers)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_query_error_has_its_status_and_code(kind: type[QueryError]) -> None:
    status, document, headers = answered(kind("the reason"))
    assert (status, document["code"], document["detail"]) == (STATUS[kind.code], kind.code, "The reason.")
    assert ("Retry-After" in headers) == (status in (429, 503))


def test_no_two_have_the_same_code() -> None:
    codes = Counter([*(kind.code for kind in KINDS), *RefusalCode, UpdateRefused.code])
    assert [code for code, times in codes.items() if times > 1] == []
    assert set(STATUS) == {kind.code for kind in KINDS}


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_has_its_code_and_place(code: RefusalCode) -> None:
    status, document, _ = answered(QueryRefused("Because.", code, 3, 14))
    assert status == {"update-refused": 403, "text-too-long": 413}.get(code, 400)
    assert (document["code"], document["detail"], document["line"], document["column"]) == (code, "Because.", 3, 14)


def test_an_error_of_syntax_tells_place_expectation_and_hint() -> None:
    text = "SELECT ?s WHERE {\n  ?s unknown:p ?o\n}"
    _, document, _ = answered(UnreadableQuery("error at 2:6: Prefix not found", text))
    assert (document["line"], document["code"]) == (2, "syntax-error")
    assert "unknown:p" in document["excerpt"].splitlines()[0]
    assert document["excerpt"].splitlines()[1].strip() == "^"
    assert "line 2" in document["detail"]
    assert "unknown" in document["hint"]


def test_what_is_not_acceptable_comes_with_what_is_on_offer() -> None:
    assert "text/csv" in answered(query_engine.NotAcceptableResult("no"))[1]["offers"]


def test_errors_of_the_registry_and_of_http_keep_their_headers() -> None:
    status, document, headers = answered(Unauthorized("No token", headers={"WWW-Authenticate": "Bearer"}))
    assert (status, document["code"], headers["WWW-Authenticate"]) == (401, "unauthorized", "Bearer")
    assert answered(NotFound("There is none"))[1]["code"] == "not-found"
    assert answered(LengthRequired("How long?"))[1]["code"] == "length-required"
    assert answered(UnknownMethod("No"))[2]["Allow"].startswith("GET, HEAD")


def test_a_bug_shows_nothing_but_the_request(caplog: pytest.LogCaptureFixture) -> None:
    status, document, _ = answered(ZeroDivisionError("a secret"))
    assert (status, document["code"]) == (500, "internal-error")
    assert "secret" not in json.dumps(document)
    assert "the-request" in document["detail"]
    assert "ZeroDivisionError" in caplog.text
