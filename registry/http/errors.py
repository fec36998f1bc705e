"""The one place where a failure becomes an answer.

Whatever a view raises ends here: the registry's own errors, those of HTTP, and bugs. The shape is the one that clients
of the former registry know, `{"_status":"ERR","_error":{"code":…,"message":…}}`, in JSON or XML; who asks for it by
Accept gets a problem document (RFC 9457) instead, or for a refused document its SHACL validation report. A bug shows
its request id and nothing else; the rest goes to the log. Whether a failure happened is decided elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from registry.errors import RegistryError, ValidationFailed
from registry.http import problems
from registry.http.languages import in_asked_language
from registry.http.representation import chosen, represent
from registry.request_id import request_id
from registry.vocabulary import SH
from sparql.graph_formats import GRAPH_FORMATS, write_graph

_BODY_HEADERS = frozenset({"content-type", "content-length"})

logger = logging.getLogger(__name__)


def register_error_handlers(app: Flask) -> None:
    """Make `app` answer every exception in one shape."""
    app.register_error_handler(RegistryError, _answer_registry_error)
    app.register_error_handler(HTTPException, _answer_http_exception)
    app.register_error_handler(Exception, _answer_bug)


def error_document(error: RegistryError) -> dict[str, Any]:
    """Return what the body says of `error`; a ValidationFailed adds the issues of each document."""
    document = _document(error.status, error.message)
    if not isinstance(error, ValidationFailed):
        return document
    if not error.message:
        del document["_error"]  # a change that fails says its issues alone
    found = in_asked_language(error.issues)
    if error.single:
        return {**document, "_issues": next(iter(found), {})}
    items = [{"_status": "ERR", "_issues": issues} if issues else {"_status": "OK"} for issues in found]
    return {**document, "_items": items}


def render(document: Mapping[str, Any], status: int, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """Return the answer that carries `document`."""
    kept = [(name, value) for name, value in headers if name.lower() not in _BODY_HEADERS]
    return represent(document, status, kept)


def _report(error: ValidationFailed) -> BaseResponse | None:
    """Return the SHACL report as RDF if that is what the caller likes best, and there is one."""
    media_type = chosen([problems.PROBLEM, *(form.media_type for form in GRAPH_FORMATS)]) if error.report else None
    for form in GRAPH_FORMATS:
        if form.media_type == media_type:
            body = write_graph(error.report, form, {"sh": SH})
            return Response(body, error.status, content_type=f"{media_type}; charset=utf-8")
    return None


def _as_problem() -> bool:
    return chosen([problems.PROBLEM]) == problems.PROBLEM


def _document(status: int, message: str) -> dict[str, Any]:
    return {"_status": "ERR", "_error": {"code": status, "message": message}}


def _answer_registry_error(error: RegistryError) -> BaseResponse:
    if isinstance(error, ValidationFailed) and (report := _report(error)):
        return report
    if _as_problem():
        return problems.render(problems.registry_problem(error))
    return render(error_document(error), error.status, error.headers.items())


def _answer_http_exception(error: HTTPException) -> BaseResponse:
    if _as_problem():
        return problems.answer_http_exception(error)
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response(request.environ)
    if code == 500:
        return render(_document(500, _bug_message()), 500)
    return render(_document(code, error.description or error.name), code, error.get_headers(request.environ))


def _answer_bug(error: Exception) -> Response:
    if _as_problem():
        return problems.render(problems.bug(error))
    logger.error("unexpected %s", type(error).__name__, exc_info=error)
    return render(_document(500, _bug_message()), 500)


def _bug_message() -> str:
    return f"Internal error. If you report it, name the request: {request_id()}"
