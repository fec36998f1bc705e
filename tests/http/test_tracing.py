"""Traces of a running registry, as a real receiver of OTLP gets them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from free_ports import free_port
from span_receiver import Received, Receiver, receiving
from sparql_stand import sparql_stand
from stand import AGGREGATOR, SERVICE, Stand, device

from registry.monitoring_settings import TracingSection
from registry.settings import SandboxSection

ID = device()["device_id"]
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with pytest.MonkeyPatch.context() as patch, receiving() as found:
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")  # the environment of the SDK counts
        patch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=tests")
        patch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=girona")
        yield found


@pytest.fixture(scope="module")
def stand(receiver: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    sections: dict[str, Any] = {
        "sandbox": SandboxSection(workers=1, memory=512 * 2**20),
        "tracing": TracingSection(endpoint=receiver.url, service_name="registry-of-girona"),
    }
    with sparql_stand(tmp_path_factory.mktemp("registry"), **sections) as made:
        made.add(device())
        yield made


def traced(stand: Stand, receiver: Receiver, name: str, method: str, path: str, **more: Any) -> list[Received]:
    """Make a request with this id and return the spans of its trace, that of the request first."""
    headers = {"X-Request-Id": name, **more.pop("headers", {})}
    stand.call(method, path, more.pop("caller", SERVICE), headers=headers, **more).close()
    spans = receiver.spans(name)
    return sorted(spans, key=lambda span: "der_registry.request_id" not in span.attributes)


def test_a_change_is_a_span_with_those_of_its_steps_below(stand: Stand, receiver: Receiver) -> None:
    match = {"If-Match": stand.etag(ID)}
    path = f"/1/devices/{ID}"
    root, *steps = traced(stand, receiver, "change", "PATCH", path, json={"max_capacity": 5}, headers=match)
    assert root.name == "PATCH /1/devices/<device_id>"
    assert root.parent == ""
    assert root.attributes["http.response.status_code"] == 200
    assert [step.name for step in steps] == ["shacl.validate", "journal.commit", "store.apply"]
    assert {step.parent for step in steps} == {root.id}
    assert all(0 < step.seconds < root.seconds for step in steps)
    assert steps[0].attributes["der_registry.devices"] == 1
    assert steps[1].attributes["der_registry.entries"] == 1


def test_a_query_is_a_span_below_its_request(stand: Stand, receiver: Receiver) -> None:
    asked = {"data": "ASK { ?s ?p ?o }", "content_type": "application/sparql-query", "caller": AGGREGATOR}
    root, query = traced(stand, receiver, "query", "POST", "/sparql", **asked)
    assert (root.name, query.name, query.parent) == ("POST /sparql", "sparql.query", root.id)
    assert len(query.attributes["der_registry.query_id"]) == 16


def test_a_query_that_fails_tells_its_kind_and_not_its_words(stand: Stand, receiver: Receiver) -> None:
    asked = {"data": "SELECT * { ?secret", "content_type": "application/sparql-query"}
    root, query = traced(stand, receiver, "failure", "POST", "/sparql", **asked)
    assert query.failed
    assert query.attributes["error.type"] == "QuerySyntaxError"
    assert (root.failed, root.attributes["http.response.status_code"]) == (False, 400)


def test_a_trace_that_began_elsewhere_goes_on_here(stand: Stand, receiver: Receiver) -> None:
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    root, *_ = traced(stand, receiver, "began-elsewhere", "GET", "/1/devices", headers=headers)
    assert (root.trace, root.parent) == (TRACE, PARENT)


@pytest.mark.parametrize("sent", ["", "nothing", f"00-{'0' * 32}-{PARENT}-01", f"ff-{TRACE}-{PARENT}-01", "x" * 5000])
def test_a_traceparent_that_is_none_begins_a_trace(sent: str, stand: Stand, receiver: Receiver) -> None:
    name = f"none-{abs(hash(sent))}"
    root, *_ = traced(stand, receiver, name, "GET", "/1/devices", headers={"traceparent": sent})
    assert root.parent == ""
    assert root.trace not in (TRACE, "0" * 32)


def test_the_caller_may_say_that_nothing_is_to_be_kept(stand: Stand, receiver: Receiver) -> None:
    headers = {"traceparent": f"00-{'a' * 32}-{PARENT}-00", "X-Request-Id": "not-sampled"}
    stand.get("/1/devices", headers=headers).close()
    traced(stand, receiver, "sampled-after-it", "GET", "/1/devices")
    assert receiver._trace("not-sampled") is None


def test_spans_say_nothing_of_queries_and_bodies(stand: Stand, receiver: Receiver) -> None:
    path = '/1/devices?where={"device_name":"secret"}'
    spans = traced(stand, receiver, "read", "GET", path, headers={"User-Agent": "secret"})
    spans += traced(stand, receiver, "written", "POST", "/1/devices", json=device(7, device_name="secret"))
    assert len(spans) > 3
    assert "secret" not in "".join(f"{span.name} {span.attributes}" for span in spans)


def test_the_receiver_is_asked_as_the_settings_and_the_environment_say(stand: Stand, receiver: Receiver) -> None:
    root, *_ = traced(stand, receiver, "resource", "GET", "/health/live")
    assert root.resource["service.name"] == "registry-of-girona"
    assert root.resource["deployment.environment.name"] == "tests"
    assert set(receiver.paths) == {"/v1/traces"}
    assert {headers["x-tenant"] for headers in receiver.headers} == {"girona"}


START = """
import sys
{before}
from registry.cli import main
main(["serve", "--data", {data!r}, "--port", "{port}"])
"""
OFF = """
import sys
from pathlib import Path
from registry.settings import Settings, StoreSettings
from server import create_app, EXTENSION
app = create_app(Settings(store=StoreSettings(path=Path({data!r}))))
app.test_client().get("/1/devices")
app.extensions[EXTENSION].close()
print([name for name in sys.modules if name.split(".")[0] in ("opentelemetry", "google")])
"""


def run(text: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", text], check=False, capture_output=True, text=True, env={**os.environ, **environ}
    )


def test_without_the_extra_an_endpoint_stops_the_start_and_names_the_extra(tmp_path: Path) -> None:
    text = START.format(before='sys.modules["opentelemetry"] = None', data=str(tmp_path / "data"), port=free_port())
    found = run(text, DER_TRACING_ENDPOINT="http://127.0.0.1:9")
    assert found.returncode != 0
    assert "install flexcoop-der-registry[tracing]" in found.stderr
    assert "Traceback" not in found.stderr
    assert not (tmp_path / "data" / "store").exists()


def test_nothing_is_loaded_where_nothing_is_traced(tmp_path: Path) -> None:
    found = run(OFF.format(data=str(tmp_path / "data")))
    assert found.stdout.strip() == "[]", found.stderr
