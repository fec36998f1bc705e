"""The log of requests: what a line says, what it never says, and the request id."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask, Response
from flask.typing import ResponseReturnValue
from werkzeug.test import TestResponse

from registry.http.headers import install_headers
from registry.http.health import health_blueprint
from registry.http.request_log import configure_logging, install_request_log, note_role
from registry.request_id import request_id


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, httpx_level = root.handlers[:], root.level, logging.getLogger("httpx").level
    stream = io.StringIO()
    configure_logging(stream=stream)
    yield stream
    logging.captureWarnings(False)
    logging.getLogger("httpx").setLevel(httpx_level)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.register_blueprint(
        health_blueprint({"store": lambda: True, "keys": lambda: False, "disk": lambda: bool(1 / 0)})
    )

    @app.route("/devices/<name>", methods=["GET", "POST"])
    def device(name: str) -> ResponseReturnValue:
        note_role("aggregator")
        logging.getLogger("registry.somewhere").warning("looking at %s", name)
        return {"id": request_id()}

    @app.get("/stream")
    def stream() -> ResponseReturnValue:
        return Response(iter(["ab", "cde"]), headers={"Vary": "accept, Origin", "Content-Security-Policy": "mine"})

    install_headers(app)
    install_request_log(app)
    return app


def get(app: Flask, path: str, **options: Any) -> TestResponse:
    """Read the answer to its end, as servers do."""
    return app.test_client().open(path, buffered=True, **options)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_has_one_line(app: Flask, log: io.StringIO) -> None:
    body = get(app, "/devices/d%C3%A9", headers={"X-Request-Id": "abc.1_2-3"}).data
    _, line = lines(log)
    assert datetime.fromisoformat(line.pop("timestamp")).tzinfo is not None
    assert line.pop("duration_ms") >= 0
    assert line == {
        "level": "INFO",
        "logger": "registry.access",
        "request_id": "abc.1_2-3",
        "method": "GET",
        "path": "/devices/dé",
        "status": 200,
        "bytes": len(body),
        "role": "aggregator",
        "remote": "127.0.0.1",
    }


def test_a_log_message_has_the_id_of_its_request(app: Flask, log: io.StringIO) -> None:
    get(app, "/devices/d", headers={"X-Request-Id": "abc"})
    message, _ = lines(log)
    assert (message["message"], message["level"], message["request_id"]) == ("looking at d", "WARNING", "abc")


def test_tokens_queries_and_bodies_are_never_logged(app: Flask, log: io.StringIO) -> None:
    headers = {"Authorization": "Bearer secret-token", "Cookie": "secret-cookie", "X-Request-Id": "secret id"}
    get(app, "/devices/d?where=secret-query", headers=headers, data="secret-body", method="POST")
    assert len(lines(log)) == 2
    assert "secret" not in log.getvalue()


@pytest.mark.parametrize("sent", ["a", "A-b_c.9", "x" * 64])
def test_a_sound_request_id_comes_back(app: Flask, sent: str) -> None:
    found = get(app, "/devices/d", headers={"X-Request-Id": sent})
    assert found.headers.getlist("X-Request-Id") == [sent]
    assert found.json == {"id": sent}


@pytest.mark.parametrize("sent", [None, "", "x" * 65, "a b", 'a"b', "é", "a,b"])
def test_any_other_request_id_is_replaced(app: Flask, sent: str | None) -> None:
    headers = {} if sent is None else {"X-Request-Id": sent}
    first, second = (get(app, "/devices/d", headers=headers).headers["X-Request-Id"] for _ in range(2))
    assert first != second
    assert re.fullmatch("[0-9a-f]{16}", first)


def test_streamed_bytes_are_counted(app: Flask, log: io.StringIO) -> None:
    assert get(app, "/stream").data == b"abcde"
    (line,) = lines(log)
    assert (line["bytes"], line["role"]) == (5, None)


def test_a_request_that_fails_early_has_its_line_too(app: Flask, log: io.StringIO) -> None:
    get(app, "/nowhere?x=y")
    (line,) = lines(log)
    assert (line["status"], line["path"]) == (404, "/nowhere")


def test_a_crash_of_the_application_has_its_line(app: Flask, log: io.StringIO) -> None:
    app.testing = True

    @app.get("/crash")
    def crash() -> ResponseReturnValue:
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        get(app, "/crash")
    assert lines(log)[-1]["status"] == 500


def test_probes_are_logged_at_debug_only(app: Flask, log: io.StringIO) -> None:
    get(app, "/health/live")
    assert lines(log) == []
    logging.getLogger().setLevel(logging.DEBUG)
    get(app, "/health/live")
    assert [line["level"] for line in lines(log)] == ["DEBUG"]


def test_an_exception_is_one_line(log: io.StringIO) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("registry.somewhere").exception("failed")
    (line,) = lines(log)
    assert "ValueError: first\nsecond" in line["exception"]
    assert "request_id" not in line or line["request_id"]


def test_the_process_is_live_whatever_the_checks_say(app: Flask) -> None:
    found = get(app, "/health/live")
    assert (found.status_code, found.json) == (200, {"status": "ok"})


def test_readiness_names_the_failing_checks_and_not_their_reasons(app: Flask, log: io.StringIO) -> None:
    found = get(app, "/health/ready")
    assert (found.status_code, found.json) == (503, {"status": "unavailable", "failing": ["keys", "disk"]})
    assert "ZeroDivisionError" in lines(log)[0]["exception"]


def test_readiness_without_a_failing_check() -> None:
    app = Flask(__name__)
    app.register_blueprint(health_blueprint({"store": lambda: True}))
    assert get(app, "/health/ready").status_code == 200


@pytest.mark.parametrize("path", ["/devices/d", "/nowhere", "/health/live"])
def test_every_answer_has_the_security_headers(app: Flask, path: str) -> None:
    headers = get(app, path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers.get("Vary") == (None if path.startswith("/health") else "Authorization, Accept")


def test_what_a_view_says_itself_stands(app: Flask) -> None:
    headers = get(app, "/stream").headers
    assert headers.getlist("Content-Security-Policy") == ["mine"]
    assert headers.getlist("Vary") == ["accept, Origin", "Authorization"]
