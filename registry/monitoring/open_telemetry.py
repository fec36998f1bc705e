"""Spans by OpenTelemetry, sent as OTLP over HTTP. The only module that imports opentelemetry; it sets no global.

Names of spans and attributes follow the semantic conventions for HTTP and databases. The environment variables of the
SDK (OTEL_TRACES_SAMPLER, OTEL_RESOURCE_ATTRIBUTES, OTEL_EXPORTER_OTLP_HEADERS, …) count, but for the endpoint.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

DEFAULT_NAME = "der-registry"
PATH = "/v1/traces"


class OpenTelemetryTracer:
    """Sends spans to an OTLP receiver, in batches and from a thread of its own.

    Args:
        endpoint: the receiver's URL, with or without `/v1/traces`.
        service_name: what the spans are said to be of; None for OTEL_SERVICE_NAME, else der-registry.
    """

    def __init__(self, endpoint: str, service_name: str | None) -> None:
        url = endpoint if endpoint.endswith(PATH) else f"{endpoint.rstrip('/')}{PATH}"
        name = service_name or os.environ.get("OTEL_SERVICE_NAME") or DEFAULT_NAME
        self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
        self._tracer = self._provider.get_tracer(DEFAULT_NAME)
        self._context = TraceContextTextMapPropagator()

    def request(self, headers: Mapping[str, str], attributes: Mapping[str, str]) -> _Request:
        """Begin the span of a request, below the one that its `traceparent` names, if any."""
        parent = self._context.extract(headers)
        return _Request(self._tracer.start_span("request", parent, SpanKind.SERVER, attributes))

    @contextmanager
    def span(self, name: str, attributes: Mapping[str, str | int]) -> Iterator[None]:
        """Return a span for as long as a block lasts; the kind of what the block raises stands in it."""
        found = self._tracer.start_span(name, attributes=attributes)
        with use_span(found, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            try:
                yield
            except BaseException as error:  # its words may quote a query or a document, so only its kind is told
                found.set_attribute("error.type", type(error).__name__)
                found.set_status(Status(StatusCode.ERROR))
                raise

    def close(self) -> None:
        """Send what waits, and end."""
        self._provider.shutdown()


class _Request:
    """The span of a whole request."""

    def __init__(self, span: Span) -> None:
        self._span = span

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make it the parent of spans that begin in the block."""
        with use_span(self._span, record_exception=False, set_status_on_exception=False):
            yield

    def end(self, method: str, route: str | None, status: int) -> None:
        """End it: with the template of the path in its name, so that there are few names."""
        self._span.update_name(f"{method} {route}" if route else method)
        if route:
            self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()
