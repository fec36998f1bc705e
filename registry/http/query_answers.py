"""Runs a query for whoever asks, within the limits of the role, and makes the answer.

What `/sparql` and `/rdf-graph-store` have in common: the id and the owner of a query, the client that hangs up, the
headers, and results that are too long for memory.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from flask import Blueprint, Response, g, request

from registry.errors import RegistryError
from registry.http.file_answers import file_body
from registry.http.front import BLOCK, HANGUP, Hangup
from registry.http.preconditions import entity_tags
from registry.http.problems import UnreadableQuery
from registry.principal import Principal
from registry.query_settings import QuerySettings
from registry.spans import span
from sparql.dataset import DatasetDescription
from sparql.negotiation import Choice
from sparql.query_engine import Query, QueryCancelled, QueryEngine, QueryError, QuerySyntaxError, Result, ResultKind
from sparql.refusal import QueryRefused
from sparql.terms import Iri

QUERY_ID = "Query-Id"
DATASET = "SPARQL-Dataset"
FRESH = "private, no-cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query text with all that decides its answer."""

    text: str
    dataset: DatasetDescription
    choices: Mapping[ResultKind, Choice]
    prefixes: Mapping[str, str]
    base: Iri | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SparqlDoor:
    """What the doors work with.

    Attributes:
        runner: runs queries.
        count: returns how many triples a graph holds.
        prefixes: returns the prefixes that queries need not declare.
        base_url: the URL by which clients reach the server, if it is known.
        observe: is told of each query: role, `ok` or the code of the problem, seconds.
    """

    runner: QueryRunner
    count: Callable[[Iri], int]
    prefixes: Callable[[], Mapping[str, str]]
    base_url: str | None
    observe: Callable[[str, str, float], None] = lambda *_: None

    @contextmanager
    def observed(self, caller: Principal) -> Iterator[None]:
        """Tell the observer what became of the query that the block answers."""
        started, outcome = time.perf_counter(), "failed"
        try:
            yield
            outcome = "ok"
        except (QueryError, QueryRefused) as error:
            outcome = str(error.code)
            raise
        except RegistryError as error:
            outcome = type(error).__name__
            raise
        finally:
            self.observe(caller.role.value, outcome, time.perf_counter() - started)


def owner_of(caller: Principal) -> str:
    """Return the name under which the queries of `caller` run: nobody else has it."""
    return " ".join((caller.issuer, caller.role, caller.subject))


class QueryRunner:
    """Runs queries on `engine` within `settings`."""

    def __init__(self, engine: QueryEngine, settings: QuerySettings) -> None:
        self._engine = engine
        self._settings = settings

    def run(self, caller: Principal, question: Question) -> Result:
        """Run a query for the current request, and stop it when the client hangs up.

        Raises:
            QueryError: it has no result.
        """
        identifier, owner = secrets.token_hex(8), owner_of(caller)
        g.query_id = identifier
        gone = threading.Event()
        self._on_hangup(gone, owner, identifier)
        if gone.is_set():
            raise QueryCancelled("the client hung up")
        query = Query(
            text=question.text,
            dataset=question.dataset,
            media_types={kind: choice.media_type for kind, choice in question.choices.items()},
            prefixes=question.prefixes,
            base=question.base,
        )
        limits, most = self._settings.limits(caller.role), self._settings.most_running(caller.role)
        try:
            with span("sparql.query", {"db.system.name": "oxigraph", "der_registry.query_id": identifier}):
                return self._engine.run(query, limits, id=identifier, owner=owner, most_running=most)
        except QuerySyntaxError as error:
            raise UnreadableQuery(str(error), question.text) from None

    def _on_hangup(self, gone: threading.Event, owner: str, identifier: str) -> None:
        hangup: Hangup | None = request.environ.get(HANGUP)
        if hangup is None:
            return

        def stop() -> None:
            gone.set()
            self._engine.cancel(owner, identifier)

        hangup.call(stop)


def answer(question: Question, result: Result, *, tagged: bool = False) -> Response:
    """Return the answer with `result`: its length is known, and a long one is sent from its file.

    Args:
        question: what was asked.
        result: what came of it.
        tagged: whether to add an entity tag, which costs a look at every byte, and to answer If-None-Match.
    """
    tag = _tag(result) if tagged else None
    headers = {"Cache-Control": FRESH}
    if tag and not {"*", tag}.isdisjoint(entity_tags(request.headers.get("If-None-Match", ""))):
        if result.file is not None:
            result.file.close()
        response = Response(status=304, headers=headers)
    else:
        body = result.content if result.file is None else file_body(request.environ, result.file)
        content_type = question.choices[result.kind].answered_as
        response = Response(
            body, headers=headers, content_type=content_type, direct_passthrough=result.file is not None
        )
        response.content_length = result.size
    if tag:
        response.set_etag(tag)
    return response


def head(choice: Choice) -> Response:
    """Return what HEAD says of an answer that nobody computes: all but its length (RFC 9110, section 9.3.2)."""
    response = Response(content_type=choice.answered_as, headers={"Cache-Control": FRESH})
    response.automatically_set_content_length = False
    return response


def note_dataset(dataset: DatasetDescription) -> None:
    """Have the answer to the current request say what dataset it is about."""
    g.sparql_dataset = dataset


def install_query_headers(blueprint: Blueprint) -> None:
    """Make every answer of `blueprint`, failures too, tell the id of its query and the dataset that it saw."""

    def add(response: Response) -> Response:
        if "query_id" in g:
            response.headers[QUERY_ID] = g.query_id
        if "sparql_dataset" in g:
            response.headers[DATASET] = _header(g.sparql_dataset)
        return response

    blueprint.after_request(add)


def _header(dataset: DatasetDescription) -> str:
    return f"default={_list(dataset.default)}, named={_list(dataset.named)}"


def _list(graphs: Iterable[Iri]) -> str:
    return "(" + " ".join(f'"{graph}"' for graph in graphs) + ")"


def _tag(result: Result) -> str:
    digest = hashlib.sha256(f"{result.media_type}\n".encode())
    for piece in _pieces(result.file) if result.file is not None else (result.content or b"",):
        digest.update(piece)
    return digest.hexdigest()[:40]


def _pieces(stream: BinaryIO) -> Iterable[bytes]:
    yield from iter(lambda: stream.read(BLOCK), b"")
    stream.seek(0)
