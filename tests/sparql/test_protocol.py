"""The query operation of the protocol, read from the parts of requests."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import pytest

from sparql.dataset_clause import DatasetClause
from sparql.protocol import (
    FORM,
    QUERY,
    UPDATE,
    Operation,
    ProtocolError,
    UnknownMethod,
    UnsupportedContent,
    UpdateRefused,
    read_operation,
)
from sparql.terms import Iri

TEXT = "SELECT * WHERE { ?ä ?b '+&=%' }"
A, B, C = Iri("http://a.example/?x=1&y=2"), Iri("urn:b"), Iri("urn:ü")


def read(method: str, parameters: object = "", body: bytes | str = b"", content_type: str | None = None) -> Operation:
    query_string = parameters if isinstance(parameters, str) else urlencode(parameters)  # type: ignore[arg-type]
    data = body.encode() if isinstance(body, str) else body
    return read_operation(method, query_string, content_type, lambda: data)


def unread() -> bytes:
    raise AssertionError("there is no body to read")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_query_in_the_url(method: str) -> None:
    query_string = urlencode({"query": TEXT})
    assert read_operation(method, query_string, None, unread) == Operation(query=TEXT)
    assert read_operation(method, query_string, "text/plain", unread) == Operation(query=TEXT)


@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_a_query_in_a_form(method: str) -> None:
    for content_type in (FORM, f"{FORM}; charset=UTF-8", FORM.upper()):
        assert read(method, body=urlencode({"query": TEXT}), content_type=content_type) == Operation(query=TEXT)


@pytest.mark.parametrize("method", ["POST", "QUERY"])
@pytest.mark.parametrize("content_type", [QUERY, f"{QUERY};charset=utf-8", f'{QUERY}; charset="UTF-8"; x=y'])
def test_a_query_as_the_body(method: str, content_type: str) -> None:
    assert read(method, body=TEXT, content_type=content_type) == Operation(query=TEXT)
    assert read(method, body=b"\xef\xbb\xbf" + TEXT.encode(), content_type=content_type) == Operation(query=TEXT)


def test_a_dataset_comes_from_url_and_form_together() -> None:
    expected = Operation(query=TEXT, dataset=DatasetClause((A, B), (C,)))
    pairs = [("default-graph-uri", A), ("default-graph-uri", B), ("named-graph-uri", C)]
    assert read("GET", [("query", TEXT), *pairs]) == expected
    assert read("POST", pairs, TEXT, QUERY) == expected
    assert read("POST", pairs, urlencode({"query": TEXT}), FORM) == expected
    assert read("POST", "", urlencode([*pairs, ("query", TEXT)]), FORM) == expected
    assert read("POST", pairs[:1], urlencode([*pairs[1:], ("query", TEXT)]), FORM) == expected


def test_without_dataset_parameters_the_text_decides() -> None:
    assert read("GET", {"query": TEXT}).dataset is None
    assert read("GET", {"query": TEXT, "named-graph-uri": B}).dataset == DatasetClause((), (B,))


@pytest.mark.parametrize("name", ["format", "output"])
def test_a_format_comes_under_two_names(name: str) -> None:
    assert read("GET", {"query": TEXT, name: "csv"}).form == "csv"
    assert read("POST", {name: "csv"}, TEXT, QUERY).form == "csv"
    assert read("GET", [("query", TEXT), ("format", "csv"), ("output", "json"), ("format", "xml")]).form == "csv"


def test_parameters_that_nobody_knows_are_ignored() -> None:
    assert read("GET", [("query", TEXT), ("x", "1"), ("timeout", "9"), ("x", "2"), ("", "")]) == Operation(query=TEXT)
    assert read("GET", f"query={quote(TEXT)}&&x&=&").query == TEXT


def test_no_query_asks_for_the_description() -> None:
    assert read("GET") == read("HEAD", {"x": "y"}) == Operation(query=None)


def test_an_empty_query_is_still_one() -> None:
    assert read("GET", "query=").query == ""
    assert read("POST", body=b"", content_type=QUERY).query == ""


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_there_are_no_other_methods(method: str) -> None:
    with pytest.raises(UnknownMethod, match=method):
        read_operation(method, urlencode({"query": TEXT}), FORM, unread)


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/json", "multipart/form-data; boundary=x", "application/sparql-results+json"],
)
def test_a_body_that_is_neither_form_nor_query_is_refused(content_type: str | None) -> None:
    with pytest.raises(UnsupportedContent, match=re.escape((content_type or "no stated type").partition(";")[0])):
        read_operation("POST", "query=ASK%20%7B%7D", content_type, unread)


@pytest.mark.parametrize(
    "content_type", [f"{QUERY}; charset=UTF-16", f"{FORM};charset=latin-1", f"{UPDATE}; charset=UTF-16"]
)
def test_a_body_in_another_encoding_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedContent, match="UTF-8"):
        read_operation("POST", "", content_type, unread)


@pytest.mark.parametrize(
    ("method", "parameters", "body", "content_type"),
    [
        ("POST", "", TEXT.encode("latin-1"), QUERY),
        ("POST", "", b"query=\xe4", FORM),
        ("POST", "", b"query=%E4", FORM),
        ("GET", "query=%ED%A0%80", b"", None),
        ("GET", "query=ASK%20%7B%7D&default-graph-uri=%ff", b"", None),
    ],
)
def test_what_is_not_in_utf_8_is_refused(method: str, parameters: str, body: bytes, content_type: str | None) -> None:
    with pytest.raises(ProtocolError, match="UTF-8"):
        read(method, parameters, body, content_type)


@pytest.mark.parametrize(
    ("method", "parameters", "body", "content_type"),
    [
        ("GET", "query=a&query=b", b"", None),
        ("GET", "query=a&query=a", b"", None),
        ("POST", "", b"query=a&query=b", FORM),
        ("POST", "query=a", b"query=b", FORM),
        ("POST", "query=a", b"b", QUERY),
    ],
)
def test_several_queries_are_refused(method: str, parameters: str, body: bytes, content_type: str | None) -> None:
    with pytest.raises(ProtocolError, match="this one has 2"):
        read(method, parameters, body, content_type)


@pytest.mark.parametrize("body", [b"", b"x=y"])
def test_a_form_without_a_query_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError, match="no parameter query"):
        read("POST", body=body, content_type=FORM)


@pytest.mark.parametrize(
    ("method", "parameters", "body", "content_type"),
    [
        ("GET", "update=CLEAR%20ALL", b"", None),
        ("HEAD", "update=", b"", None),
        ("POST", "", b"update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", FORM),
        ("POST", "update=x", b"", FORM),
        ("POST", "", b"CLEAR ALL", UPDATE),
        ("QUERY", "query=a", b"CLEAR ALL", UPDATE),
    ],
)
def test_an_update_is_refused_as_such(method: str, parameters: str, body: bytes, content_type: str | None) -> None:
    with pytest.raises(UpdateRefused) as caught:
        read(method, parameters, body, content_type)
    assert (caught.value.status, caught.value.code) == (403, "read-only")


@pytest.mark.parametrize(
    ("method", "parameters", "body", "content_type"),
    [
        ("GET", "query=a&update=b", b"", None),
        ("POST", "", b"query=a&update=b", FORM),
        ("POST", "update=b", b"a", QUERY),
    ],
)
def test_a_query_and_an_update_at_once_are_refused(
    method: str, parameters: str, body: bytes, content_type: str | None
) -> None:
    with pytest.raises(ProtocolError, match="not both"):
        read(method, parameters, body, content_type)


def test_thousands_of_parameters_are_refused() -> None:
    with pytest.raises(ProtocolError, match="at most"):
        read("GET", "query=a" + "&x=1" * 3000)
