"""A model in an embedded store, for queries: each file as a graph, and all of them merged as the endpoint has them.

Queries are read from files that may be anybody's, so each passes the scanner first; there is no limit on time.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import quote, unquote

from rdflib import BNode, Graph
from rdflib.namespace import DCTERMS, GEO, ORG, OWL, PROV, RDF, RDFS, SH, SKOS, SOSA, TIME, XSD
from rdflib.term import Node

from registry.access import DEVICES, ONTOLOGY, SHAPES
from registry.model_check.model_files import Model, ModelFile
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_formats import to_term
from sparql.graph_store import ChangeSet
from sparql.query_engine import Query, QueryError, QuerySyntaxError, ResultKind
from sparql.refusal import QueryRefused
from sparql.scanner import scan
from sparql.syntax_errors import SyntaxProblem, excerpt, explain
from sparql.terms import Iri, Quad, Triple, to_sparql

VOCABULARIES = Iri("urn:standard-vocabularies")
"""The graph that holds each term of the standard vocabularies as `?term rdfs:isDefinedBy ?namespace`."""
LISTS = Iri("urn:lists")
"""The graph that holds each member of each list as `?list rdfs:member ?member`: the engine takes time with the square
of a list's length to follow rdf:rest*."""

_FILES = "file:///"
_CSV = "text/csv"
_STANDARD = (DCTERMS, GEO, ORG, OWL, PROV, RDF, RDFS, SH, SKOS, SOSA, TIME, XSD)
_DEFINED_BY, _MEMBER = Iri(str(RDFS.isDefinedBy)), Iri(str(RDFS.member))


class QueryMistake(Exception):
    """A query without a result: what is wrong with its text, and where."""

    def __init__(self, problem: SyntaxProblem) -> None:
        super().__init__(problem.hint)
        self.problem = problem


class ModelStore:
    """Answers queries about a model, and about devices that are described by it."""

    def __init__(self, model: Model) -> None:
        self._store = EmbeddedStore()
        graphs = tuple(file_graph(file.name) for file in model.files)
        lines = [line for file in model.files for line in _nquads(file)]
        self._store.load_nquads("".join(lines).encode())
        self._store.load(_standard_terms())
        self._model = DatasetDescription((ONTOLOGY, SHAPES, LISTS), (*graphs, VOCABULARIES))
        self._devices = DatasetDescription((DEVICES, ONTOLOGY, SHAPES), (DEVICES, ONTOLOGY, SHAPES))

    def ask_model(self, text: str) -> list[Mapping[str, str]]:
        """Run a query over the model: merged as the default graph, and each file as a named one.

        Raises:
            QueryMistake: there is no result.
        """
        header, *rows = self._table(text, self._model) or [[]]
        return [dict(zip(header, row, strict=True)) for row in rows]

    def ask_devices(self, text: str, devices: Collection[Triple]) -> list[list[str]]:
        """Run a query over `devices` and the model as a service's query has them; return the result as rows of CSV.

        Raises:
            QueryMistake: there is no result.
        """
        quads = [Quad(*triple, DEVICES) for triple in devices]
        self._store.apply(ChangeSet(added=quads))
        try:
            return self._table(text, self._devices)
        finally:
            self._store.apply(ChangeSet(removed=quads))

    def _table(self, text: str, dataset: DatasetDescription) -> list[list[str]]:
        sink = _Sink()
        try:
            scan(text)
            self._store.evaluate(Query(text=text, dataset=dataset, media_types={ResultKind.BINDINGS: _CSV}), sink)
        except QueryRefused as error:
            shown = excerpt(text, _index(text, error.line, error.column))
            raise QueryMistake(SyntaxProblem(error.line, error.column, shown, (), error.message)) from None
        except QuerySyntaxError as error:
            raise QueryMistake(explain(text, str(error), {})) from None
        except QueryError as error:
            raise QueryMistake(SyntaxProblem(1, 1, "", (), str(error))) from None
        return list(csv.reader(io.StringIO(sink.getvalue().decode(), newline="")))


def file_graph(name: str) -> Iri:
    """Return the graph of a file: `file:///shapes/device.ttl`."""
    return Iri(f"{_FILES}{quote(name)}")


def file_name(graph: str) -> str:
    """Return the file of a graph."""
    return unquote(graph.removeprefix(_FILES))


class _Sink(io.BytesIO):
    """Keeps a result in memory."""

    def begin(self, media_type: str) -> None:
        """Take note of nothing: only one is acceptable."""

    def count_triple(self) -> None:
        """Count nothing: a graph is not acceptable."""


def _nquads(file: ModelFile) -> Iterator[str]:
    """Yield the triples of a file as N-Quads: in the file's graph, and in that of the ontology or the shapes."""
    merged = SHAPES if file.is_shapes else ONTOLOGY
    for subject, predicate, value in file.graph:
        triple = f"{_nquads_term(subject)} {_nquads_term(predicate)} {_nquads_term(value)}"
        yield f"{triple} {to_sparql(file_graph(file.name))} .\n{triple} {to_sparql(merged)} .\n"
        if predicate != RDF.rest:
            for member in _members(file.graph, value):
                yield f"{_nquads_term(value)} {to_sparql(_MEMBER)} {_nquads_term(member)} {to_sparql(LISTS)} .\n"


def _members(graph: Graph, head: Node) -> Iterator[Node]:
    """Yield the members of the list that begins at `head`, if one does, up to where it leads into itself."""
    seen: set[Node] = set()
    node: Node | None = head
    while node is not None and node not in seen:
        seen.add(node)
        yield from graph.objects(node, RDF.first)
        node = graph.value(node, RDF.rest)


def _nquads_term(node: Node) -> str:
    return f"_:{node}" if isinstance(node, BNode) else to_sparql(to_term(node))


def _standard_terms() -> list[Quad]:
    return [
        Quad(Iri(str(term)), _DEFINED_BY, Iri(str(namespace)), VOCABULARIES)
        for namespace in _STANDARD
        for term in (*dir(namespace), *(namespace[name] for name in namespace._extras))  # names that are no identifiers
    ]


def _index(text: str, line: int, column: int) -> int:
    return sum(len(each) for each in text.splitlines(keepends=True)[: line - 1]) + column - 1
