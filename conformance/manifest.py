"""Reads the manifests of query evaluation and syntax tests. Runs nothing.

Source: the W3C's SPARQL 1.1 test suite, whose manifests use the vocabularies mf: and qt:.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
TESTS = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
"""Where the tests are published: what relative IRIs in them are resolved against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test of a query.

    Attributes:
        id: folder and name, as `bind/bind01`.
        kind: the local name of its class, as `QueryEvaluationTest`.
        query: its text.
        base: the IRI of the query's file.
        data: the files of the default graph.
        graphs: the files of the named graphs, by name.
        result: what must come out; None for a syntax test.
    """

    id: str
    kind: str
    query: str
    base: str
    data: tuple[Path, ...] = ()
    graphs: Mapping[str, Path]
    result: Path | None = None


def read_graph(folder: Path, name: str = "manifest.ttl") -> Graph:
    """Parse a manifest of `folder`, as if it stood where it is published."""
    graph = Graph()
    graph.parse(folder / name, format="turtle", publicID=published(folder / name))
    return graph


def entries(graph: Graph) -> Iterator[Node]:
    """Yield the tests that a manifest names, in its order."""
    for manifest in graph.subjects(RDF.type, MF.Manifest):
        for head in graph.objects(manifest, MF.entries):
            yield from Collection(graph, head)


def kind_of(graph: Graph, test: Node) -> str:
    """Return the local name of a test's class."""
    return local_name(graph.value(test, RDF.type))


def local_name(term: Node | None) -> str:
    """Return what follows the last `#` of an IRI."""
    return str(term).rpartition("#")[2]


def read_cases(root: Path, folder: str) -> list[Case]:
    """Return the query tests of one folder below `root`."""
    graph = read_graph(root / folder)
    return [_case(graph, root, folder, test) for test in entries(graph)]


def _case(graph: Graph, root: Path, folder: str, test: Node) -> Case:
    action, result = graph.value(test, MF.action), graph.value(test, MF.result)
    query = action if isinstance(action, URIRef) else graph.value(action, QT.query)
    named = {str(name): _file(root, name) for name in graph.objects(action, QT.graphData)}
    return Case(
        id=f"{folder}/{local_name(test)}",
        kind=kind_of(graph, test),
        query=_file(root, query).read_text(encoding="utf-8"),
        base=str(query),
        data=tuple(_file(root, name) for name in graph.objects(action, QT.data)),
        graphs=named,
        result=None if result is None else _file(root, result),
    )


def published(path: Path) -> str:
    """Return the IRI at which a test's file is published."""
    return f"{TESTS}{path.parent.name}/{path.name}"


def _file(root: Path, name: Node | None) -> Path:
    return root / str(name).removeprefix(TESTS)
