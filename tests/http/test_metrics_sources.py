"""What the parts of a running registry tell: requests, queries, the journal, the store and publishes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from candidates import candidate, next_version
from metric_numbers import numbers
from sparql_stand import sparql_stand
from stand import AGGREGATOR, ENGINEER, PROSUMER, SERVICE, Stand, device

from registry.monitoring import Metrics
from registry.settings import SandboxSection

ID = device()["device_id"]


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    section = SandboxSection(workers=1, memory=512 * 2**20)
    with sparql_stand(tmp_path_factory.mktemp("registry"), sandbox=section) as made:
        made.components.engine.start()
        yield made


class Difference:
    """How much each number rose."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._before = numbers(metrics)

    def __getitem__(self, name: str) -> float:
        key = f"der_registry_{name}"
        return numbers(self._metrics).get(key, 0.0) - self._before.get(key, 0.0)


@pytest.fixture
def rise(stand: Stand) -> Difference:
    return Difference(stand.components.metrics)


def counted(method: str, route: str, status: str) -> str:
    return f"http_request_duration_seconds_count{{method={method},route={route},status={status}}}"


def test_requests_are_counted_by_route_whatever_their_path(stand: Stand, rise: Difference) -> None:
    asked = {"/1/devices?max_results=1": SERVICE, "/1/devices": None}
    asked |= dict.fromkeys((f"/1/devices/{ID}", "/1/devices/nothing", "/no/such/path"), SERVICE)
    for path, caller in asked.items():
        stand.get(path, caller).close()  # a request is over when its answer is closed
    assert rise[counted("GET", "/1/devices", "2xx")] == 1
    assert rise[counted("GET", "/1/devices", "4xx")] == 1
    assert rise[counted("GET", "/1/devices/<device_id>", "4xx")] == 2
    assert rise[counted("GET", "other", "4xx")] == 1


QUERIES = [
    ("SELECT * { ?s ?p ?o } LIMIT 1", "ok"),
    ("SELECT * {", "syntax-error"),
    ("SELECT * { SERVICE <urn:x> { ?s ?p ?o } }", "service-refused"),
    ("INSERT DATA { <urn:a> <urn:b> 1 }", "update-refused"),
    ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", "result-too-large"),
]


@pytest.mark.parametrize(("text", "outcome"), QUERIES, ids=[outcome for _, outcome in QUERIES])
def test_queries_are_counted_by_role_and_outcome(text: str, outcome: str, stand: Stand, rise: Difference) -> None:
    stand.call("POST", "/sparql", PROSUMER, data=text, content_type="application/sparql-query")
    assert rise[f"sparql_query_duration_seconds_count{{outcome={outcome},role=prosumer}}"] == 1


def test_the_sandbox_tells_its_load(stand: Stand) -> None:
    found = numbers(stand.components.metrics)
    names = ("sandbox_workers", "sandbox_workers_busy", "sandbox_queries_waiting")
    assert [found[f"der_registry_{name}"] for name in names] == [1, 0, 0]
    assert found["der_registry_sandbox_worker_restarts_total"] >= 0


def test_a_change_is_a_batch_of_the_journal(stand: Stand, rise: Difference) -> None:
    stand.add(device(1), device(2), device(3))
    stand.patch(ID, {"max_capacity": 5}, AGGREGATOR)
    assert rise["journal_commit_duration_seconds_count"] == 2
    assert rise["journal_batch_entries_sum"] == 4
    assert rise["journal_entries_total"] == 4
    assert rise["journal_last_commit_timestamp_seconds"] > 0
    found = numbers(stand.components.metrics)
    path = stand.components.recorder.journal.path
    assert found["der_registry_journal_size_bytes"] >= path.stat().st_size > 0
    assert found["der_registry_journal_writable"] == 1


def test_a_change_that_can_not_be_recorded_is_counted_by_kind(
    stand: Stand, rise: Difference, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(stand.components.recorder.journal.path, isolation_level=None)
    stand.components.recorder.journal._connection.execute("PRAGMA busy_timeout = 10")
    other.execute("BEGIN IMMEDIATE")
    assert stand.call("POST", "/1/devices", SERVICE, json=device(9)).status_code == 503
    other.execute("ROLLBACK")
    other.close()
    assert rise["journal_errors_total{kind=ServiceUnavailable}"] == 1
    assert rise["journal_commit_duration_seconds_count"] == 0


def test_the_store_tells_its_size_and_how_many_devices_it_has(tmp_path: Path) -> None:
    with sparql_stand(tmp_path) as stand:
        stand.add(device(1), device(2, aggregator_id="coop-b.example"))
        found = numbers(stand.components.metrics)
        assert found["der_registry_devices"] == 2
        assert found["der_registry_store_size_bytes"] > 1_000
        stand.add(device(3))
        assert numbers(stand.components.metrics)["der_registry_devices"] == 2  # as it was some seconds ago


def test_nobody_listens_to_events(stand: Stand) -> None:
    assert numbers(stand.components.metrics)["der_registry_event_listeners"] == 0


def test_publishes_are_counted_by_outcome(stand: Stand, rise: Difference) -> None:
    tag = stand.get("/ontology", None).headers["ETag"]
    body = candidate(next_version("patch")).zipped()
    for headers, query in (({"If-Match": '"old"'}, ""), ({"If-Match": tag}, "?dry_run=true"), ({"If-Match": tag}, "")):
        stand.call("PUT", f"/ontology{query}", ENGINEER, data=body, content_type="application/zip", headers=headers)
    for outcome in ("PreconditionFailed", "rehearsed", "published"):
        assert rise[f"publishes_total{{outcome={outcome}}}"] == 1
