"""When two results are the same: every pair here is a file that a test expects and what came back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.solutions import difference

INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
DOUBLE = "http://www.w3.org/2001/XMLSchema#double"


def number(value: str, datatype: str = INTEGER) -> dict[str, str]:
    return {"type": "literal", "value": value, "datatype": datatype}


def blank(name: str) -> dict[str, str]:
    return {"type": "bnode", "value": name}


def document(*rows: dict[str, Any]) -> bytes:
    return json.dumps({"head": {"vars": ["x", "y"]}, "results": {"bindings": rows}}).encode()


def compared(folder: Path, expected: bytes, actual: bytes, *, ordered: bool = False) -> str | None:
    file = folder / "expected.srj"
    file.write_bytes(expected)
    return difference(file, actual, ordered=ordered)


SAME = {
    "in another order": (
        document({"x": number("1")}, {"x": number("2")}),
        document({"x": number("2")}, {"x": number("1")}),
    ),
    "numbers written otherwise": (document({"x": number("1.0E6", DOUBLE)}), document({"x": number("1000000", DOUBLE)})),
    "blank nodes of other names": (
        document({"x": blank("a"), "y": blank("b")}, {"x": blank("b"), "y": blank("a")}),
        document({"x": blank("q"), "y": blank("p")}, {"x": blank("p"), "y": blank("q")}),
    ),
}
DIFFERENT = {
    "a row less": (document({"x": number("1")}, {"x": number("1")}), document({"x": number("1")})),
    "another row twice": (
        document({"x": number("1")}, {"x": number("1")}, {"x": number("2")}),
        document({"x": number("1")}, {"x": number("2")}, {"x": number("2")}),
    ),
    "another datatype": (document({"x": number("1")}), document({"x": number("1", DOUBLE)})),
    "an unbound variable": (document({"x": number("1"), "y": number("2")}), document({"x": number("1")})),
    "a blank node in two rows": (
        document({"x": blank("a")}, {"x": blank("b")}),
        document({"x": blank("a")}, {"x": blank("a")}),
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_these_are_the_same(tmp_path: Path, name: str) -> None:
    assert compared(tmp_path, *SAME[name]) is None


@pytest.mark.parametrize("name", DIFFERENT)
def test_these_are_different(tmp_path: Path, name: str) -> None:
    assert compared(tmp_path, *DIFFERENT[name]) is not None


def test_the_order_counts_where_it_is_to_count(tmp_path: Path) -> None:
    assert compared(tmp_path, *SAME["in another order"], ordered=True) is not None


@pytest.mark.parametrize(("value", "same"), [("true", True), ("false", False)])
def test_booleans_compare(tmp_path: Path, value: str, same: bool) -> None:
    problem = compared(tmp_path, b'{"head":{},"boolean":true}', f'{{"head":{{}},"boolean":{value}}}'.encode())
    assert (problem is None) is same


def test_graphs_compare_up_to_isomorphism(tmp_path: Path) -> None:
    file = tmp_path / "expected.ttl"
    file.write_text("<urn:a> <urn:p> [ <urn:q> 1 ] .")
    assert difference(file, b"<urn:a> <urn:p> _:z . _:z <urn:q> 1 .", ordered=False) is None
    assert difference(file, b"<urn:a> <urn:p> _:z . _:z <urn:q> 2 .", ordered=False) is not None


def test_solutions_may_be_expected_in_rdf(tmp_path: Path) -> None:
    file = tmp_path / "expected.ttl"
    file.write_text(
        "@prefix rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#> . "
        '[] a rs:ResultSet ; rs:resultVariable "x" ; '
        'rs:solution [ rs:binding [ rs:variable "x" ; rs:value <urn:a> ] ] .'
    )
    answer = (
        '<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head>'
        '<results><result><binding name="x"><uri>urn:{}</uri></binding></result></results></sparql>'
    )
    assert difference(file, answer.format("a").encode(), ordered=False) is None
    assert difference(file, answer.format("b").encode(), ordered=False) is not None
