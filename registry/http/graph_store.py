"""`/rdf-graph-store`: whole graphs by their names (SPARQL 1.1 Graph Store HTTP Protocol), for reading only.

A graph that the caller may not see does not exist.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from registry.access import query_dataset
from registry.errors import BadRequest, MethodNotAllowed, NotFound
from registry.http.authentication import authenticate_with, principal
from registry.http.problems import answer_with_problems
from registry.http.query_answers import Question, SparqlDoor, answer, head, install_query_headers, note_dataset
from registry.tokens.verifier import TokenVerifier
from sparql.dataset import DatasetDescription
from sparql.media_types import on_offer
from sparql.negotiation import negotiate
from sparql.query_engine import NotAcceptableResult, ResultKind
from sparql.terms import Iri

PATH = "/rdf-graph-store"
METHODS = ("GET", "HEAD", "OPTIONS")
_ALLOW = {"Allow": ", ".join(METHODS)}
_ROUTED = (*METHODS, "POST", "PUT", "PATCH", "DELETE", "QUERY")
_TEXT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def graph_store_blueprint(door: SparqlDoor, verifier: TokenVerifier) -> Blueprint:
    """Return the blueprint of the graph store, open to whoever `verifier` knows."""
    blueprint = Blueprint("graph_store", __name__)
    answer_with_problems(blueprint, door.prefixes)
    install_query_headers(blueprint)
    views = _GraphStoreViews(door, authenticate_with(verifier))
    for path in (PATH, f"{PATH}/"):
        blueprint.add_url_rule(path, "graph", views.graph, methods=_ROUTED, provide_automatic_options=False)
    return blueprint


class _GraphStoreViews:
    def __init__(self, door: SparqlDoor, authenticate: Callable[[], None]) -> None:
        self._door = door
        self._authenticate = authenticate

    def graph(self) -> Response:
        if request.method == "OPTIONS":
            return Response(status=204, headers=_ALLOW)
        self._authenticate()
        if request.method not in METHODS:
            raise MethodNotAllowed("Graphs can be read here, not written", headers=_ALLOW)
        dataset = _requested(query_dataset(principal()))
        note_dataset(dataset)
        form = request.args.get("format", request.args.get("output"))
        choices = negotiate(request.headers.get("Accept"), form)
        if ResultKind.GRAPH not in choices:
            raise NotAcceptableResult(f"a graph comes as {', '.join(on_offer(ResultKind.GRAPH))}")
        if request.method == "HEAD":
            return head(choices[ResultKind.GRAPH])
        question = Question(text=_TEXT, dataset=dataset, choices=choices, prefixes=self._door.prefixes())
        with self._door.observed(principal()):
            return answer(question, self._door.runner.run(principal(), question), tagged=True)


def _requested(permitted: DatasetDescription) -> DatasetDescription:
    """Return the dataset whose default graph is what is asked for (section 4.2 of the protocol)."""
    graphs = request.args.getlist("graph")
    if len(graphs) + ("default" in request.args) != 1:
        raise BadRequest("Name one graph by ?graph=<IRI>, or the default graph by ?default")
    if not graphs:
        return DatasetDescription(default=permitted.default)
    if graphs[0] not in permitted.named:
        raise NotFound("There is no such graph")
    return DatasetDescription(default=(Iri(graphs[0]),))
