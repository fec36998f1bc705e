"""The tests of the service description. The manifest says them in words, `service_description.ttl` says the schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyshacl
from rdflib import Graph, Namespace

from conformance.client import Client
from conformance.manifest import entries, local_name, read_graph
from conformance.outcome import Outcome

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
_SHAPES = Path(__file__).with_name("service_description.ttl")


def run(root: Path, role: str, client: Client, endpoint: str) -> Iterator[Outcome]:
    """Yield the outcome of every test of the description that `client`, who asks as `role`, gets of `endpoint`."""
    manifest = read_graph(root / "service-description")
    for test in entries(manifest):
        name = local_name(test)
        yield Outcome(test=f"service-description/{name}", role=role, problem=_problem(name, client, endpoint))


def _problem(name: str, client: Client, endpoint: str) -> str | None:
    answer = client.send("GET", "/sparql", {"Accept": "text/turtle"})
    if answer.status != 200 or answer.media_type != "text/turtle":
        return answer.summary()
    graph = Graph().parse(data=answer.body, format="turtle")
    match name:
        case "returns-rdf":
            return None if len(graph) else "an empty graph"
        case "has-endpoint-triple":
            found = [str(each) for each in graph.objects(None, SD.endpoint)]
            return None if found == [endpoint] else f"sd:endpoint is {found} instead of {endpoint}"
        case "conforms-to-schema":
            return _violations(graph)
    return f"there is no such test here: {name}"


def _violations(graph: Graph) -> str | None:
    conforms, _, text = pyshacl.validate(graph, shacl_graph=Graph().parse(_SHAPES))
    services = list(graph.subjects(SD.endpoint, None))
    if len(services) != 1:
        return f"{len(services)} services are described, not one"
    return None if conforms else str(text)
