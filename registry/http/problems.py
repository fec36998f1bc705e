"""Failures as problem documents (RFC 9457): always those of the SPARQL doors, elsewhere for who asks for them.

Each kind of failure has a code of its own, which is also the end of its `type`. `registry.http.errors`
chooses between them and the shape that clients of the former registry know.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from registry.errors import Gone, ModelRefused, RegistryError, ValidationFailed
from registry.http.languages import in_asked_language
from registry.request_id import request_id
from sparql import query_engine as engine
from sparql.media_types import on_offer
from sparql.protocol import METHODS, ProtocolError, UnknownMethod
from sparql.refusal import QueryRefused, RefusalCode
from sparql.syntax_errors import SyntaxProblem, explain

PROBLEM = "application/problem+json"
TYPES = "https://w3id.org/flexcoop/problem/"
RETRY_AFTER = 5
"""Seconds after which it makes sense to ask again."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is said of a failure.

    Attributes:
        status: the status code of HTTP.
        code: the kind of failure, for programs.
        title: the same for people, always in the same words.
        detail: what it is this time.
        more: further members.
        headers: further headers.
    """

    status: int
    code: str
    title: str
    detail: str
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    title: str
    again: bool = False


_QUERY_ERRORS: Mapping[type[engine.QueryError], _Kind] = {
    engine.QuerySyntaxError: _Kind(400, "The text is no SPARQL query"),
    engine.QueryTimeout: _Kind(503, "The query took too long", again=True),
    engine.ResultTooLarge: _Kind(413, "The result is too large"),
    # however often it is asked, it needs too much again: nothing that a 503 should invite to repeat
    engine.OutOfMemory: _Kind(413, "The query needs too much memory"),
    engine.TooManyQueries: _Kind(429, "Too many queries are running", again=True),
    # the client's own doing, so a 4xx; and like 410 nothing to ask for again
    engine.QueryCancelled: _Kind(410, "The query was stopped"),
    engine.NotAcceptableResult: _Kind(406, "No acceptable media type"),
    engine.EngineUnavailable: _Kind(503, "Queries can't be run for now", again=True),
    # a defect of the engine's, but nothing to repeat: another query helps
    engine.EngineFailure: _Kind(400, "The engine can't evaluate this query"),
    engine.QueryError: _Kind(400, "The query can't be evaluated"),
}
_REFUSED_STATUS = {RefusalCode.UPDATE: 403, RefusalCode.LONG: 413}


def answer_with_problems(blueprint: Blueprint, prefixes: Callable[[], Mapping[str, str]]) -> None:
    """Make `blueprint` answer every exception with a problem document.

    Args:
        blueprint: whose views raise.
        prefixes: returns the prefixes that queries need not declare, to explain errors of syntax.
    """
    blueprint.register_error_handler(engine.QueryError, lambda error: render(query_problem(error, prefixes())))
    blueprint.register_error_handler(QueryRefused, lambda error: render(_refused(error)))
    blueprint.register_error_handler(ProtocolError, lambda error: render(_protocol_problem(error)))
    blueprint.register_error_handler(RegistryError, lambda error: render(registry_problem(error)))
    blueprint.register_error_handler(HTTPException, answer_http_exception)
    blueprint.register_error_handler(Exception, lambda error: render(bug(error)))


class UnreadableQuery(engine.QuerySyntaxError):
    """An error of syntax together with the text that has it."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


def render(problem: Problem) -> Response:
    """Return the answer that carries `problem`."""
    document = {
        "type": f"{TYPES}{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "request_id": request_id(),
        **problem.more,
    }
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(body, problem.status, headers, content_type=PROBLEM)


def query_problem(error: engine.QueryError, prefixes: Mapping[str, str]) -> Problem:
    """Return what is said of a query that has no result."""
    kind = next(_QUERY_ERRORS[each] for each in type(error).__mro__ if each in _QUERY_ERRORS)
    more: dict[str, Any] = {}
    detail = str(error)
    if isinstance(error, UnreadableQuery):
        found = explain(error.text, detail, prefixes)
        detail = _syntax_detail(found)
        more = asdict(found)
    if isinstance(error, engine.NotAcceptableResult):
        more["offers"] = on_offer()
    headers = {"Retry-After": str(RETRY_AFTER)} if kind.again else {}
    return Problem(
        status=kind.status, code=error.code, title=kind.title, detail=_sentence(detail), more=more, headers=headers
    )


def _syntax_detail(found: SyntaxProblem) -> str:
    place = f"The query can't be read at line {found.line}, column {found.column}"
    expected = f": expected {' or '.join(found.expected)}" if found.expected else ""
    return f"{place}{expected}. {found.hint}".strip()


def _refused(error: QueryRefused) -> Problem:
    return Problem(
        status=_REFUSED_STATUS.get(error.code, 400),
        code=error.code,
        title="The query is refused",
        detail=error.message,
        more={"line": error.line, "column": error.column},
    )


def _protocol_problem(error: ProtocolError) -> Problem:
    headers = {"Allow": ", ".join(METHODS)} if isinstance(error, UnknownMethod) else {}
    return Problem(
        status=error.status, code=error.code, title="The request is no query", detail=str(error), headers=headers
    )


def registry_problem(error: RegistryError) -> Problem:
    """Return what is said of `error`; a ValidationFailed adds `issues`: of the document, or of each one of a list."""
    code = error.title.lower().replace(" ", "-")
    detail = error.message
    more: dict[str, Any] = {}
    if isinstance(error, ValidationFailed):
        detail = detail or "The outcome would break the rules that issues names"
        found = in_asked_language(error.issues)
        more["issues"] = next(iter(found), {}) if error.single else list(found)
    if isinstance(error, Gone):
        more["since"] = error.since
    if isinstance(error, ModelRefused):
        code, more = error.code, {**error.report}
    return Problem(status=error.status, code=code, title=error.title, detail=detail, more=more, headers=error.headers)


def answer_http_exception(error: HTTPException) -> BaseResponse:
    """Return the answer to a failure of HTTP; one that brings its own, and a redirect, keep it."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response(request.environ)
    if status == 500:
        return render(bug(error))
    kept = ((name, value) for name, value in error.get_headers(request.environ) if not name.startswith("Content-"))
    code = error.name.lower().replace(" ", "-")
    detail = error.description or error.name
    return render(Problem(status=status, code=code, title=error.name, detail=detail, headers=dict(kept)))


def bug(error: Exception) -> Problem:
    """Log a failure that is nobody's to know, and return what is said of it."""
    logger.error("unexpected %s", type(error).__name__, exc_info=error)
    detail = f"Internal error. If you report it, name the request: {request_id()}"
    return Problem(status=500, code="internal-error", title="Internal error", detail=detail)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
