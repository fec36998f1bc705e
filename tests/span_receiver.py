"""A receiver of OTLP over HTTP on loopback, as a collector is one: it keeps the spans that it is sent."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue


@dataclass(frozen=True)
class Received:
    """A span as it came in.

    Attributes:
        name: its name.
        trace: the trace's id in hexadecimal digits.
        id: its own id.
        parent: the id of its parent; empty without one.
        attributes: what it says.
        failed: whether its status is an error.
        seconds: how long it lasted.
        resource: what its resource says.
    """

    name: str
    trace: str
    id: str
    parent: str
    attributes: Mapping[str, Any]
    failed: bool
    seconds: float
    resource: Mapping[str, Any]


class Receiver:
    """What was received so far, and where."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._spans: list[Received] = []
        self._come = threading.Condition()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """Take one request in."""
        message = ExportTraceServiceRequest.FromString(body)
        with self._come:
            self.paths.append(path)
            self.headers.append(headers)
            for group in message.resource_spans:
                resource = _values(group.resource.attributes)
                for scope in group.scope_spans:
                    self._spans += [_received(each, resource) for each in scope.spans]
            self._come.notify_all()

    def spans(self, request: str, within: float = 20.0) -> list[Received]:
        """Return the spans of the trace in which a request with this id was answered, waiting for that one to come."""
        with self._come:
            assert self._come.wait_for(lambda: self._trace(request) is not None, within), [s.name for s in self._spans]
            return [each for each in self._spans if each.trace == self._trace(request)]

    def _trace(self, request: str) -> str | None:
        found = (each.trace for each in self._spans if each.attributes.get("der_registry.request_id") == request)
        return next(found, None)


def _received(span: Any, resource: Mapping[str, Any]) -> Received:
    return Received(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        attributes=_values(span.attributes),
        failed=span.status.code == 2,
        seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        resource=resource,
    )


def _values(pairs: Any) -> dict[str, Any]:
    def value(pair: KeyValue) -> Any:
        return getattr(pair.value, str(pair.value.WhichOneof("value")))

    return {pair.key: value(pair) for pair in pairs}


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            receiver.take(self.path, dict(self.headers), body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield receiver
        server.shutdown()
