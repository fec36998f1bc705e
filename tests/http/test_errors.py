"""Failures as answers: their shape, their headers, and what they don't say."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from flask import Flask, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests, Unauthorized
from werkzeug.http import parse_options_header

from registry import errors
from registry.http.body_limit import limit_body
from registry.http.errors import register_error_handlers
from registry.http.request_log import install_request_log

STATUS_OF = [
    (errors.BadRequest, 400),
    (errors.Unauthorized, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.MethodNotAllowed, 405),
    (errors.NotAcceptable, 406),
    (errors.PreconditionFailed, 412),
    (errors.ContentTooLarge, 413),
    (errors.UnsupportedMediaType, 415),
    (errors.PreconditionRequired, 428),
    (errors.ServiceUnavailable, 503),
]
ISSUES = {"availability": "unallowed value maybe", "status": {"mode": "unallowed value 9"}}
WORDS = "Insertion failure: 1 document(s) contain(s) error(s)"


def answer(failure: BaseException, path: str = "/", method: str = "GET") -> Any:
    app = Flask(__name__)

    @app.get("/")
    def view() -> ResponseReturnValue:
        raise failure

    register_error_handlers(app)
    install_request_log(app)
    return app.test_client().open(path, method=method, headers={"X-Request-Id": "r-1"})


@pytest.mark.parametrize(("kind", "status"), STATUS_OF)
def test_each_error_of_the_registry_has_its_status_and_message(kind: type[errors.RegistryError], status: int) -> None:
    found = answer(kind("This is why", headers={"X-Reason": "because"}))
    assert found.status_code == status
    assert parse_options_header(found.content_type)[0] == "application/json"
    assert found.headers["X-Reason"] == "because"
    assert found.json == {"_status": "ERR", "_error": {"code": status, "message": "This is why"}}


def test_one_invalid_document_shows_its_issues() -> None:
    found = answer(errors.ValidationFailed(WORDS, [ISSUES]))
    assert found.status_code == 422
    assert found.json == {"_status": "ERR", "_issues": ISSUES, "_error": {"code": 422, "message": WORDS}}


def test_a_list_with_an_invalid_document_shows_all_documents_in_order() -> None:
    found = answer(errors.ValidationFailed(WORDS, [{}, ISSUES], single=False))
    assert found.json == {
        "_status": "ERR",
        "_items": [{"_status": "OK"}, {"_status": "ERR", "_issues": ISSUES}],
        "_error": {"code": 422, "message": WORDS},
    }


@pytest.mark.parametrize(
    ("failure", "name", "value"),
    [
        (errors.Unauthorized("No token", headers={"WWW-Authenticate": "Bearer"}), "WWW-Authenticate", "Bearer"),
        (errors.ServiceUnavailable("Not now", headers={"Retry-After": "5"}), "Retry-After", "5"),
        (TooManyRequests(retry_after=7), "Retry-After", "7"),
        (Unauthorized(www_authenticate=None), "Content-Type", "application/json"),
    ],
)
def test_headers_of_the_failure_are_kept(failure: Exception, name: str, value: str) -> None:
    assert answer(failure).headers.getlist(name) == [value]


def test_a_path_that_does_not_exist_is_answered_in_the_same_shape() -> None:
    found = answer(errors.NotFound("-"), path="/nowhere")
    assert found.status_code == 404
    assert found.json["_error"]["code"] == 404


def test_a_method_that_does_not_exist_says_which_do() -> None:
    found = answer(errors.NotFound("-"), method="DELETE")
    assert found.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} == set(found.headers["Allow"].split(", "))
    assert found.json["_error"]["code"] == 405


def test_a_redirect_stays_one() -> None:
    app = Flask(__name__)
    app.add_url_rule("/folder/", view_func=lambda: "x", endpoint="folder")
    register_error_handlers(app)
    found = app.test_client().get("/folder")
    assert found.status_code == 308
    assert found.headers["Location"].endswith("/folder/")


def test_an_abort_with_an_answer_of_its_own_keeps_it() -> None:
    app = Flask(__name__)
    register_error_handlers(app)
    app.add_url_rule("/", view_func=lambda: abort(app.response_class("mine", 418)))
    found = app.test_client().get("/")
    assert (found.status_code, found.text) == (418, "mine")


@pytest.mark.parametrize("failure", [ValueError("secret"), KeyError("secret"), RecursionError("secret")])
def test_a_bug_shows_the_request_id_alone_and_is_logged(failure: Exception, caplog: pytest.LogCaptureFixture) -> None:
    found = answer(failure)
    assert found.status_code == 500
    assert found.json == {
        "_status": "ERR",
        "_error": {"code": 500, "message": "Internal error. If you report it, name the request: r-1"},
    }
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info is not None
    assert record.exc_info[1] is failure


def test_text_that_is_no_unicode_does_not_break_the_answer() -> None:
    assert json.loads(answer(errors.BadRequest("\ud800")).data)["_error"]["message"] == "\ud800"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Length": "10"}, b"0123456789", 200),
        ({"Content-Length": "11"}, b"01234567890", 413),
        ({"Content-Length": "10"}, b"01234", 400),
        ({"Content-Length": "0"}, b"", 200),
        ({}, b"", 200),
        ({"Content-Type": "application/json"}, b"0123456789", 200),
        ({"Content-Type": "application/json"}, b"01234567890", 413),
        ({"Content-Type": "application/ld+json; charset=utf-8"}, b"0123456789", 200),
        ({"Content-Type": "text/turtle"}, b"0123456789", 411),
        ({"Content-Type": "text/turtle"}, b"01234567890", 413),
    ],
)
def test_a_body_is_taken_whole_and_not_larger_than_allowed(headers: dict[str, str], body: bytes, status: int) -> None:
    app = Flask(__name__)

    @app.post("/")
    def view() -> ResponseReturnValue:
        return {"length": len(request.get_data())}

    register_error_handlers(app)
    limit_body(app, 10)
    environ = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": headers.pop("Content-Length", "")}
    found = app.test_client().post("/", headers=headers, environ_overrides=environ)
    assert found.status_code == status, found.text
    if status == 200:
        assert found.json == {"length": len(body)}
    else:
        assert found.json is not None
        assert found.json["_error"]["code"] == status
