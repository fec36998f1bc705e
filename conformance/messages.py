"""Reads the manifests whose tests are HTTP messages: those of the protocol and of the Graph Store Protocol.

Source: the vocabularies ht: (HTTP in RDF 1.0) and cnt: (Representing Content in RDF 1.0), and the manifests' comments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rdflib import RDFS, Graph, Literal, Namespace
from rdflib.collection import Collection
from rdflib.term import Node

from conformance.manifest import MF, TESTS, entries, local_name, read_graph

HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
_CODES = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an answer must be.

    Attributes:
        statuses: codes, or for a whole class its first digit; any of them will do.
        boolean: the result of an ASK query.
        form: `boolean`, `tabular` or `RDF`.
        content_type: the media type.
        body: a graph that the answer's must be isomorphic to, as Turtle.
        location: the name of the variable that takes the Location header.
    """

    statuses: frozenset[int]
    boolean: bool | None = None
    form: str | None = None
    content_type: str | None = None
    body: str | None = None
    location: str | None = None

    def accepts(self, status: int) -> bool:
        """Tell whether `status` is one of those expected."""
        return status in self.statuses or status // 100 in self.statuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request and what must come back."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One test: messages in their order.

    Attributes:
        id: folder and name, as `protocol/query_get`.
        requires: the optional features that it needs.
        graphs: files of named graphs, by name.
    """

    id: str
    requires: frozenset[str]
    messages: tuple[Message, ...]
    graphs: Mapping[str, Path] = field(default_factory=dict)


def read_conversations(folder: Path, name: str = "manifest.ttl") -> list[Conversation]:
    """Return the tests of one manifest."""
    graph = read_graph(folder, name)
    return [_conversation(graph, folder, test) for test in entries(graph)]


def _conversation(graph: Graph, folder: Path, test: Node) -> Conversation:
    requests = graph.value(graph.value(test, MF.action), HT.requests)
    assert requests is not None, test
    named = {
        str(graph.value(data, RDFS.label)): folder.parent / str(graph.value(data, UT.graph)).removeprefix(TESTS)
        for data in graph.objects(test, UT.graphData)
    }
    return Conversation(
        id=f"{folder.name}/{local_name(test)}",
        requires=frozenset(local_name(feature) for feature in graph.objects(test, MF.requires)),
        messages=tuple(_message(graph, request) for request in Collection(graph, requests)),
        graphs=named,
    )


def _message(graph: Graph, request: Node) -> Message:
    answer = graph.value(request, HT.resp)
    body, expected = _text(graph, request), _text(graph, answer)
    boolean = graph.value(answer, MF.expectedBoolean)
    headers = _headers(graph, request)
    return Message(
        method=str(graph.value(request, HT.methodName)),
        path=str(graph.value(request, HT.absolutePath)),
        headers=headers,
        body=None if body is None else body.encode(_encoding(graph, request)),
        expected=Expected(
            statuses=frozenset(_status(term) for term in graph.objects(answer, MF.expectedStatus)),
            boolean=bool(boolean.value) if isinstance(boolean, Literal) else None,
            form=_optional(graph.value(answer, MF.expectedFormat)),
            content_type=_headers(graph, answer).get("content-type"),
            body=expected,
            location=_optional(graph.value(answer, MF.expectedLocation)),
        ),
    )


def _headers(graph: Graph, message: Node | None) -> dict[str, str]:
    head = graph.value(message, HT.headers)
    listed = Collection(graph, head) if head is not None else ()
    return {str(graph.value(item, HT.fieldName)): str(graph.value(item, HT.fieldValue)) for item in listed}


def _text(graph: Graph, message: Node | None) -> str | None:
    return _optional(graph.value(graph.value(message, HT.body), CNT.chars))


def _encoding(graph: Graph, message: Node) -> str:
    return str(graph.value(graph.value(message, HT.body), CNT.characterEncoding) or "utf-8")


def _status(term: Node) -> int:
    name = local_name(term)
    return int(name[len("StatusCode")]) if name.startswith("StatusCode") else _CODES[name]


def _optional(term: Node | None) -> str | None:
    return None if term is None else str(term)
