"""The SPARQL doors over real HTTP: long results, clients that hang up, limits, the end, and other clients."""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import pytest
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from sparql_stand import Server, add_devices, command_of, sparql_server, until
from stand import AGGREGATOR, ALICE, BOB, ENGINEER, OPERATOR, PROSUMER, SERVICE, A, B, Caller, device

from registry.access import DEVICES, ONTOLOGY, aggregator_graph
from registry.principal import Role

SETTINGS = {
    "DER_SPARQL_PROSUMER_SECONDS": "1",
    "DER_SPARQL_AGGREGATOR_RUNNING": "1",
    "DER_SANDBOX_WORKERS": "2",
    "DER_SERVER_CORS_ORIGINS": "https://app.example",
}
OTHER_SERVICE = Caller(role=Role.SERVICE, host=OPERATOR, account="another")
OTHER = Caller(role=Role.PROSUMER, host=A, account=BOB)
NUMBERS = "VALUES ?a { " + " ".join(map(str, range(40))) + " }"


def product(variables: int, what: str = "*") -> str:
    return f"SELECT {what} WHERE {{ {' '.join(NUMBERS.replace('?a', f'?v{n}') for n in range(variables))} }}"


ENDLESS = product(12, "(COUNT(*) AS ?n)")
LONG = product(4)
"""2,560,000 rows, 26 MB of CSV."""
ONE = "ASK { flex:Device a owl:Class }"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sparql_server(tmp_path_factory.mktemp("server"), SETTINGS) as made:
        documents = [device(number) for number in range(1, 11)]
        add_devices(made, SERVICE, [*documents, device(11, account_id=BOB), device(12, aggregator_id=B)])
        yield made


def ask(server: Server, text: str, caller: Caller = SERVICE, accept: str = "text/csv") -> httpx.Response:
    headers = server.headers(caller, Accept=accept)
    return httpx.get(f"{server.url}/sparql", params={"query": text}, headers=headers, timeout=60)


def code(answer: httpx.Response, status: int) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    return str(answer.json()["code"])


def running(server: Server, caller: Caller = SERVICE) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{server.url}/queries", headers=server.headers(caller)).json()["queries"]
    return found


def connect(server: Server, text: str, caller: Caller = SERVICE) -> http.client.HTTPConnection:
    """Ask, and don't wait for the answer."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    headers = server.headers(caller, Accept="text/csv")
    connection.request("GET", f"/sparql?{urlencode({'query': text})}", headers=headers)
    return connection


def memory(server: Server) -> int:
    """Return the resident memory of the server process in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) * 1024


def test_a_long_result_comes_whole_and_is_not_held_in_memory(server: Server) -> None:
    for _ in range(3):  # the allocator settles over the first few answers
        ask(server, LONG)
    before, digest, size = memory(server), hashlib.sha256(), 0
    with httpx.stream(
        "GET",
        f"{server.url}/sparql",
        params={"query": LONG},
        headers=server.headers(SERVICE, Accept="text/csv"),
        timeout=60,
    ) as answer:
        assert answer.status_code == 200
        for chunk in answer.iter_raw():
            size += len(chunk)
            digest.update(chunk)
        assert size == int(answer.headers["Content-Length"]) > 25_000_000
        identifier = answer.headers["X-Request-Id"]
    assert memory(server) - before < 10_000_000
    line = until(lambda: [line for line in server.log() if line.get("request_id") == identifier])[0]
    assert (line["bytes"], line["role"]) == (size, "service")
    assert hashlib.sha256(ask(server, LONG).content).digest() == digest.digest()


def test_a_client_that_reads_slowly_takes_no_thread_from_others(server: Server) -> None:
    slow = [connect(server, LONG) for _ in range(3)]
    firsts = [connection.getresponse() for connection in slow]
    assert [response.read(10)[:2] for response in firsts] == [b"v0"] * 3
    assert ask(server, ONE).text == "true"
    for connection in slow:
        connection.close()
    assert ask(server, ONE).text == "true"


def test_a_client_that_hangs_up_stops_its_query(server: Server) -> None:
    connection = connect(server, ENDLESS)
    (query,) = until(lambda: running(server))
    assert query["text"] == ENDLESS
    connection.close()
    until(lambda: not running(server))
    assert ask(server, ONE).text == "true"


def test_a_client_that_hangs_up_while_it_waits_for_a_worker_is_forgotten(server: Server) -> None:
    connections = [connect(server, ENDLESS) for _ in range(4)]
    until(lambda: len(running(server)) == 4)
    for connection in connections:
        connection.close()
    until(lambda: not running(server))


