"""/sparql through Flask's client: protocol, datasets, formats and problems. Queries run for real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from rdflib import Graph
from sparql_stand import sparql_stand
from stand import AGGREGATOR, ALICE, BOB, ENGINEER, OPERATOR, PROSUMER, SERVICE, A, B, Caller, Stand, device
from werkzeug.test import TestResponse

from registry.access import DEVICES, ONTOLOGY, SHAPES, account_graph, aggregator_graph
from registry.http.sparql_page import CONTENT_SECURITY_POLICY
from registry.principal import Role
from registry.settings import QuerySettings, SandboxSection, ServerSettings
from sparql.media_types import on_offer
from sparql.query_engine import ResultKind

JSON = "application/sparql-results+json"
CALLERS = (SERVICE, AGGREGATOR, PROSUMER, ENGINEER)
OTHER = Caller(role=Role.PROSUMER, host=A, account=BOB)
OWN = {SERVICE: DEVICES, AGGREGATOR: aggregator_graph(A), PROSUMER: account_graph(A, ALICE), ENGINEER: None}
NAMES = {SERVICE: {1, 2, 3, 4}, AGGREGATOR: {1, 2, 3}, PROSUMER: {1, 2}, ENGINEER: set()}
DEVICE_NAMES = "SELECT ?name WHERE { ?device flex:deviceName ?name }"
CLASSES = "ASK { flex:Device a owl:Class }"


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    sections = {
        "server": ServerSettings(max_body=100_000),
        "sparql": QuerySettings(prosumer_seconds=1, prosumer_rows=50, prosumer_bytes=5000, engineer_running=1),
        "sandbox": SandboxSection(workers=2, memory=512 * 2**20),
    }
    with sparql_stand(tmp_path_factory.mktemp("registry"), **sections) as made:
        made.add(
            device(1),
            device(2),
            device(3, account_id=BOB),
            device(4, aggregator_id=B),
        )
        yield made


def ask(stand: Stand, text: str, caller: Caller = SERVICE, *, accept: str = JSON, **parameters: Any) -> TestResponse:
    query = {"query": text, **parameters}
    return stand.get(f"/sparql?{urlencode(query, doseq=True)}", caller, headers={"Accept": accept}, buffered=True)


def rows(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    found = answer.get_json(force=True)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def names(answer: TestResponse) -> set[int]:
    return {int(row["name"].removeprefix("device ")) for row in rows(answer)}


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text
    document: dict[str, Any] = json.loads(answer.text)
    assert (document["status"], document["code"]) == (status, code), document
    assert document["type"] == f"https://w3id.org/flexcoop/problem/{code}"
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert document["title"]
    assert document["detail"][0].isupper()
    assert answer.headers["Cache-Control"] == "no-store"
    return document


# The protocol


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.role)
def test_a_query_can_be_sent_in_every_way(stand: Stand, caller: Caller, path: str) -> None:
    text = CLASSES
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    direct = {"Content-Type": "application/sparql-query"}
    encoded = urlencode({"query": text})
    for answer in (
        stand.get(f"{path}?{encoded}", caller),
        *(stand.call(method, path, caller, data=encoded, headers=form) for method in ("POST", "QUERY")),
        *(stand.call(method, path, caller, data=text.encode(), headers=direct) for method in ("POST", "QUERY")),
    ):
        assert (answer.status_code, answer.content_type) == (200, JSON), answer.text
        assert answer.get_json(force=True)["boolean"] is True
        assert answer.content_length == len(answer.data)
        assert answer.headers["Query-Id"]


def test_options_need_no_token(stand: Stand) -> None:
    answer = stand.call("OPTIONS", "/sparql", None)
    assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, POST, QUERY, OPTIONS")
    assert answer.headers["Accept-Query"].startswith("application/sparql-query")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(stand: Stand, method: str) -> None:
    answer = stand.call(method, "/sparql?query=ASK%7B%7D")
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST, QUERY, OPTIONS"


@pytest.mark.parametrize("query_string", ["", "?query=ASK%7B%7D", "?update=CLEAR%20ALL"])
def test_nobody_asks_without_a_token(stand: Stand, query_string: str) -> None:
    for method in ("GET", "POST", "PUT"):
        answer = stand.call(method, f"/sparql{query_string}", None)
        problem(answer, 401, "unauthorized")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_head_says_what_get_would_without_running_the_query(stand: Stand) -> None:
    for text, content_type in ((DEVICE_NAMES, JSON), ("CONSTRUCT WHERE { ?s ?p ?o }", "text/turtle; charset=utf-8")):
        answer = stand.call("HEAD", f"/sparql?{urlencode({'query': text})}", PROSUMER)
        assert (answer.status_code, answer.content_type, answer.data) == (200, content_type, b"")
        assert "Content-Length" not in answer.headers
        assert "Query-Id" not in answer.headers
        assert "SPARQL-Dataset" in answer.headers
    assert stand.call("HEAD", "/sparql?query=SELECT&format=ttl").status_code == 406


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("text/plain", b"ASK {}", 415, "unsupported-media-type"),
        ("application/sparql-query; charset=UTF-16", "ASK {}".encode("utf-16"), 415, "unsupported-media-type"),
        ("application/sparql-query", "ASK {}".encode("utf-16"), 400, "bad-request"),
        ("application/x-www-form-urlencoded", b"x=y", 400, "bad-request"),
        ("application/x-www-form-urlencoded", b"query=a&query=b", 400, "bad-request"),
        ("application/x-www-form-urlencoded", b"query=a&update=b", 400, "bad-request"),
        ("application/x-www-form-urlencoded", b"update=CLEAR+ALL", 403, "read-only"),
        ("application/sparql-update", b"CLEAR ALL", 403, "read-only"),
        ("application/sparql-query", b"CLEAR ALL", 403, "update-refused"),
        ("application/sparql-query", b"ASK {}" + b" " * 70_000, 413, "text-too-long"),
        ("application/sparql-query", b"ASK {}" + b" " * 100_000, 413, "content-too-large"),
    ],
)
def test_a_body_that_is_no_query_is_refused(
    stand: Stand, content_type: str, body: bytes, status: int, code: str
) -> None:
    for method in ("POST", "QUERY"):
        problem(stand.call(method, "/sparql", data=body, headers={"Content-Type": content_type}), status, code)


def test_updates_change_nothing(stand: Stand) -> None:
    before = stand.dump()
    for text in ("CLEAR ALL", "DELETE WHERE { ?s ?p ?o }", "LOAD <http://127.0.0.1:1/>", "BASE <x:y> INSERT DATA {}"):
        assert ask(stand, text).status_code in (400, 403)
        assert stand.get(f"/sparql?{urlencode({'update': text})}").status_code == 403
    assert stand.dump() == before


# The dataset


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.role)
def test_each_role_sees_its_devices_and_the_model(stand: Stand, caller: Caller) -> None:
    assert names(ask(stand, DEVICE_NAMES, caller)) == NAMES[caller]
    expected = {str(graph) for graph in (OWN[caller], ONTOLOGY, SHAPES) if graph}
    assert {
        row["g"] for row in rows(ask(stand, "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }", caller))
    } == expected
    answer = ask(stand, CLASSES, caller)
    listed = " ".join(f'"{graph}"' for graph in (OWN[caller], ONTOLOGY, SHAPES) if graph)
    assert answer.headers["SPARQL-Dataset"] == f"default=({listed}), named=({listed})"


FOREIGN = [DEVICES, aggregator_graph(A), aggregator_graph(B), account_graph(A, ALICE), account_graph(A, BOB)]


@pytest.mark.parametrize(
    ("caller", "graph"),
    [(caller, graph) for caller in CALLERS for graph in (*FOREIGN, "urn:no:such:graph") if graph != OWN[caller]],
)
def test_a_forbidden_graph_is_as_one_that_does_not_exist(stand: Stand, caller: Caller, graph: str) -> None:
    anything = "SELECT * WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    for answer in (
        ask(stand, anything, caller, **{"default-graph-uri": graph}),
        ask(stand, anything, caller, **{"named-graph-uri": graph}),
        ask(stand, anything, caller, **{"default-graph-uri": graph, "named-graph-uri": graph}),
        ask(stand, anything.replace("WHERE", f"FROM <{graph}> WHERE"), caller),
        ask(stand, anything.replace("WHERE", f"FROM NAMED <{graph}> WHERE"), caller),
        ask(stand, anything.replace("WHERE", f"FROM <{graph}> FROM NAMED <{graph}> WHERE"), caller),
    ):
        assert answer.headers["SPARQL-Dataset"] == "default=(), named=()"
        assert rows(answer) == []
    assert rows(ask(stand, f"SELECT * WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}", caller)) == []
    assert names(ask(stand, DEVICE_NAMES, caller)) == NAMES[caller]


def test_what_is_requested_is_narrowed_to_what_is_permitted(stand: Stand) -> None:
    own = aggregator_graph(A)
    parameters: dict[str, Any] = {
        "default-graph-uri": [own, DEVICES],
        "named-graph-uri": [ONTOLOGY, account_graph(A, ALICE)],
    }
    answer = ask(stand, DEVICE_NAMES, AGGREGATOR, **parameters)
    assert names(answer) == NAMES[AGGREGATOR]
    assert answer.headers["SPARQL-Dataset"] == f'default=("{own}"), named=("{ONTOLOGY}")'


def test_from_in_the_text_is_honoured_and_parameters_stand_above_it(stand: Stand) -> None:
    clauses = f"FROM g:cim FROM NAMED <{DEVICES}>"
    text = f"PREFIX g: <https://w3id.org/flexcoop/> {DEVICE_NAMES.replace('WHERE', f'{clauses} WHERE')}"
    answer = ask(stand, text)
    assert (rows(answer), answer.headers["SPARQL-Dataset"]) == ([], f'default=("{ONTOLOGY}"), named=("{DEVICES}")')
    parameters: dict[str, Any] = {"default-graph-uri": DEVICES}
    answer = ask(stand, text, **parameters)
    assert names(answer) == NAMES[SERVICE]
    assert answer.headers["SPARQL-Dataset"] == f'default=("{DEVICES}"), named=()'


def test_a_query_sees_each_write_that_was_acknowledged_before_it(stand: Stand) -> None:
    text = "SELECT ?v WHERE { ?d flex:deviceName 'device 1' ; flex:vppId ?v }"
    for number in range(5):
        assert stand.patch(device(1)["device_id"], {"vpp_id": f"vpp-{number}"}).status_code == 200
        assert [row["v"] for row in rows(ask(stand, text))] == [f"vpp-{number}"]


# Formats


@pytest.mark.parametrize("media_type", on_offer(ResultKind.BINDINGS))
def test_rows_come_in_every_format(stand: Stand, media_type: str) -> None:
    answer = ask(stand, DEVICE_NAMES, accept=media_type)
    assert answer.status_code == 200
    assert answer.content_type.partition(";")[0] == media_type
    assert "device 4" in answer.text


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own parsers use it
@pytest.mark.parametrize(
    "media_type",
    [each for each in on_offer(ResultKind.GRAPH) if each not in ("application/trig", "application/n-quads")],
)
def test_graphs_come_in_every_format(stand: Stand, media_type: str) -> None:
    answer = ask(stand, "CONSTRUCT WHERE { ?d flex:deviceName ?name }", accept=media_type)
    assert answer.content_type.partition(";")[0] == media_type
    assert len(Graph().parse(data=answer.text, format=media_type)) == 4


@pytest.mark.parametrize("form", ["trig", "nq"])
def test_quads_come_too(stand: Stand, form: str) -> None:
    assert ask(stand, "CONSTRUCT WHERE { ?d flex:deviceName ?name }", format=form).text.count("device ") == 4


def test_an_alias_is_answered_under_its_name(stand: Stand) -> None:
    assert ask(stand, CLASSES, accept="application/json").content_type == "application/json"
    assert ask(stand, "DESCRIBE flex:Device", accept="application/xml").content_type == "application/xml"


@pytest.mark.parametrize(
    ("text", "accept", "offers"),
    [
        (CLASSES, "text/turtle", on_offer()),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "text/csv", on_offer()),
        (CLASSES, "image/png", on_offer()),
    ],
)
def test_what_is_not_on_offer_is_406_with_what_is(
    stand: Stand, text: str, accept: str, offers: tuple[str, ...]
) -> None:
    found = problem(ask(stand, text, accept=accept), 406, "not-acceptable")
    assert found["offers"] == list(offers)
    problem(ask(stand, text, format=accept), 406, "not-acceptable")


# Problems


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("SELECT", 400, "syntax-error"),
        ("", 400, "syntax-error"),
        ("SELECT * WHERE { ?s ?p }", 400, "syntax-error"),
        ("SELECT * WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 400, "service-refused"),
        ("SELECT * WHERE " + "{" * 200 + "}" * 200, 400, "too-deep"),
        ("DROP ALL", 403, "update-refused"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_text_that_is_not_run_says_why(stand: Stand, text: str, status: int, code: str, method: str) -> None:
    if method == "GET":
        answer = ask(stand, text)
    else:
        answer = stand.call("POST", "/sparql", data=text.encode(), headers={"Content-Type": "application/sparql-query"})
    problem(answer, status, code)


def test_an_error_of_syntax_is_explained(stand: Stand) -> None:
    found = problem(ask(stand, "SELECT ?s WHERE {\n  ?s ?p .\n}"), 400, "syntax-error")
    assert (found["line"], found["column"]) == (2, 9)
    assert "?s ?p ." in found["excerpt"]
    assert "^" in found["excerpt"]


def test_too_many_rows_are_413(stand: Stand) -> None:
    problem(ask(stand, "SELECT ?s WHERE { ?s ?p ?o } LIMIT 51", PROSUMER), 413, "result-too-large")
    assert len(rows(ask(stand, "SELECT (1 AS ?x) WHERE { ?s ?p ?o } LIMIT 50", PROSUMER))) == 50


def test_too_many_bytes_are_413(stand: Stand) -> None:
    long = "x" * 6000
    problem(ask(stand, f"SELECT ('{long}' AS ?x) WHERE {{}}", PROSUMER), 413, "result-too-large")
    assert ask(stand, f"SELECT ('{long}' AS ?x) WHERE {{}}").status_code == 200


NUMBERS = "VALUES ?a { " + " ".join(map(str, range(40))) + " }"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { " + " ".join(NUMBERS.replace("?a", f"?v{n}") for n in range(12)) + " }"
GREEDY = f"SELECT DISTINCT * WHERE {{ {' '.join(NUMBERS.replace('?a', f'?v{n}') for n in range(7))} }} ORDER BY ?v1"


def test_too_much_time_is_503(stand: Stand) -> None:
    answer = ask(stand, ENDLESS, PROSUMER)
    problem(answer, 503, "query-timeout")
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Query-Id"]
    assert rows(ask(stand, DEVICE_NAMES, PROSUMER))


def test_too_much_memory_is_413(stand: Stand) -> None:
    problem(ask(stand, GREEDY), 413, "query-out-of-memory")
    assert names(ask(stand, DEVICE_NAMES)) == NAMES[SERVICE]


def test_a_host_that_is_none_is_refused(stand: Stand) -> None:
    answer = stand.get("/sparql?query=ASK%7B%7D", headers={"Host": "a b<>"})
    assert answer.status_code == 400


# The description


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
@pytest.mark.parametrize(
    "media_type", ["text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"]
)
def test_without_a_query_the_service_describes_itself(stand: Stand, media_type: str) -> None:
    answer = stand.get("/sparql", headers={"Accept": media_type})
    assert answer.content_type.partition(";")[0] == media_type
    graph = Graph().parse(data=answer.text, format=media_type)
    prologue = "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> PREFIX void: <http://rdfs.org/ns/void#> "
    pattern = "?s sd:endpoint ?e ; sd:defaultDataset/sd:namedGraph [ sd:name ?g ; sd:graph/void:triples ?n ]"
    sizes = {str(g): int(n) for e, g, n in graph.query(f"{prologue} SELECT ?e ?g ?n WHERE {{ {pattern} }}")}  # type: ignore[misc,arg-type]
    assert set(sizes) == {str(DEVICES), str(ONTOLOGY), str(SHAPES)}
    counted = rows(ask(stand, "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"))
    assert sizes == {row["g"]: int(row["n"]) for row in counted}


def test_the_description_names_only_what_the_caller_may_see(stand: Stand) -> None:
    text = stand.get("/sparql", OTHER).text
    assert account_graph(A, BOB) in text
    assert not [graph for graph in FOREIGN if f"<{graph}>" in text and graph != account_graph(A, BOB)]
    assert "graph/" not in stand.get("/sparql", ENGINEER).text


def test_the_description_says_the_endpoint_of_the_request(stand: Stand) -> None:
    answer = stand.get("/sparql", headers={"Host": "registry.example:8443", "Accept": "application/n-triples"})
    endpoint = "http://registry.example:8443/sparql"
    assert f"<{endpoint}> <http://www.w3.org/ns/sparql-service-description#endpoint> <{endpoint}> ." in answer.text


def test_the_description_in_another_format_is_406(stand: Stand) -> None:
    problem(stand.get("/sparql", headers={"Accept": "text/csv"}), 406, "not-acceptable")


@pytest.mark.parametrize("caller", [None, SERVICE])
def test_a_browser_gets_a_page_that_says_how_to_ask(stand: Stand, caller: Caller | None) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = stand.get("/sparql", caller, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "https://w3id.org/flexcoop/cim#" in answer.text
    assert "http://localhost/sparql" in answer.text
    assert "<script" not in answer.text


def test_relative_iris_are_those_of_the_endpoint(stand: Stand) -> None:
    text = "CONSTRUCT { <s> <p> 1 } WHERE {}"
    assert "<http://localhost/s> <http://localhost/p>" in ask(stand, text, accept="application/n-triples").text


@pytest.mark.parametrize("role", Role)
def test_the_answer_depends_on_the_token_and_says_so(stand: Stand, role: Role) -> None:
    host, account = (A, ALICE) if role in (Role.AGGREGATOR, Role.PROSUMER) else (OPERATOR, "x")
    answer = ask(stand, CLASSES, Caller(role=role, host=host, account=account))
    assert {"Authorization", "Accept"} <= {each.strip() for each in answer.headers["Vary"].split(",")}
    assert answer.headers["Cache-Control"] == "private, no-cache"
