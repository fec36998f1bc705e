"""The answers of operations: for each status its bodies in all media types, and its headers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from registry.http.problems import PROBLEM
from registry.http.representation import JSON, XML_TYPES
from registry.openapi.fields import Schema
from registry.openapi.headers import header_references
from registry.openapi.schemas import schema_reference
from sparql.graph_formats import GRAPH_FORMATS
from sparql.media_types import offers
from sparql.query_engine import ResultKind

Answer: TypeAlias = dict[str, Any]
Answers: TypeAlias = dict[str, Answer]

_JSON_LD = "application/ld+json"
_REASONS: Mapping[int, str] = {
    400: "The body or a parameter can't be understood; says where.",
    401: "There is no token, or one that is not accepted.",
    403: "The role may not do this, or not change this field; or the token's role is not its issuer's to grant.",
    404: "There is no such thing in your view.",
    405: "X-HTTP-Method-Override names a method that there isn't.",
    406: "None of the media types asked for is on offer.",
    408: "The body did not arrive in time.",
    409: "Another model is being published, or you have as many webhooks as you may.",
    410: "The time asked for is before the history begins; or the query was stopped by its owner.",
    411: "A body that is not JSON came without a Content-Length.",
    412: "What If-Match names has changed since you read it. Nothing happened.",
    413: "The body, the query's result or its need of memory is too large.",
    415: "The body is of a media type that is not understood here.",
    422: "The document, or what it does, breaks rules; all of them are named.",
    428: "If-Match is missing.",
    429: "Too many of your queries are running, or of your streams of events are open.",
    500: "A defect of the server. If you report it, name the request by its X-Request-Id.",
    503: "Something the answer needs is out of reach for now, or the query took too long.",
}
_HEADERS: Mapping[int, tuple[str, ...]] = {401: ("WWW-Authenticate",), 405: ("Allow",), 429: ("Retry-After",)}
_OPTIONAL_HEADERS: Mapping[int, tuple[str, ...]] = {503: ("Retry-After",)}


def answer(
    description: str,
    content: Mapping[str, Schema] | None = None,
    headers: Iterable[str] = (),
    optional: Iterable[str] = (),
) -> Answer:
    """Return an answer whose `content` is media type -> schema."""
    made: Answer = {"description": description, "headers": header_references(headers, optional)}
    if content:
        made["content"] = {media_type: {"schema": schema} for media_type, schema in content.items()}
    return made


def facade_content(name: str) -> dict[str, Schema]:
    """Return the content of a document of the facade: JSON by the schema of this name, or XML."""
    return {JSON: schema_reference(name), **dict.fromkeys(XML_TYPES, schema_reference("Xml"))}


def graph_content() -> dict[str, Schema]:
    """Return the content of a graph in each form of RDF that the facade offers."""
    return {form.media_type: _graph_schema(form.media_type) for form in GRAPH_FORMATS}


def result_content(*kinds: ResultKind) -> dict[str, Schema]:
    """Return the content of results of queries, in all media types that can be asked for."""
    content: dict[str, Schema] = {}
    for kind in kinds:
        for media_type, form in offers(kind).items():
            schema = _result_schema(form.media_type)
            known = content.get(media_type)
            content[media_type] = schema if known in (None, schema) else {"anyOf": [known, schema]}
    return content


def facade_failures(*statuses: int) -> Answers:
    """Return the answers of the facade's failures, together with those that every request may get."""
    return {str(status): _reference(status, "Facade") for status in sorted({401, 403, 500, 503, *statuses})}


def query_failures(*statuses: int) -> Answers:
    """Return the answers of failures of the SPARQL doors, together with those that every request may get."""
    return {str(status): _reference(status, "Query") for status in sorted({401, 403, 500, 503, *statuses})}


def answer_components() -> dict[str, Answer]:
    """Return the component responses: the failures of the facade and of the SPARQL doors."""
    facade = {_name(status, "Facade"): _facade_failure(status) for status in _REASONS}
    queries = {_name(status, "Query"): _query_failure(status) for status in _REASONS}
    return {**facade, **queries}


def _facade_failure(status: int) -> Answer:
    content = {**facade_content("Error"), PROBLEM: schema_reference("Problem")}
    if status == 408:
        content = {JSON: schema_reference("Error")}
    elif status == 422:
        content[JSON] = {"anyOf": [schema_reference("Refusal"), schema_reference("ListRefusal")]}
        content |= graph_content()
    return answer(_REASONS[status], content, _HEADERS.get(status, ()), _OPTIONAL_HEADERS.get(status, ()))


def _query_failure(status: int) -> Answer:
    content = {JSON: schema_reference("Error")} if status == 408 else {PROBLEM: schema_reference("Problem")}
    return answer(_REASONS[status], content, _HEADERS.get(status, ()), _OPTIONAL_HEADERS.get(status, ()))


def _reference(status: int, door: str) -> Answer:
    return {"$ref": f"#/components/responses/{_name(status, door)}"}


def _name(status: int, door: str) -> str:
    return f"{door}{HTTPStatus(status).phrase.title().replace(' ', '').replace('-', '')}"


def _graph_schema(media_type: str) -> Schema:
    return schema_reference("JsonLd" if media_type == _JSON_LD else "Text")


def _result_schema(media_type: str) -> Schema:
    return schema_reference("SparqlResults") if media_type.endswith("results+json") else _graph_schema(media_type)
