"""The engine's real messages go in; `‸` marks where the problem is said to be."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from sparql.mistakes import first_mistake
from sparql.syntax_errors import SyntaxProblem, excerpt, explain

FLEX = "https://w3id.org/flexcoop/cim#"
PREFIXES = {"flex": FLEX, "saref": "https://saref.etsi.org/core/"}
TEXTS = Path(__file__).parent / "scanner" / "passes"
QUERIES = Path(__file__).parents[2] / "sparql" / "queries"

PROBLEMS = [
    ("SELECT ?a‸, ?b { ?a ?p ?b }", "Separate the variables of SELECT by spaces."),
    ("SELECT ‸COUNT(?x) { ?s ?p ?x }", "Write (COUNT(…) AS ?name)."),
    ("SELECT (COUNT(?x)‸) { ?s ?p ?x }", "Write (expression AS ?variable)."),
    ("SELECT * { ?s ?p ?o BIND(?o = ?x‸) }", "Write BIND(expression AS ?variable)."),
    ("SELECT * { ?s ?p ?o‸", "The { in line 1 is not closed."),
    ("SELECT * {\n { ?s ?p ?o }\n OPTIONAL { ?s ?p ?o\n}‸\n\n", "The { in line 1 is not closed."),
    ("SELECT * { ?s ?p ?o FILTER(regex(?o, 'a') ‸}", "The ( in line 1 is not closed."),
    ("SELECT * { ?s ?p ?o } ‸}", "There is no opening bracket for this }"),
    ("SELECT * { ?s a flex:Device ; flex:x ?y , ‸}", ""),
    ("SELECT * { ?s ?p ‸}", ""),
    ("SELECT * { ?s ?p [ a ‸] }", ""),
    ("SELECT * { ?s ‸'a' ?o }", ""),
    ("SELECT * { ?s ?p/ ?o ‸}", ""),
    ("SELECT * { ?s flex:a ?o\n ‸?s flex:b ?p }", "Put a dot between two triple patterns."),
    ("SELECT * { ?s ?p 1 . ‸. }", "There is no triple pattern before this ."),
    ("SELECT * { ?s ?p ‸'abc }", "has no ' at its end on this line."),
    ("SELECT * { ?s ?p ‸\"it's }", 'has no " at its end on this line.'),
    ("SELECT * { ?s ?p ‸“a” }", "straight quotation marks"),
    ("SELECT * { ?s ‸<http://a b> ?o }", "An IRI ends with > and holds no spaces"),
    ("SELECT * { ?s ?p ?o FILTER(?o =‸= 1) }", "Equality is a single =."),
    ("SELECT * { ?s ?p ?o FILTER(?a ‸and ?b) }", "Write && for AND."),
    ("SELECT * { ?s ?p ?o FILTER(?a = 1 ‸Or ?b) }", "Write || for OR."),
    ("SELECT * { ?s ?p ?o FILTER ‸?o > 1 }", ""),
    ("SELECT * { ?s ?p ?o OPTIONAL ‸?a ?b ?c }", ""),
    ("SELECT ?s WHERE ‸?s ?p ?o", ""),
    ("SELECT * { ?s ?p ?o } ORDER ‸?s", ""),
    ("SELECT * { ?s ?p ?o } LIMIT ‸x", ""),
    ('SELECT * { ?s ?p "a"^^ ‸}', ""),
    ("SELECT * { FILTER(contain‸(?x, 'a')) }", "There is no function CONTAIN; did you mean CONTAINS?"),
    ("‸SELEKT * { }", "Did you mean SELECT?"),
    ("‸PREFIX flex <urn:x> SELECT * { }", "Write PREFIX name: <IRI>."),
    ("‸", ""),
    ("SELECT * { ?s ?p ‸; }", ""),
    ("ASK { ?s ?p ?o ‸nonsense ?x }", ""),
    ("SELECT * { ?s ‸flx:a ?o }", f"The prefix flx: is not declared. Did you mean flex:, <{FLEX}>?"),
    ("SELECT * { ?s ‸x:y ?o }", "The prefix x: is not declared."),
    ("ASK { ?s ?p ‸geof:a }", "Add the line: PREFIX geof: <http://www.opengis.net/def/function/geosparql/>"),
    ("# é\nSELECT * { ?s flex:é 'é' ‸?o }", ""),
]


def _message(text: str, prefixes: dict[str, str]) -> str:
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query(text, prefixes=prefixes)
    return str(caught.value)


def _explained(marked: str, prefixes: dict[str, str] = PREFIXES) -> tuple[SyntaxProblem, tuple[int, int]]:
    text = marked.replace("‸", "")
    before = marked.partition("‸")[0]
    place = before.count("\n") + 1, len(before) - before.rfind("\n")
    return explain(text, _message(text, prefixes), PREFIXES), place


@pytest.mark.parametrize(("marked", "hint"), PROBLEMS, ids=[marked for marked, _ in PROBLEMS])
def test_problem(marked: str, hint: str) -> None:
    problem, place = _explained(marked)
    assert (problem.line, problem.column) == place
    assert hint in problem.hint
    assert problem.expected or problem.hint
    assert len(problem.expected) <= 8


def test_what_was_expected_is_short() -> None:
    problem, _ = _explained("SELECT * { ?s ?p ‸}")
    assert problem.expected == ("an object: a variable, an IRI or a literal",)
    problem, _ = _explained("SELECT * { ?s ?p ?o FILTER(?o > 'a' && ) }")
    assert problem.expected == ("an expression",)
    problem, _ = _explained("SELECT * { ?s flex:a ?o\n ‸?s flex:b ?p }")
    assert problem.expected == ('"."', '";"', '","', '"}"')


def test_a_known_prefix_that_is_not_declared() -> None:
    problem, place = _explained("PREFIX ex: <urn:>\nSELECT * { ex:a ‸flex:b ?o }", {})
    assert problem.hint == f"The prefix flex: is not declared. Add the line: PREFIX flex: <{FLEX}>"
    assert (problem.line, problem.column) == place


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("SELECT ?s (COUNT(?x) AS ?n) { ?s ?p ?x }", "has to be grouped by or stand inside an aggregate"),
        ("SELECT * {} GROUP BY ?x", "name the variables of SELECT instead of *"),
        ("SELECT * { BIND(1 AS ?x) BIND(2 AS ?x) }", "gives a value a second time"),
        ("SELECT * { { _:a ?p ?o } { _:a ?p ?o } }", "blank node label"),
        ("SELECT * { ?s ?p 'a'@x-abcdefghij }", "language tag"),
        ("SELECT * { ?s ?p <relative> }", "relative where no BASE is declared"),
    ],
)
def test_what_only_the_engine_knows(text: str, hint: str) -> None:
    assert hint in explain(text, _message(text, PREFIXES), PREFIXES).hint


@pytest.mark.parametrize(
    ("message", "expected", "column"),
    [
        (
            'error at 1:3: expected one of "$", "(", "?", [\'0\'..=\'9\'], "}"',
            ("a variable", '"("', "a number", '"}"'),
            3,
        ),
        ('error at 1:5: expected one of ABS, CEIL, NOT, isIRI, "{"', ("an expression", '"{"'), 5),
        ("error at 1:9: expected one of GROUP, LIMIT", ("GROUP", "LIMIT"), 4),
        ('error at 1:9: expected one of "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"', None, 9),
        ("error at 7:99: expected [_]", (), 12),
        ("something else", (), 12),
    ],
)
def test_messages(message: str, expected: tuple[str, ...] | None, column: int) -> None:
    problem = explain("ASK {     }", message, {})
    assert problem.column == column
    assert problem.expected == expected if expected is not None else len(problem.expected) == 8


def test_nothing_is_found_in_what_the_engine_reads() -> None:
    texts = [path.read_bytes().decode() for folder in (TEXTS, QUERIES) for path in sorted(folder.glob("*.rq"))]
    read = [text for text in texts if _is_read(text)]
    assert len(read) > 20
    assert [text for text in read if first_mistake(text, {})] == []


def _is_read(text: str) -> bool:
    try:
        ox.Store().query(text)
    except (SyntaxError, RuntimeError):
        return False
    return True


def test_excerpt_of_a_short_line() -> None:
    assert excerpt("ASK {\n  ?s ?p }\n", 14) == "  ?s ?p }\n        ^"


def test_excerpt_of_a_long_line_is_cut_around_the_column() -> None:
    text = "".join(f"?v{number:03} " for number in range(100))
    for position in (0, 5, 49, 50, 51, 300, 549, 550, 551, 595, len(text) - 1):
        line, caret = excerpt(text, position).split("\n")
        assert len(line) <= 100
        assert line[len(caret) - 1 : len(caret)].strip("…") in text[position : position + 1]


def test_excerpt_counts_the_columns_of_a_terminal() -> None:
    assert excerpt("'日本' }", 5) == "'日本' }\n       ^"
    assert excerpt("'e\u0301' }", 5) == "'e\u0301' }\n    ^"
    assert excerpt("\t?s\t}", 4) == " ?s }\n    ^"


def test_excerpt_shows_no_control_characters() -> None:
    assert excerpt("a\x1b[31m\x00b\r\n", 0) == "a [31m b\n^"


def test_long_names_are_not_given_back_whole() -> None:
    text = "ASK { ?s ?p " + "x" * 60_000 + ":y }"
    problem = explain(text, _message(text, {}), PREFIXES)
    assert len(problem.hint) < 200
    assert len(problem.excerpt) < 220
