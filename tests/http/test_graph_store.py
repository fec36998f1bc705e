"""/rdf-graph-store: whole graphs, of those that the caller may see, for reading only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from rdflib import Graph
from sparql_stand import sparql_stand
from stand import AGGREGATOR, ALICE, ENGINEER, PROSUMER, SERVICE, A, B, Caller, Stand, device
from werkzeug.test import TestResponse

from registry.access import DEVICES, ONTOLOGY, SHAPES, account_graph, aggregator_graph
from registry.settings import QuerySettings, SandboxSection
from sparql.media_types import on_offer
from sparql.query_engine import ResultKind

PATH = "/rdf-graph-store"
NT = {"Accept": "application/n-triples"}
OWN = {SERVICE: DEVICES, AGGREGATOR: aggregator_graph(A), PROSUMER: account_graph(A, ALICE)}


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    sections = {"sparql": QuerySettings(prosumer_rows=100), "sandbox": SandboxSection(workers=1)}
    with sparql_stand(tmp_path_factory.mktemp("registry"), **sections) as made:
        made.add(device(1), device(2, aggregator_id=B))
        yield made


def get(stand: Stand, graph: str | None, caller: Caller = SERVICE, **headers: str) -> TestResponse:
    query = "default" if graph is None else f"graph={quote(graph, safe='')}"
    return stand.get(f"{PATH}?{query}", caller, headers={**NT, **headers}, buffered=True)


def triples(answer: TestResponse) -> Graph:
    assert answer.status_code == 200, answer.text
    return Graph().parse(data=answer.text, format="nt")


@pytest.mark.parametrize("caller", OWN, ids=lambda caller: caller.role)
def test_a_permitted_graph_comes_whole(stand: Stand, caller: Caller) -> None:
    graph = OWN[caller]
    held = [quad for quad in stand.dump() if quad.graph == graph]
    answer = get(stand, graph, caller)
    assert len(triples(answer)) == len(held) > 0
    assert answer.headers["SPARQL-Dataset"] == f'default=("{graph}"), named=()'
    assert answer.headers["Query-Id"]


@pytest.mark.parametrize("caller", [AGGREGATOR, ENGINEER], ids=lambda caller: caller.role)
def test_everybody_may_have_the_model(stand: Stand, caller: Caller) -> None:
    assert len(triples(get(stand, ONTOLOGY, caller))) == len(stand.components.profile.ontology)
    assert len(triples(get(stand, SHAPES, caller))) == len(stand.components.profile.shapes)


def test_the_default_graph_is_all_that_the_caller_sees(stand: Stand) -> None:
    parts = [OWN[AGGREGATOR], ONTOLOGY, SHAPES]
    expected = set().union(*(set(triples(get(stand, graph, AGGREGATOR))) for graph in parts))
    assert set(triples(get(stand, None, AGGREGATOR))) == expected


@pytest.mark.parametrize(
    ("caller", "graph"),
    [
        (AGGREGATOR, DEVICES),
        (AGGREGATOR, aggregator_graph(B)),
        (AGGREGATOR, account_graph(A, ALICE)),
        (PROSUMER, DEVICES),
        (PROSUMER, aggregator_graph(A)),
        (ENGINEER, DEVICES),
        (SERVICE, aggregator_graph(A)),
    ],
)
def test_a_forbidden_graph_is_404_as_one_that_does_not_exist(stand: Stand, caller: Caller, graph: str) -> None:
    for method in ("GET", "HEAD"):
        answers = [stand.call(method, f"{PATH}?graph={quote(name)}", caller) for name in (graph, "urn:none", "")]
        assert [answer.status_code for answer in answers] == [404] * 3
    documents = [get(stand, name, caller).get_json(force=True) for name in (graph, "urn:none")]
    assert {name: value for name, value in documents[0].items() if name != "request_id"} == {
        name: value for name, value in documents[1].items() if name != "request_id"
    }


@pytest.mark.parametrize("query", ["", "?graph=urn:a&default", "?graph=urn:a&graph=urn:a", "?x=y"])
def test_exactly_one_graph_has_to_be_named(stand: Stand, query: str) -> None:
    answer = stand.get(f"{PATH}{query}")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_graphs_can_not_be_written(stand: Stand, method: str) -> None:
    before = stand.dump()
    answer = stand.call(method, f"{PATH}?graph={quote(DEVICES)}", data=b"<urn:a> <urn:b> 1 .")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.content_type == "application/problem+json"
    assert stand.dump() == before


def test_a_token_is_needed_but_for_options(stand: Stand) -> None:
    assert stand.get(f"{PATH}?default", None).status_code == 401
    assert stand.call("OPTIONS", PATH, None).headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("media_type", on_offer(ResultKind.GRAPH))
def test_it_comes_in_every_format_of_graphs(stand: Stand, media_type: str) -> None:
    answer = get(stand, ONTOLOGY, Accept=media_type)
    assert (answer.status_code, answer.content_type.partition(";")[0]) == (200, media_type)
    by_name = stand.get(f"{PATH}?graph={quote(SHAPES)}&format={quote(media_type)}", buffered=True)
    assert by_name.content_type == answer.content_type
    head = stand.call("HEAD", f"{PATH}?default", headers={"Accept": media_type})
    assert (head.status_code, head.content_type, head.data) == (200, answer.content_type, b"")


def test_another_format_is_406(stand: Stand) -> None:
    answer = get(stand, ONTOLOGY, Accept="text/csv")
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (406, "not-acceptable")


def test_the_limits_of_the_role_hold(stand: Stand) -> None:
    answer = get(stand, ONTOLOGY, PROSUMER)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (413, "result-too-large")


def test_an_entity_tag_stands_for_the_bytes(stand: Stand) -> None:
    tag = get(stand, OWN[AGGREGATOR], AGGREGATOR).headers["ETag"]
    known: dict[str, Any] = {"If-None-Match": tag}
    again = get(stand, OWN[AGGREGATOR], AGGREGATOR, **known)
    assert (again.status_code, again.headers["ETag"], again.data) == (304, tag, b"")
    assert get(stand, OWN[AGGREGATOR], AGGREGATOR, Accept="text/turtle").headers["ETag"] != tag
    stand.patch(device(2)["device_id"], {"vpp_id": "elsewhere"})
    assert get(stand, OWN[AGGREGATOR], AGGREGATOR).headers["ETag"] == tag
    stand.patch(device(1)["device_id"], {"vpp_id": "here"})
    assert get(stand, OWN[AGGREGATOR], AGGREGATOR, **known).status_code == 200


def test_a_large_graph_has_one_too(stand: Stand) -> None:
    answer = get(stand, None)
    assert len(answer.data) > 256 * 1024
    known: dict[str, Any] = {"If-None-Match": answer.headers["ETag"]}
    assert get(stand, None, **known).status_code == 304
    assert get(stand, None).data == answer.data
