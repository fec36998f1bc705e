"""Each limit from both sides: the last text that passes, and the first that doesn't."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sparql import nesting
from sparql.query_engine import QueryError
from sparql.refusal import QueryRefused, RefusalCode
from sparql.scanner import LONGEST, scan

PATTERN = "?s <urn:p> ?o . "

LIMITS: list[tuple[str, Callable[[int], str], int, str]] = [
    ("braces", lambda n: "ASK" + "{" * n + "}" * n, 100, "too-deep"),
    ("braces without an end", lambda n: "ASK" + "{" * n, 100, "too-deep"),
    ("parentheses", lambda n: "ASK { FILTER" + "(" * (n - 1) + "1" + ")" * (n - 1) + "}", 100, "too-deep"),
    ("square brackets", lambda n: "ASK {" + "[a " * n, 99, "too-deep"),
    ("all of them", lambda n: "ASK" + "{SELECT(" * (n // 2) + "{" * (n % 2), 100, "too-deep"),
    ("patterns in one group", lambda n: "ASK {" + PATTERN * n + "}", 100, "too-many-patterns"),
    ("objects", lambda n: "ASK { ?s <urn:p> ?o" + ",?o" * (n - 1) + "}", 100, "too-many-patterns"),
    ("predicates", lambda n: "ASK { ?s <urn:p> ?o" + ";a ?o" * (n - 1) + "}", 100, "too-many-patterns"),
    ("items of a list", lambda n: "ASK { ?s ?p (" + "?x " * n + ") }", 49, "too-many-patterns"),
    ("nested lists", lambda n: "ASK { ?s ?p " + "(?x " * n + ")" * n + "}", 25, "too-many-patterns"),
    ("steps of a path", lambda n: "ASK { ?s a" + "/a" * n + " ?o }", 99, "too-many-patterns"),
    ("groups", lambda n: "ASK {" + "{}" * n + "}", 100, "too-many-patterns"),
    ("branches of a union", lambda n: "ASK {{}" + "UNION{}" * n + "}", 100, "too-many-patterns"),
    (
        "patterns",
        lambda n: "ASK {" + "{" + PATTERN * 90 + "}UNION{" + PATTERN * (n - 90) + "}}",
        190,
        "too-many-patterns",
    ),
    (
        "patterns apart",
        lambda n: "ASK {" + PATTERN * 80 + "MINUS{" + PATTERN * 80 + "}MINUS{" + PATTERN * (n - 160) + "}}",
        200,
        "too-many-patterns",
    ),
    ("optional", lambda n: "ASK {" + "OPTIONAL{}" * n + "}", 100, "too-many-patterns"),
    ("exists", lambda n: "ASK {" + "FILTER EXISTS{}" * n + "}", 100, "too-many-patterns"),
    ("alternatives of a path", lambda n: "ASK { ?s a" + "|a" * n + " ?o }", 200, "too-complex"),
    ("operators", lambda n: "ASK { FILTER(1" + "+1" * n + ") }", 1000, "too-complex"),
    ("conditions", lambda n: "ASK { FILTER(?x" + "||?x" * n + ") }", 1000, "too-complex"),
    ("negations", lambda n: "ASK { FILTER(" + "!" * n + "?x) }", 1000, "too-complex"),
    ("projected expressions", lambda n: "SELECT " + "(1 AS ?x)" * n + "{}", 500, "too-complex"),
    ("bindings", lambda n: "ASK {" + "BIND(1 AS ?x)" * n + "}", 500, "too-complex"),
    ("described", lambda n: "DESCRIBE" + " <urn:x>" * n, 1000, "too-complex"),
    ("filters", lambda n: "ASK {" + "FILTER(1)" * n + "}", 1999, "too-complex"),
    ("values", lambda n: "ASK { VALUES ?x {" + "1 " * n + "} }", 5000, "too-complex"),
    ("rows of values", lambda n: "ASK { VALUES (?x ?y) {" + "(1 <urn:x>)" * n + "} }", 2500, "too-complex"),
    ("choices", lambda n: "ASK { FILTER(?x IN (1" + ",1" * n + ")) }", 5000, "too-complex"),
    ("nested REGEX", lambda n: "ASK { FILTER" + "(REGEX" * n + "(1,1)" + ",1)" * n + "}", 13, "too-deep"),
    ("nested REPLACE", lambda n: "ASK { BIND(" + "REPLACE(" * n + "1" + ",1,1)" * n + " AS ?x) }", 12, "too-deep"),
    ("nested negation", lambda n: "ASK { FILTER(" + "!(" * n + ")" * n + ") }", 14, "too-deep"),
    ("nested annotations", lambda n: "ASK { ?s ?p ?o " + "~?r{|?p ?o " * n + "|}" * n + "}", 13, "too-deep"),
    ("words", lambda n: "ASK {} ORDER BY " + "x " * (n - 5), 20_000, "too-complex"),
]


def _code(text: str) -> str | None:
    try:
        scan(text)
    except QueryRefused as error:
        return error.code
    return None


@pytest.mark.parametrize(("name", "text", "most", "code"), LIMITS, ids=[name for name, *_ in LIMITS])
def test_limit(name: str, text: Callable[[int], str], most: int, code: str) -> None:
    assert _code(text(most)) is None
    assert _code(text(most + 1)) == code


ADVERSARIES = {
    "less than without end": "SELECT(" + "?a<" * 21_000,
    "iris that may be comments": "SELECT(" + "?a<#?a>" * 9_000,
    "iris that may be strings": "SELECT(" + "(?a<'x>' " * 7_000,
    "rows that may be comparisons": "SELECT * { VALUES (?a ?b) {(" + "<#a> <#b>)\n(" * 4_000,
    "long strings without end": "SELECT * { ?a " + "'''" * 21_000,
    "strings that end in two ways": "SELECT(" + "'''\\uD800' " * 5_900,
    "one name that is all service": "ASK { a:" + "service" * 9_000 + " {} }",
    "one gap behind many services": "ASK { a:" + "service" * 4_000 + " " * 30_000 + "{} }",
    "many names with service": "ASK { " + "a:service\n#\n" * 5_000,
    "services with a term without end": "ASK { " + "a:service<" * 6_000,
    "dots": "ASK { " + "a." * 32_000,
    "escaped local names": "ASK { " + "a:" + "\\'." * 21_000,
    "quoted triples": "SELECT(" + "?a<<" * 16_000,
    "comments": "#\n" * 32_000,
    "spaces": " " * 65_000,
}


@pytest.mark.parametrize("text", ADVERSARIES.values(), ids=ADVERSARIES)
def test_an_adversary_costs_no_more_than_its_length(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of tokens that are looked at, over all readings, stays within the limit."""
    looked_at = 0
    token = nesting.Usage.token

    def counting(self: nesting.Usage, level: nesting.Level) -> None:
        nonlocal looked_at
        looked_at += 1
        token(self, level)

    monkeypatch.setattr(nesting.Usage, "token", counting)
    _code(text)
    assert 0 <= looked_at <= 2 * (nesting.LIMITS[nesting.TOKENS] + 1)


DOCUMENTATION = (Path(__file__).parents[2] / "docs" / "sparql.md").read_text()


def test_the_documentation_states_every_limit() -> None:
    named = {name: most for name, most in nesting.LIMITS.items() if "read again" not in name}
    limits = {**named, "bytes in UTF-8": LONGEST, "brackets of all kinds, one in another": nesting.DEEPEST}
    assert [name for name, most in limits.items() if f"| {name} | {most:,} |" not in DOCUMENTATION] == []


def test_the_documentation_explains_every_code() -> None:
    codes = [*RefusalCode, QueryError.code, *(each.code for each in QueryError.__subclasses__())]
    assert [code for code in codes if f"`{code}`" not in DOCUMENTATION] == []
