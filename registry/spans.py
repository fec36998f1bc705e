"""Spans: what takes time while a request is answered. Who marks them needs not know whether anybody traces.

A tracer belongs to the request that is answered, and is found through the context; without one, a span is nothing. The
tracer itself is in `registry.monitoring`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol


class RequestSpan(Protocol):
    """The span of a whole request."""

    def current(self) -> AbstractContextManager[None]:
        """Make it the parent of spans that begin in the block."""

    def end(self, method: str, route: str | None, status: int) -> None:
        """End it, when the last byte of the answer has been handed over."""


class Tracer(Protocol):
    """Sends spans to somebody."""

    def request(self, headers: Mapping[str, str], attributes: Mapping[str, str]) -> RequestSpan:
        """Begin the span of a request, below the one that its `traceparent` names, if any (W3C Trace Context)."""

    def span(self, name: str, attributes: Mapping[str, str | int]) -> AbstractContextManager[None]:
        """Return a span for as long as a block lasts; the kind of what the block raises stands in it."""

    def close(self) -> None:
        """Send what waits, and end."""


_NONE = nullcontext()
_tracer: ContextVar[Tracer | None] = ContextVar("tracer", default=None)


def span(name: str, attributes: Mapping[str, str | int] | None = None) -> AbstractContextManager[None]:
    """Return a span of the current request; nothing where nobody traces."""
    tracer = _tracer.get()
    return _NONE if tracer is None else tracer.span(name, attributes or {})


@contextmanager
def traced_by(tracer: Tracer) -> Iterator[None]:
    """Have the spans of the block go to `tracer`."""
    token = _tracer.set(tracer)
    try:
        yield
    finally:
        _tracer.reset(token)