def test_running_queries_are_seen_and_stopped_by_their_owner_alone(server: Server) -> None:
    with ThreadPoolExecutor() as pool:
        future = pool.submit(ask, server, ENDLESS)
        (query,) = until(lambda: running(server))
        assert set(query) == {"id", "text", "started", "seconds"}
        url = f"{server.url}/queries/{query['id']}"
        for caller in (OTHER_SERVICE, AGGREGATOR, ENGINEER):
            assert running(server, caller) == []
            assert httpx.delete(url, headers=server.headers(caller)).status_code == 404
        assert httpx.delete(url).status_code == 401
        assert httpx.delete(url, headers=server.headers(SERVICE)).status_code == 204
        answer = future.result()
        assert code(answer, 410) == "query-cancelled"
        assert answer.headers["Query-Id"] == query["id"]
        missing = httpx.delete(url, headers=server.headers(SERVICE))
        assert code(missing, 404) == "not-found"


def test_too_many_at_once_are_429(server: Server) -> None:
    connection = connect(server, ENDLESS, AGGREGATOR)
    until(lambda: running(server, AGGREGATOR))
    answer = ask(server, ONE, AGGREGATOR)
    assert code(answer, 429) == "too-many-queries"
    assert int(answer.headers["Retry-After"]) > 0
    assert ask(server, ONE, PROSUMER).text == "true"
    connection.close()
    until(lambda: not running(server, AGGREGATOR))
    assert ask(server, ONE, AGGREGATOR).text == "true"


def test_too_long_is_503_and_others_are_answered_meanwhile(server: Server) -> None:
    with ThreadPoolExecutor() as pool:
        future = pool.submit(ask, server, ENDLESS, PROSUMER)
        until(lambda: running(server, PROSUMER))
        assert httpx.get(f"{server.url}/1/devices", headers=server.headers(OTHER)).json()["_meta"]["total"] == 1
        assert ask(server, ONE, OTHER).text == "true"
        answer = future.result()
    assert code(answer, 503) == "query-timeout"
    assert answer.headers["Retry-After"]


