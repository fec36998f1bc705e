"""`/sparql`: the query operation of the SPARQL 1.1 Protocol, and without a query the description of the service.

Reads requests and writes answers. What may be seen is said by the access rule, what runs by the query engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Blueprint, Response, request

from registry.access import query_dataset
from registry.errors import NotAcceptable
from registry.http.authentication import authenticate_with, principal
from registry.http.endpoint import PATH, endpoint_iri
from registry.http.problems import answer_with_problems
from registry.http.query_answers import FRESH, Question, SparqlDoor, answer, head, install_query_headers, note_dataset
from registry.http.sparql_page import CONTENT_SECURITY_POLICY, sparql_page
from registry.tokens.verifier import TokenVerifier
from sparql.dataset_clause import dataset_clause, effective
from sparql.graph_formats import GRAPH_FORMATS, write_graph
from sparql.media_types import content_type, on_offer
from sparql.negotiation import best, negotiate, parse_accept
from sparql.protocol import FORM, METHODS, QUERY, Operation, read_operation
from sparql.query_engine import NotAcceptableResult, ResultKind
from sparql.scanner import scan
from sparql.service_description import PREFIXES, service_description

HTML = "text/html"
_PAGES = (HTML, "application/xhtml+xml")
_DESCRIPTIONS = tuple(form.media_type for form in GRAPH_FORMATS)
_ROUTED = (*METHODS, "PUT", "PATCH", "DELETE")
_KINDS = {"SELECT": ResultKind.BINDINGS, "ASK": ResultKind.BOOLEAN}


def sparql_blueprint(door: SparqlDoor, verifier: TokenVerifier) -> Blueprint:
    """Return the endpoint's blueprint, open to whoever `verifier` knows."""
    blueprint = Blueprint("sparql", __name__)
    answer_with_problems(blueprint, door.prefixes)
    install_query_headers(blueprint)
    views = _SparqlViews(door, authenticate_with(verifier))
    for path in (PATH, f"{PATH}/"):
        blueprint.add_url_rule(path, "ask", views.ask, methods=_ROUTED, provide_automatic_options=False)
    return blueprint


class _SparqlViews:
    def __init__(self, door: SparqlDoor, authenticate: Callable[[], None]) -> None:
        self._door = door
        self._authenticate = authenticate

    def ask(self) -> Response:
        if request.method == "OPTIONS":
            return _options()
        if _is_browser_without_query():
            return self._page()
        self._authenticate()
        operation = read_operation(
            request.method,
            request.query_string.decode("latin-1"),
            request.headers.get("Content-Type"),
            lambda: request.get_data(cache=False),
        )
        if operation.query is None:
            return self._describe()
        with self._door.observed(principal()):
            return self._answer(operation.query, operation)

    def _answer(self, text: str, operation: Operation) -> Response:
        form, prefixes = scan(text).form, self._door.prefixes()
        base = endpoint_iri(self._door.base_url)
        asked = operation.dataset or dataset_clause(text, prefixes, base)
        dataset = effective(asked, query_dataset(principal()))
        note_dataset(dataset)
        choices = negotiate(request.headers.get("Accept"), operation.form)
        kind = _KINDS.get(str(form), ResultKind.GRAPH) if form else None
        kinds = (kind,) if kind else tuple(ResultKind)
        choice = next((choices[each] for each in kinds if each in choices), None)
        if choice is None:
            raise NotAcceptableResult(f"on offer for this query are {', '.join(on_offer(*kinds))}")
        if request.method == "HEAD":
            return head(choice)
        question = Question(text=text, dataset=dataset, choices=choices, prefixes=prefixes, base=base)
        return answer(question, self._door.runner.run(principal(), question))

    def _describe(self) -> Response:
        chosen = _preferred(_DESCRIPTIONS)
        endpoint, dataset = endpoint_iri(self._door.base_url), query_dataset(principal())
        form = next(form for form in GRAPH_FORMATS if form.media_type == chosen)
        prefixes = {**PREFIXES, "xsd": self._door.prefixes()["xsd"]}
        body = write_graph(service_description(endpoint, dataset, self._door.count), form, prefixes)
        note_dataset(dataset)
        return Response(body, content_type=content_type(chosen), headers={"Cache-Control": FRESH})

    def _page(self) -> Response:
        page = sparql_page(endpoint_iri(self._door.base_url), self._door.prefixes())
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-cache"}
        return Response(page, content_type=f"{HTML}; charset=utf-8", headers=headers)


def _options() -> Response:
    """Say what can be asked; no token is needed to learn that."""
    headers = {"Allow": ", ".join(METHODS), "Accept-Post": f"{QUERY}, {FORM}", "Accept-Query": f"{QUERY}, {FORM}"}
    return Response(status=204, headers=headers)


def _is_browser_without_query() -> bool:
    if request.method not in ("GET", "HEAD") or {"query", "update"}.intersection(request.args):
        return False
    ranges = parse_accept(request.headers.get("Accept"))
    return best(ranges, (*_DESCRIPTIONS, *_PAGES)) in _PAGES


def _preferred(offered: Iterable[str]) -> str:
    offered = tuple(offered)
    chosen = best(parse_accept(request.headers.get("Accept")), offered)
    if chosen is None:
        raise NotAcceptable(f"The service description comes as {', '.join(offered)}")
    return chosen
