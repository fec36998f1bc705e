"""The numbers of one running registry, in a collection of their own. The only module that imports prometheus_client.

Names follow Prometheus' practices: a prefix, base units, `_total` for what only rises. Every label has few values:
routes are templates, statuses are classes, and nothing that a client chooses becomes a label.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

logger = logging.getLogger(__name__)

PREFIX = "der_registry"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"})
"""Methods with a label of their own."""
OTHER = "other"

Read = Callable[[], float | None]
"""Gives a number when it is asked for; None while there is none."""

_REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_QUERY_SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_COMMIT_SECONDS = (0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5)
_BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 256, 1024)


class Metrics:
    """Counts what it is told, and asks for the rest when it is read."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        self._requests = Histogram(
            f"{PREFIX}_http_request_duration_seconds",
            "Seconds from a request's arrival to the last byte of its answer.",
            ("method", "route", "status"),
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._queries = Histogram(
            f"{PREFIX}_sparql_query_duration_seconds",
            "Seconds that queries took, by what became of them: ok, or the code of the problem.",
            ("role", "outcome"),
            buckets=_QUERY_SECONDS,
            registry=registry,
        )
        self._commits = Histogram(
            f"{PREFIX}_journal_commit_duration_seconds",
            "Seconds until the entries of a batch were on the disk.",
            buckets=_COMMIT_SECONDS,
            registry=registry,
        )
        self._batches = Histogram(
            f"{PREFIX}_journal_batch_entries",
            "Entries that were written to the journal together.",
            buckets=_BATCH_SIZES,
            registry=registry,
        )
        self._last_commit = Gauge(
            f"{PREFIX}_journal_last_commit_timestamp_seconds",
            "When entries were last written to the journal; 0 before the first.",
            registry=registry,
        )
        self._failures = Counter(
            f"{PREFIX}_journal_errors", "Batches that could not be written, by kind.", ("kind",), registry=registry
        )
        self._publishes = Counter(
            f"{PREFIX}_publishes", "Models that were sent to be published, by outcome.", ("outcome",), registry=registry
        )

    def request(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count an answered request.

        Args:
            method: as it was sent.
            route: the template of its path; None if none fits.
            status: of the answer.
            seconds: from its arrival to the last byte of the answer.
        """
        known = method if method in METHODS else OTHER
        self._requests.labels(known, route or OTHER, f"{status // 100}xx").observe(seconds)

    def query(self, role: str, outcome: str, seconds: float) -> None:
        """Count a query text from outside; the outcome is `ok` or the code of the problem."""
        self._queries.labels(role, outcome).observe(seconds)

    def committed(self, entries: int, seconds: float, now: float) -> None:
        """Count a batch of the journal that is on the disk, at a moment in seconds since the epoch."""
        self._commits.observe(seconds)
        self._batches.observe(entries)
        self._last_commit.set(now)

    def commit_failed(self, kind: str) -> None:
        """Count a batch that could not be written to the journal."""
        self._failures.labels(kind).inc()

    def publish(self, outcome: str) -> None:
        """Count a model that was sent to be published."""
        self._publishes.labels(outcome).inc()

    def ask(self, name: str, text: str, read: Read, *, rising: bool = False) -> None:
        """Ask for a number whenever the metrics are read.

        Args:
            name: without the prefix, and without `_total`.
            text: what it is.
            read: gives it.
            rising: whether it only ever rises.
        """
        self._registry.register(_Asked(f"{PREFIX}_{name}", text, read, rising=rising))

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Return all numbers and their media type, in the best format that an Accept header names."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type


class _Asked(Collector):
    """A number that is asked for."""

    def __init__(self, name: str, text: str, read: Read, *, rising: bool) -> None:
        self._name = name
        self._text = text
        self._read = read
        self._family = CounterMetricFamily if rising else GaugeMetricFamily

    def describe(self) -> Iterable[Metric]:
        """Return the family without a number, so that nothing is asked for at registration."""
        return [self._family(self._name, self._text)]

    def collect(self) -> Sequence[Metric]:
        """Return the family with its number, if there is one now and it can be had."""
        try:
            value = self._read()
        except Exception:
            logger.exception("the number %s can't be had", self._name)
            return []
        return [] if value is None else [self._family(self._name, self._text, value=value)]
