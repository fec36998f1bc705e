"""A file stays a file for the front, whatever wraps it on its way, and is closed in every case."""

from __future__ import annotations

import http.client
import io
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from free_ports import free_port

from registry.http.file_answers import FILE_WRAPPER, FileAnswers, file_body
from registry.http.front import BLOCK, FileBody

CONTENT = bytes(range(256)) * 3000


class Counted:
    """A middleware's body, as a log has it."""

    def __init__(self, inner: Iterable[bytes]) -> None:
        self.inner = inner
        self.pieces: list[int] = []
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.inner:
            self.pieces.append(len(piece))
            yield piece

    def close(self) -> None:
        self.closed += 1
        self.inner.close()  # type: ignore[attr-defined]


def answered(stream: io.BytesIO, **environ: Any) -> tuple[Iterable[bytes], Counted]:
    made: list[Counted] = []

    def app(inner: dict[str, Any], _start: Any) -> Iterable[bytes]:
        made.append(Counted(file_body(inner, stream)))
        return made[0]

    body = FileAnswers(app)(dict(environ), lambda *_: None)  # type: ignore[arg-type]
    return body, made[0]


def test_a_wrapped_file_reaches_the_front_as_a_file() -> None:
    stream = io.BytesIO(CONTENT)
    body, counted = answered(stream, **{FILE_WRAPPER: FileBody})
    assert isinstance(body, FileBody)
    pieces = list(iter(lambda: body.stream.read(BLOCK), b""))
    assert b"".join(pieces) == CONTENT
    assert counted.pieces == [len(piece) for piece in pieces]
    assert max(counted.pieces) == BLOCK
    body.close()
    body.close()
    assert (counted.closed, stream.closed) == (1, True)


def test_a_file_that_breaks_off_is_closed() -> None:
    stream = io.BytesIO(CONTENT)
    body, counted = answered(stream, **{FILE_WRAPPER: FileBody})
    assert isinstance(body, FileBody)
    body.stream.read(BLOCK)
    body.close()
    assert (counted.pieces, counted.closed, stream.closed) == ([BLOCK], 1, True)


def test_other_servers_get_the_body_as_it_is() -> None:
    body, counted = answered(io.BytesIO(CONTENT))
    assert body is counted
    assert b"".join(body) == CONTENT


def test_an_answer_without_a_file_is_left_alone() -> None:
    content = [b"x"]
    body = FileAnswers(lambda *_: content)({FILE_WRAPPER: FileBody}, lambda *_: None)  # type: ignore[arg-type]
    assert body is content


PROGRAM = """
import io, sys
from flask import Flask, Response, request
from registry.http.file_answers import file_body, install_file_answers
from registry.http.health import health_blueprint
from registry.http.request_log import configure_logging, install_request_log
from registry.http.serving import serve

class Breaking(io.BytesIO):
    def read(self, size=-1):
        if self.tell() >= 500_000:
            raise OSError("the disk is gone")
        return super().read(size)

app = Flask("test")
app.register_blueprint(health_blueprint({}))

@app.get("/<kind>")
def file(kind):
    stream = (Breaking if kind == "breaking" else io.BytesIO)(bytes(1_000_000))
    response = Response(file_body(request.environ, stream), direct_passthrough=True)
    response.content_length = 1_000_000
    return response

install_request_log(app)
install_file_answers(app)
configure_logging()
serve(app, host="127.0.0.1", port=int(sys.argv[1]), on_ready=lambda: print("ready", flush=True))
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-c", PROGRAM, str(port)]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def test_a_file_that_breaks_off_can_be_told_from_a_whole_one(url: str) -> None:
    assert httpx.get(f"{url}/whole").content == bytes(1_000_000)
    with httpx.stream("GET", f"{url}/breaking") as answer:
        assert (answer.status_code, answer.headers["content-length"]) == (200, "1000000")
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
    with urllib.request.urlopen(f"{url}/breaking") as response, pytest.raises(http.client.IncompleteRead):
        response.read()
    curl = shutil.which("curl")
    if curl is not None:
        assert (
            subprocess.run(
                [curl, "-sS", "-o", "/dev/null", f"{url}/breaking"], capture_output=True, check=False
            ).returncode
            != 0
        )
    assert httpx.get(f"{url}/whole").content == bytes(1_000_000)
