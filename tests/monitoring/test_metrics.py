"""The numbers themselves: what is counted under which labels, what is asked for when, and how it is written."""

from __future__ import annotations

import logging

import pytest
from metric_numbers import numbers

from registry.monitoring import Metrics
from registry.monitoring.seldom import Seldom

REQUESTS = [
    (("GET", "/1/devices", 200), "method=GET,route=/1/devices,status=2xx"),
    (("PATCH", "/1/devices/<device_id>", 412), "method=PATCH,route=/1/devices/<device_id>,status=4xx"),
    (("GET", None, 404), "method=GET,route=other,status=4xx"),
    (("BREW", None, 405), "method=other,route=other,status=4xx"),
    (("POST", "/sparql", 503), "method=POST,route=/sparql,status=5xx"),
]


@pytest.mark.parametrize(("request_", "labels"), REQUESTS, ids=[labels for _, labels in REQUESTS])
def test_a_request_is_counted_by_method_route_and_class_of_status(
    request_: tuple[str, str | None, int], labels: str
) -> None:
    metrics = Metrics()
    metrics.request(*request_, 0.03)
    metrics.request(*request_, 0.3)
    found = numbers(metrics)
    name = "der_registry_http_request_duration_seconds"
    assert found[f"{name}_count{{{labels}}}"] == 2
    assert found[f"{name}_sum{{{labels}}}"] == pytest.approx(0.33)
    within = {key: value for key, value in found.items() if key.startswith(f"{name}_bucket{{le=0.05,{labels}")}
    assert list(within.values()) == [1]


def test_what_is_told_is_counted() -> None:
    metrics = Metrics()
    metrics.query("prosumer", "ok", 0.2)
    metrics.query("prosumer", "query-timeout", 5.0)
    metrics.committed(3, 0.0004, now=1_700_000_000.0)
    metrics.commit_failed("InsufficientStorage")
    metrics.publish("published")
    found = numbers(metrics)
    expected = {
        "sparql_query_duration_seconds_count{outcome=ok,role=prosumer}": 1,
        "sparql_query_duration_seconds_count{outcome=query-timeout,role=prosumer}": 1,
        "journal_commit_duration_seconds_count": 1,
        "journal_commit_duration_seconds_bucket{le=0.0005}": 1,
        "journal_commit_duration_seconds_bucket{le=0.0001}": 0,
        "journal_batch_entries_sum": 3,
        "journal_last_commit_timestamp_seconds": 1_700_000_000,
        "journal_errors_total{kind=InsufficientStorage}": 1,
        "publishes_total{outcome=published}": 1,
    }
    assert {name: found[f"der_registry_{name}"] for name in expected} == expected


def test_the_process_is_told_of_and_two_registries_share_nothing() -> None:
    one, other = Metrics(), Metrics()
    one.publish("published")
    assert numbers(one)["process_resident_memory_bytes"] > 10_000_000
    assert "der_registry_publishes_total{outcome=published}" not in numbers(other)


def test_a_number_is_asked_for_when_it_is_read_and_left_out_while_there_is_none() -> None:
    metrics = Metrics()
    values: list[float | None] = [None, 1.0, 2.0]
    asked = 0

    def read() -> float | None:
        nonlocal asked
        asked += 1
        return values[asked - 1]

    metrics.ask("waiting", "How many wait.", read)
    metrics.ask("served", "How many were served.", lambda: 5, rising=True)
    assert asked == 0
    assert "der_registry_waiting" not in numbers(metrics)
    assert numbers(metrics)["der_registry_waiting"] == 1
    assert numbers(metrics)["der_registry_waiting"] == 2
    values.append(3.0)
    assert numbers(metrics)["der_registry_served_total"] == 5


def test_a_number_that_can_not_be_had_keeps_no_other_from_being_read(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()

    def fail() -> float:
        raise OSError("the disk is gone")

    metrics.ask("size", "How large.", fail)
    metrics.ask("age", "How old.", lambda: 4)
    with caplog.at_level(logging.ERROR):
        found = numbers(metrics)
    assert found["der_registry_age"] == 4
    assert "der_registry_size" not in found
    assert "der_registry_size can't be had" in caplog.text


@pytest.mark.parametrize(
    ("accept", "media_type", "end"),
    [
        ("", "text/plain; version=0.0.4", b"\n"),
        ("*/*", "text/plain; version=0.0.4", b"\n"),
        ("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "application/openmetrics-text", b"# EOF\n"),
    ],
)
def test_the_format_is_the_one_that_is_asked_for(accept: str, media_type: str, end: bytes) -> None:
    body, found = Metrics().exposition(accept)
    assert found.startswith(media_type)
    assert body.endswith(end)
    assert b"# HELP der_registry_journal_batch_entries " in body


def test_what_costs_something_is_found_out_now_and_then() -> None:
    moments, found = iter([0.0, 1.0, 14.9, 15.0, 29.0, 30.0]), 0

    def read() -> float:
        nonlocal found
        found += 1
        return float(found)

    seldom = Seldom(read, 15.0, lambda: next(moments))
    assert [seldom() for _ in range(6)] == [1, 1, 1, 2, 2, 3]