def test_head_and_options_over_http(server: Server) -> None:
    url = f"{server.url}/sparql"
    answer = httpx.head(url, params={"query": ENDLESS}, headers=server.headers(SERVICE, Accept="text/csv"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert "content-length" not in answer.headers
    graph = httpx.head(f"{server.url}/rdf-graph-store?graph={quote(ONTOLOGY)}", headers=server.headers(SERVICE))
    assert (graph.status_code, graph.headers["content-type"]) == (200, "text/turtle; charset=utf-8")
    preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    assert httpx.options(url, headers=preflight).headers["access-control-allow-origin"] == "https://app.example"


def test_the_method_query_works_over_http(server: Server) -> None:
    headers = server.headers(SERVICE, **{"Content-Type": "application/sparql-query", "Accept": "text/csv"})
    assert httpx.request("QUERY", f"{server.url}/sparql", content=ONE, headers=headers).text == "true"


def test_a_body_that_is_too_large_is_413(server: Server) -> None:
    headers = server.headers(SERVICE, **{"Content-Type": "application/sparql-query"})
    answer = httpx.post(f"{server.url}/sparql", content=b"ASK {}" + b" " * 2**20, headers=headers)
    assert code(answer, 413) == "content-too-large"


def test_a_whole_graph_comes_as_a_file_too(server: Server) -> None:
    answer = httpx.get(f"{server.url}/rdf-graph-store?default", headers=server.headers(SERVICE))
    assert len(answer.content) == int(answer.headers["content-length"])
    graph = Graph().parse(data=answer.text, format="turtle")
    device_ids = set(graph.subjects(URIRef("https://w3id.org/flexcoop/cim#deviceClass")))
    assert len(device_ids) == 12


def test_the_log_says_how_workers_are_confined_and_never_a_query(server: Server) -> None:
    ask(server, "SELECT ('canary-in-a-query' AS ?x) WHERE {}")
    ask(server, "SELECT ('canary-in-a-query' AS ?x) WHERE {")
    lines = server.log()
    assert [line["message"] for line in lines if "sockets" in line.get("message", "")] == [
        "sockets are denied to query workers by seccomp"
    ]
    assert not [line for line in lines if "canary" in str(line)]
    assert not [line for line in lines if line["level"] != "INFO"]


# Other clients


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # SPARQLWrapper's own
def test_sparql_wrapper_works_with_a_token(server: Server) -> None:
    wrappers = pytest.importorskip("SPARQLWrapper")
    wrapper = wrappers.SPARQLWrapper(f"{server.url}/sparql")
    wrapper.addCustomHttpHeader("Authorization", f"Bearer {server.token(AGGREGATOR)}")
    for method in ("GET", "POST"):
        wrapper.setMethod(method)
        wrapper.setQuery("SELECT ?name WHERE { ?d flex:deviceName ?name }")
        wrapper.setReturnFormat(wrappers.JSON)
        assert len(wrapper.queryAndConvert()["results"]["bindings"]) == 11
        wrapper.setReturnFormat(wrappers.CSV)
        assert wrapper.queryAndConvert().count(b"\r\n") == 12
        wrapper.setReturnFormat(wrappers.XML)
        assert len(wrapper.queryAndConvert().getElementsByTagName("result")) == 11
        wrapper.setQuery("ASK { ?d flex:deviceName ?name }")
        wrapper.setReturnFormat(wrappers.JSON)
        assert wrapper.queryAndConvert()["boolean"] is True
        wrapper.setQuery("CONSTRUCT WHERE { ?d flex:deviceName ?name }")
        for form in (wrappers.TURTLE, wrappers.N3):
            wrapper.setReturnFormat(form)
            assert len(Graph().parse(data=wrapper.queryAndConvert(), format="turtle")) == 11
        wrapper.setReturnFormat(wrappers.RDFXML)
        assert len(wrapper.queryAndConvert()) == 11
    wrapper.addDefaultGraph(ONTOLOGY)
    wrapper.setQuery("SELECT ?name WHERE { ?d flex:deviceName ?name }")
    wrapper.setReturnFormat(wrappers.JSON)
    assert wrapper.queryAndConvert()["results"]["bindings"] == []


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["xml", "json"])
def test_rdflib_works_with_a_token(server: Server, method: str, form: str) -> None:
    store = SPARQLStore(f"{server.url}/sparql", method=method, returnFormat=form, headers=server.headers(AGGREGATOR))
    graph = Graph(store, identifier=URIRef(aggregator_graph(A)))
    name = URIRef("https://w3id.org/flexcoop/cim#deviceName")
    assert len(list(graph.triples((None, name, None)))) == 11
    assert bool(graph.query("ASK { ?d flex:deviceName 'device 1' }", initNs={"flex": "https://w3id.org/flexcoop/cim#"}))
    hidden = Graph(store, identifier=URIRef(DEVICES))
    assert list(hidden.triples((None, name, None))) == []


def test_rdflib_constructs_graphs(server: Server) -> None:
    store = SPARQLStore(f"{server.url}/sparql", returnFormat="xml", headers=server.headers(AGGREGATOR))
    graph = Graph(store, identifier=URIRef(aggregator_graph(A)))
    found = graph.query("CONSTRUCT { ?d a ?c } WHERE { ?d <https://w3id.org/flexcoop/cim#deviceClass> ?c }")
    assert found.graph is not None
    assert len(found.graph) == 11


# The end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_the_server(tmp_path: Path, number: signal.Signals) -> None:
    with sparql_server(tmp_path, {"DER_SANDBOX_WORKERS": "2"}) as server:
        workers = until(lambda: found if len(found := server.workers()) == 2 else None)
        connection = connect(server, ENDLESS)
        until(lambda: running(server))
        if number == signal.SIGTERM:
            connection.close()
            until(lambda: not running(server))
        server.process.send_signal(number)
        assert server.process.wait(timeout=40) == (0 if number == signal.SIGTERM else -number)
        ended = time.monotonic()
        until(lambda: not [worker for worker in workers if b"sparql.sandbox" in command_of(worker)])
        assert time.monotonic() - ended < 20
        connection.close()
        assert (tmp_path / "data" / "sandbox").exists() == (number == signal.SIGKILL)
        if number == signal.SIGTERM:
            assert not [line for line in server.log() if line["level"] not in ("INFO", "WARNING")]


def test_a_server_starts_again_after_it_was_killed(tmp_path: Path) -> None:
    with sparql_server(tmp_path) as server:
        add_devices(server, SERVICE, [device(1)])
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
    with sparql_server(tmp_path) as server:
        caller = Caller(role=Role.PROSUMER, host=A, account=ALICE)
        assert ask(server, "SELECT ?name WHERE { ?d flex:deviceName ?name }", caller).text == "name\r\ndevice 1\r\n"


def test_a_client_that_sends_half_a_request_costs_nothing(server: Server) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as half:
        half.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nquery=")
        assert ask(server, ONE).text == "true"
