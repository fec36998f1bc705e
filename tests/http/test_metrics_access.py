"""Who may read `/metrics`, and that Prometheus can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sparql_stand import sparql_stand
from stand import AGGREGATOR, ENGINEER, PROSUMER, SERVICE, Caller, Stand

from registry.monitoring_settings import Access, MetricsSection

CALLERS = {"nobody": None, "aggregator": AGGREGATOR, "prosumer": PROSUMER, "service": SERVICE, "engineer": ENGINEER}
STATUSES = {
    Access.SERVICE: {"nobody": 401, "aggregator": 403, "prosumer": 403, "service": 200, "engineer": 403},
    Access.OPEN: dict.fromkeys(CALLERS, 200),
    Access.OFF: dict.fromkeys(CALLERS, 404),
}


@pytest.fixture(scope="module")
def stands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Access, Stand]]:
    with ExitStack() as opened:

        def running(access: Access) -> Stand:
            folder: Path = tmp_path_factory.mktemp(access.value)
            return opened.enter_context(sparql_stand(folder, metrics=MetricsSection(access=access)))

        yield {access: running(access) for access in Access}


@pytest.mark.parametrize("access", Access)
@pytest.mark.parametrize("name", CALLERS)
def test_who_may_read_the_metrics_is_a_setting(access: Access, name: str, stands: dict[Access, Stand]) -> None:
    caller: Caller | None = CALLERS[name]
    answer = stands[access].get("/metrics", caller)
    assert answer.status_code == STATUSES[access][name]
    assert ("der_registry_" in answer.text) == (answer.status_code == 200)


def test_by_default_a_service_may() -> None:
    assert MetricsSection().access is Access.SERVICE


def test_the_answer_is_what_prometheus_reads(stands: dict[Access, Stand]) -> None:
    answer = stands[Access.SERVICE].get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["Cache-Control"] == "no-store"
    families = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"der_registry_devices", "der_registry_journal_entries", "process_open_fds"} <= families
    assert stands[Access.SERVICE].call("HEAD", "/metrics").data == b""


def test_nothing_that_a_client_chooses_becomes_a_label(stands: dict[Access, Stand]) -> None:
    stand = stands[Access.OPEN]
    for path in ("/secret-path", "/1/devices/secret-device", "/1/devices?where=secret-query"):
        stand.call("GET", path, headers={"User-Agent": "secret-agent", "X-Request-Id": "secret-id"}).close()
    stand.call("SECRET", "/1/devices").close()
    assert 'method="other",route="other"' in stand.get("/metrics", None).text
    assert "secret" not in stand.get("/metrics", None).text.lower()
