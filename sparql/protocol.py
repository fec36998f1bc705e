"""The query operation of the SPARQL 1.1 Protocol: from the parts of an HTTP request to what is asked.

Knows no web framework. It decides nothing about who may see what, and doesn't look into query texts.

Source: SPARQL 1.1 Protocol, section 2.1; the HTTP method QUERY asks as POST does, and is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import parse_qsl

from sparql.dataset_clause import DatasetClause, protocol_dataset

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
METHODS = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")
_WITH_BODY = ("POST", "QUERY")
_UTF_8 = ("", "utf-8", "utf8", "us-ascii")
_MOST_PARAMETERS = 2_000


class ProtocolError(Exception):
    """A request that is no query operation. The message says what would be right."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"


class UnsupportedContent(ProtocolError):
    """The body has a media type or an encoding that says nothing of a query."""

    status, code = 415, "unsupported-media-type"


class UpdateRefused(ProtocolError):
    """An update operation, where there is none."""

    status, code = 403, "read-only"


class UnknownMethod(ProtocolError):
    """A method that the protocol doesn't have."""

    status, code = 405, "method-not-allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a request asks for.

    Attributes:
        query: the text; None asks for the service description.
        dataset: the graphs that the parameters name; None when they name none, so that the text decides.
        form: the parameter `format` or `output`.
    """

    query: str | None
    dataset: DatasetClause | None = None
    form: str | None = None


def read_operation(
    method: str, query_string: str, content_type: str | None, read_body: Callable[[], bytes]
) -> Operation:
    """Return what a request asks for. Parameters that nobody knows are ignored.

    Args:
        method: of the request.
        query_string: the part of the URL after the question mark, escaped.
        content_type: the header.
        read_body: reads the body; called only where the method has one.

    Raises:
        UnknownMethod: the method is none of `METHODS`.
        UnsupportedContent: the body is neither a form nor a query, or not in UTF-8 by its own words.
        UpdateRefused: it is an update.
        ProtocolError: there are several queries, none in a body, both a query and an update, or no UTF-8.
    """
    if method not in METHODS:
        raise UnknownMethod(f"There is no method {method} here. Ask with GET, POST or QUERY.")
    parameters = _parameters(query_string)
    queries = parameters.get("query", ())
    if method in _WITH_BODY:
        media_type = _media_type(content_type)
        if media_type == FORM:
            parameters = _merged(parameters, _parameters(_text(read_body())))
            queries = parameters.get("query", ())
        elif media_type == QUERY:
            queries = [*queries, _text(read_body())]
        elif media_type == UPDATE:
            raise _read_only()
        else:
            raise UnsupportedContent(
                f"The body must be {QUERY} or {FORM}, not {media_type or 'of no stated type'}: set Content-Type."
            )
    return _operation(method, parameters, queries)


def _operation(method: str, parameters: Mapping[str, Sequence[str]], queries: Sequence[str]) -> Operation:
    if "update" in parameters:
        if queries:
            raise ProtocolError("A request has either the parameter query or the parameter update, not both.")
        raise _read_only()
    if len(queries) > 1:
        raise ProtocolError(f"A request has one query, and this one has {len(queries)}.")
    if not queries and method in _WITH_BODY:
        raise ProtocolError("The form has no parameter query.")
    forms = [*parameters.get("format", ()), *parameters.get("output", ())]
    return Operation(
        query=queries[0] if queries else None,
        dataset=protocol_dataset(parameters.get("default-graph-uri", ()), parameters.get("named-graph-uri", ())),
        form=forms[0] if forms else None,
    )


def _parameters(text: str) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except UnicodeDecodeError:
        raise ProtocolError("The parameters are not in UTF-8.") from None
    except ValueError:
        raise ProtocolError(f"A request has at most {_MOST_PARAMETERS} parameters.") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _merged(first: Mapping[str, list[str]], second: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: [*first.get(name, ()), *second.get(name, ())] for name in [*first, *second]}


def _media_type(header: str | None) -> str:
    media_type, *parameters = (header or "").split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in _UTF_8:
            raise UnsupportedContent(f"The body must be in UTF-8, not in {value.strip()}.")
    return media_type.strip().lower()


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProtocolError(f"The body is not in UTF-8: byte {error.start} can't be read.") from None


def _read_only() -> UpdateRefused:
    return UpdateRefused("This endpoint answers queries and takes no updates.")
