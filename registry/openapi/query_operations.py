"""The operations of the SPARQL doors: the query operation, whole graphs, and one's own running queries."""

from __future__ import annotations

from typing import Any

from registry.access_matrix import ROLES
from registry.http.representation import JSON
from registry.openapi.answers import answer, query_failures, result_content
from registry.openapi.operations import OPTIONAL, Operation, PathItem, head, operation, options
from registry.openapi.parameters import query, reference
from registry.openapi.schemas import schema_reference
from sparql.protocol import FORM, QUERY
from sparql.query_engine import ResultKind

TAG = "Queries"
HTML = "text/html"
_TEXT = {"type": "string"}
_IRIS = {"type": "array", "items": {"type": "string", "format": "iri"}}
_SELECT = "SELECT ?device ?class WHERE { ?device a flex:Device, ?class } LIMIT 10"
_RUN = (400, 406, 410, 413, 429)
_FORMAT = query("format", "How the result is written, in place of Accept: a short name or a media type.", _TEXT)
_DATASET = [
    query(
        f"{kind}-graph-uri",
        f"The IRI of a {kind} graph of the query's dataset. A graph that you may not see behaves as one that does not "
        "exist.",
        _IRIS,
        style="form",
        explode=True,
    )
    for kind in ("default", "named")
]


def query_paths() -> dict[str, PathItem]:
    """Return the paths of the SPARQL doors."""
    return {
        "/sparql": _sparql(),
        "/rdf-graph-store": _graph_store(),
        "/queries": _queries(),
        "/queries/{identifier}": _query(),
    }


def _sparql() -> PathItem:
    get = _ask()
    return {
        "get": get,
        "head": head(get),
        "post": _ask_in_body("askByPost", "Ask in the body"),
        "options": options("ask", status=204, headers=["Accept-Post", "Accept-Query"]),
        "x-query": _ask_in_body("askByQuery", "Ask with the method QUERY, which is safe and has a body"),
    }


def _ask() -> Operation:
    text = query("query", "The query, in SPARQL 1.1.", _TEXT, examples={"1": {"summary": "SELECT", "value": _SELECT}})
    return operation(
        "ask",
        TAG,
        "Ask in SPARQL, or be told what this endpoint is",
        {"200": _result(page=True)} | query_failures(*_RUN),
        description=(
            "The query operation of the SPARQL 1.1 Protocol, over the graphs that your role sees. Without a query the "
            "answer is the description of the service in RDF, and for a browser a page, which needs no token."
        ),
        roles=ROLES,
        parameters=[text, *_DATASET, _FORMAT],
        security=OPTIONAL,
    )


def _ask_in_body(name: str, summary: str) -> Operation:
    form = {
        "type": "object",
        "properties": {"query": _TEXT, "format": _TEXT, "default-graph-uri": _IRIS, "named-graph-uri": _IRIS},
        "required": ["query"],
    }
    content = {
        FORM: {"schema": form, "example": {"query": _SELECT}},
        QUERY: {"schema": _TEXT, "example": _SELECT},
    }
    return operation(
        name,
        TAG,
        summary,
        {"200": _result()} | query_failures(*_RUN, 408, 411, 415),
        roles=ROLES,
        parameters=[*_DATASET, _FORMAT],
        body={"required": True, "content": content},
    )


def _result(*, page: bool = False) -> dict[str, Any]:
    content = result_content(*ResultKind)
    if page:
        content[HTML] = _TEXT
    return answer("The result.", content, ["Cache-Control"], ["Query-Id", "SPARQL-Dataset"])


def _graph_store() -> PathItem:
    content = result_content(ResultKind.GRAPH)
    headers = ["Cache-Control", "SPARQL-Dataset"]
    get = operation(
        "getGraph",
        TAG,
        "One graph as a whole",
        {
            "200": answer("The graph.", content, headers, ["ETag", "Query-Id"]),
            "304": answer("It has not changed.", None, [*headers, "ETag"], ["Query-Id"]),
        }
        | query_failures(*_RUN, 404),
        description="The SPARQL 1.1 Graph Store HTTP Protocol, for reading only. Name one graph, or the default graph.",
        roles=ROLES,
        parameters=[
            query("graph", "The IRI of a graph.", {"type": "string", "format": "iri"}),
            query("default", "The default graph.", _TEXT, allowEmptyValue=True),
            _FORMAT,
            reference("If-None-Match"),
        ],
    )
    return {"get": get, "head": head(get), "options": options("getGraph", status=204)}


def _queries() -> PathItem:
    content = {JSON: schema_reference("RunningQueries")}
    answers = {"200": answer("Your queries that are running now.", content, ["Cache-Control"])}
    get = operation("listQueries", TAG, "Your running queries", answers | query_failures(), roles=ROLES)
    return {"get": get, "head": head(get), "options": options("listQueries", failures=query_failures())}


def _query() -> PathItem:
    identifier = {
        "name": "identifier",
        "in": "path",
        "required": True,
        "description": "The query's id, from /queries or the header Query-Id.",
        "schema": _TEXT,
    }
    stop = operation(
        "stopQuery",
        TAG,
        "Stop a query of yours",
        {"204": answer("It is stopped.")} | query_failures(404),
        roles=ROLES,
    )
    return {
        "parameters": [identifier],
        "delete": stop,
        "options": options("stopQuery", failures=query_failures()),
    }
