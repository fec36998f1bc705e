"""The server as a process of its own, asked over real HTTP."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from free_ports import free_port

from registry.http.front import FileAnswer, FileBody, _Job
from registry.http.serving import ListenError, free_address

PROGRAM = """
import sys, time
from flask import Flask, request
from registry.http.body_limit import limit_body
from registry.http.errors import register_error_handlers
from registry.http.health import health_blueprint
from registry.http.request_log import configure_logging, install_request_log
from registry.http.serving import ListenError, serve

app = Flask("test")
app.register_blueprint(health_blueprint({}))
taken = []

@app.get("/slow")
def slow():
    sys.stdout.write("working\\n")  # in one piece: several threads say it
    sys.stdout.flush()
    time.sleep(0.5)
    return "finished"

@app.post("/body")
def body():
    taken.append(len(request.get_data()))
    return taken

@app.get("/taken")
def taken_so_far():
    return taken

register_error_handlers(app)
limit_body(app, 100_000)
install_request_log(app)
configure_logging()
try:
    serve(app, host=sys.argv[1], port=int(sys.argv[2]), on_ready=lambda: print("ready", flush=True))
except ListenError as error:
    sys.exit(str(error))
print("ended")
"""
Start: TypeAlias = Callable[[str, int], "subprocess.Popen[str]"]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    started: list[subprocess.Popen[str]] = []

    def run(host: str, port: int) -> subprocess.Popen[str]:
        command = [sys.executable, str(program), host, str(port)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("localhost", "localhost"), ("::1", "[::1]")])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_once_it_is_ready_and_ends_cleanly(
    start: Start, port: int, host: str, shown: str, number: signal.Signals
) -> None:
    server = start(host, port)
    assert line(server) == "ready"
    assert httpx.get(f"http://{shown}:{port}/health/live").json() == {"status": "ok"}
    server.send_signal(number)
    assert server.communicate(timeout=20) == ("ended\n", "")
    assert server.returncode == 0


def test_requests_in_flight_are_finished(start: Start, port: int) -> None:
    server = start("127.0.0.1", port)
    assert line(server) == "ready"
    with ThreadPoolExecutor() as pool:
        answers = [pool.submit(httpx.get, f"http://127.0.0.1:{port}/slow") for _ in range(3)]
        assert [line(server) for _ in answers] == ["working"] * 3
        server.terminate()
        assert [answer.result().text for answer in answers] == ["finished"] * 3
    assert server.wait(timeout=20) == 0


def test_a_connection_that_is_kept_open_does_not_keep_it_from_ending(start: Start, port: int) -> None:
    server = start("127.0.0.1", port)
    assert line(server) == "ready"
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        client.get("/health/live")
        server.terminate()
        assert server.wait(timeout=20) == 0


def test_a_port_in_use_is_refused_although_both_servers_could_share_it(start: Start, port: int) -> None:
    first = start("127.0.0.1", port)
    assert line(first) == "ready"
    second = start("127.0.0.1", port)
    assert second.communicate(timeout=20) == ("", f"can't listen on 127.0.0.1 port {port}: Address already in use\n")
    assert second.returncode == 1
    with pytest.raises(ListenError, match=str(port)):
        free_address("0.0.0.0", port)


def test_a_killed_server_leaves_its_port_free(start: Start, port: int) -> None:
    first = start("127.0.0.1", port)
    assert line(first) == "ready"
    first.kill()
    first.wait()
    second = start("127.0.0.1", port)
    assert line(second) == "ready"


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_a_host_that_is_not_ours_is_refused(host: str, port: int) -> None:
    with pytest.raises(ListenError, match=host):
        free_address(host, port)


def test_a_name_becomes_an_address(port: int) -> None:
    assert free_address("localhost", port) == "127.0.0.1"
    assert free_address("::1", port) == "::1"


HEAD = b"POST /body HTTP/1.1\r\nHost: here\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([HEAD + b"Content-Length: 200000\r\n\r\n", b"x" * 90_000], id="too long, half of it"),
        pytest.param([HEAD + b"Content-Length: 90000\r\n\r\n", b"x" * 80_000], id="with a length"),
        pytest.param([CHUNKED + b"\r\n5\r\nhello\r\n"], id="in chunks"),
        pytest.param([CHUNKED + b"\r\n5\r\nhello\r\nZ"], id="in chunks, one malformed"),
    ],
)
def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(start: Start, port: int, parts: list[bytes]) -> None:
    server = start("127.0.0.1", port)
    assert line(server) == "ready"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for part in parts:
            connection.sendall(part)
    assert server.stderr is not None
    logged = json.loads(server.stderr.readline())
    assert (logged["path"], logged["status"] // 100) == ("/body", 4)
    assert httpx.get(f"http://127.0.0.1:{port}/taken").json() == []


@pytest.mark.parametrize(
    ("media_type", "size", "status"),
    [
        ("application/json", 100_000, 200),
        ("application/json", 100_001, 413),
        ("text/turtle", 100, 411),
        ("text/turtle", 100_001, 413),
    ],
)
def test_a_body_in_chunks_is_counted(start: Start, port: int, media_type: str, size: int, status: int) -> None:
    server = start("127.0.0.1", port)
    assert line(server) == "ready"
    chunks = (b"x" * min(7_000, size - at) for at in range(0, size, 7_000))
    answer = httpx.post(f"http://127.0.0.1:{port}/body", content=chunks, headers={"Content-Type": media_type})
    assert answer.status_code == status
    assert answer.json() == [size] if status == 200 else answer.json()["_error"]["code"] == status


@pytest.mark.parametrize("with_file", [False, True])
def test_a_request_that_ends_after_the_server_harms_nothing(with_file: bool) -> None:
    loop = asyncio.new_event_loop()
    job = _Job({}, None, loop)
    loop.close()
    stream = io.BytesIO(b"rest")
    job.finish(FileAnswer(200, [], FileBody(stream)) if with_file else None)
    assert stream.closed == with_file
