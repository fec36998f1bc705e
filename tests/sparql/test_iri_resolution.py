from __future__ import annotations

import pyoxigraph as ox
import pytest

from sparql.iri_resolution import resolve

BASE = "http://a/b/c/d;p?q"

RFC_3986 = {
    "g:h": "g:h",
    "g": "http://a/b/c/g",
    "./g": "http://a/b/c/g",
    "g/": "http://a/b/c/g/",
    "/g": "http://a/g",
    "//g": "http://g",
    "?y": "http://a/b/c/d;p?y",
    "g?y": "http://a/b/c/g?y",
    "#s": "http://a/b/c/d;p?q#s",
    "g#s": "http://a/b/c/g#s",
    "g?y#s": "http://a/b/c/g?y#s",
    ";x": "http://a/b/c/;x",
    "g;x": "http://a/b/c/g;x",
    "g;x?y#s": "http://a/b/c/g;x?y#s",
    "": "http://a/b/c/d;p?q",
    ".": "http://a/b/c/",
    "./": "http://a/b/c/",
    "..": "http://a/b/",
    "../": "http://a/b/",
    "../g": "http://a/b/g",
    "../..": "http://a/",
    "../../": "http://a/",
    "../../g": "http://a/g",
    "../../../g": "http://a/g",
    "../../../../g": "http://a/g",
    "/./g": "http://a/g",
    "/../g": "http://a/g",
    "g.": "http://a/b/c/g.",
    ".g": "http://a/b/c/.g",
    "g..": "http://a/b/c/g..",
    "..g": "http://a/b/c/..g",
    "./../g": "http://a/b/g",
    "./g/.": "http://a/b/c/g/",
    "g/./h": "http://a/b/c/g/h",
    "g/../h": "http://a/b/c/h",
    "g;x=1/./y": "http://a/b/c/g;x=1/y",
    "g;x=1/../y": "http://a/b/c/y",
    "g?y/./x": "http://a/b/c/g?y/./x",
    "g?y/../x": "http://a/b/c/g?y/../x",
    "g#s/./x": "http://a/b/c/g#s/./x",
    "g#s/../x": "http://a/b/c/g#s/../x",
    "http:g": "http:g",
}
"""Section 5.4 of the RFC."""

BASES = [
    "http://h",
    "http://h/",
    "http://h/a/b?q",
    "urn:a:b",
    "urn:uuid:0",
    "mailto:x@y",
    "file:///a/b",
    "coap://h/a/b",
]
REFERENCES = [
    "",
    "#f",
    "?q",
    "a",
    "./a",
    "../a",
    "//o/p",
    "g;x",
    ".",
    "..",
    "a/./b/../c",
    "a//b",
    "é",
    "a%20b",
    "HTTP://O",
]


@pytest.mark.parametrize("reference", RFC_3986)
def test_examples_of_the_standard(reference: str) -> None:
    assert resolve(BASE, reference) == RFC_3986[reference]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("reference", REFERENCES)
def test_the_engine_resolves_alike(base: str, reference: str) -> None:
    result = ox.Store().query(f"SELECT (<{reference}> AS ?iri) {{}}", base_iri=base)
    assert isinstance(result, ox.QuerySolutions)
    (solution,) = result
    assert solution["iri"] == ox.NamedNode(str(resolve(base, reference)))


def test_nothing_to_resolve_against() -> None:
    assert resolve(None, "a") is None
    assert resolve(None, "urn:a") == "urn:a"
    assert resolve(None, "") is None
