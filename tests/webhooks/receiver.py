"""A receiver of webhooks: a real HTTP server that verifies signatures with the library of Standard Webhooks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

Answer = tuple[int, dict[str, str]]
TAKEN: Answer = (204, {})


@dataclass
class Receiver:
    """What it got, and what it answers.

    Attributes:
        url: where it listens.
        secret: with which deliveries must be signed.
        answer: says what to answer to the delivery of an id.
        taken: payloads that were answered with success, with their ids.
        asked: the time and the id of every request.
        unsigned: requests whose signature did not hold.
    """

    url: str
    secret: str = ""
    answer: Callable[[str], Answer] = lambda _: TAKEN
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asked: list[tuple[float, str]] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return self.url.rpartition("/")[0]

    def got(self, number: int, within: float = 30.0) -> list[tuple[str, dict[str, Any]]]:
        """Wait for so many deliveries, and return all."""
        deadline = time.monotonic() + within
        while len(self.taken) < number:
            assert time.monotonic() < deadline, f"{len(self.taken)} of {number} came, {len(self.asked)} were tried"
            time.sleep(0.01)
        return list(self.taken)

    def take(self, headers: dict[str, str], body: bytes) -> Answer:
        identifier = headers.get("webhook-id", "")
        self.asked.append((time.monotonic(), identifier))
        try:
            payload = Webhook(self.secret).verify(body, headers)
        except (WebhookVerificationError, ValueError) as error:
            self.unsigned.append(str(error))
            return 401, {}
        answer = self.answer(identifier)
        if answer[0] < 300:
            self.taken.append((identifier, payload))
        return answer


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on loopback."""
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
            content = b"" if status == 204 else json.dumps({"ignored": "x" * 1000}).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if content:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield receiver
        server.shutdown()
