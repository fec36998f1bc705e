"""What people are told about Turtle with a mistake: the exact place, and what would be right."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sparql.embedded.turtle import MOST_TRIPLE_TERMS, TurtleError, parse_turtle
from sparql.syntax_errors import SyntaxProblem
from sparql.turtle_errors import explain_turtle

P = "@prefix e: <http://e/> .\n"
SUBJECT = '"@prefix"'
CASES: list[tuple[str, int, int, str, str]] = [
    ("e:a x:b e:c .", 2, 5, "", "The prefix x: is not declared."),
    ("e:a skos:b e:c .", 2, 5, "", "Add the line: PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"),
    ('e:ä e:b "ß😀" x:y .', 2, 14, "", "The prefix x: is not declared."),
    ("e:a e:b e:c\ne:d e:e e:f .", 3, 1, '"."', ""),
    ("e:a e:b e:c ;\n  e:d e:e\n  e:f e:g .", 4, 3, '";"', ""),
    ("e:a e:b e:c", 2, 12, '"."', "not complete"),
    ('e:a e:b "abc ;\n e:d "x" .', 2, 9, "", 'The string that begins here has no " at its end.'),
    ("e:a e:b 'abc .\n e:d e:e e:f .", 2, 9, "", "The string that begins here has no ' at its end."),
    ('e:a e:b """abc .\n e:d e:e "x" .', 2, 9, "", "The string that begins here"),
    ("e:a e:b <http://x/ .\n e:f e:c e:d .", 2, 9, "", "has no > at its end"),
    ("e:a e:b <http://a b> .", 2, 9, "", "holds a space"),
    ("e:a e:b <c> .", 2, 9, "", "relative"),
    ("e:a e:b [ e:c e:d ;\n  e:d e:e .", 3, 11, '"]"', "The [ in line 2, column 9, is not closed."),
    ("e:a e:b [ e:c e:d", 2, 18, "", "The [ in line 2, column 9, is not closed."),
    ("e:a e:b ( e:c ] .", 2, 15, '"("', "The ( in line 2, column 9, is not closed."),
    ("e:a e:b ( e:c .", 2, 15, '"("', "The ( in line 2, column 9, is not closed."),
    ("e:a e:b e:c ] .", 2, 13, SUBJECT, ""),
    ('e:a "x" e:c .', 2, 5, '"a"', ""),
    ("e:a e:b .", 2, 9, "a literal", ""),
    ("e:a e:b e:c,  .", 2, 15, "a literal", ""),
    ("e:a e:b e:c . .", 2, 15, SUBJECT, ""),
    ('"x" e:b "y" .', 2, 1, SUBJECT, ""),
    ("@prefix f <http://x/> .", 2, 9, "a prefix with its colon, as ex:", ""),
    ("@prefix f: http://x/ .", 2, 12, "the namespace as an IRI, in < and >", ""),
    ("@perfix f: <http://x/> .", 2, 1, SUBJECT, "Did you mean @prefix?"),
    ("prefx f: <http://x/> .", 2, 1, SUBJECT, "Did you mean prefix?"),
    ('e:a e:b "x"^^ .', 2, 15, "the IRI of a datatype, as xsd:double", ""),
    ('e:a e:b "x"@ .', 2, 13, "a language tag, as @en or @de-AT", ""),
    ("e:a e:b 1e .", 2, 9, "", "exponent"),
    ('e:a e:b "\\q" .', 2, 10, "", "escape"),
    ("GRAPH e:g { }", 2, 1, SUBJECT, ""),
]


def problem(text: str) -> SyntaxProblem:
    with pytest.raises(TurtleError) as caught:
        list(parse_turtle(text.encode()))
    return explain_turtle(text, caught.value)


@pytest.mark.parametrize(("text", "line", "column", "expected", "hint"), CASES, ids=[case[0][:40] for case in CASES])
def test_says_where_and_what_would_be_right(text: str, line: int, column: int, expected: str, hint: str) -> None:
    found = problem(P + text)
    assert (found.line, found.column) == (line, column)
    assert expected in found.expected or not (expected or found.expected)
    assert hint in found.hint
    assert found.expected or found.hint
    assert "Parser error" not in found.hint


@pytest.mark.parametrize(("text", "line", "column"), [case[:3] for case in CASES], ids=[case[0][:40] for case in CASES])
def test_shows_the_line_with_a_caret(text: str, line: int, column: int) -> None:
    shown, caret = problem(P + text).excerpt.splitlines()
    assert shown == (P + text).splitlines()[line - 1].rstrip()
    assert caret.strip() == "^"
    assert caret.index("^") >= column - 1


def test_a_byte_order_mark_is_called_one() -> None:
    found = problem(f"\ufeff{P}")
    assert (found.line, found.column) == (1, 1)
    assert "byte order mark" in found.hint


def test_the_reason_of_an_error_has_no_place_and_its_message_has() -> None:
    with pytest.raises(TurtleError) as caught:
        list(parse_turtle(f'{P}e:a e:b "abc .\n\n'.encode()))
    assert caught.value.reason == "Unexpected end of file"
    assert str(caught.value).startswith("Parser error between line 2")
    assert (caught.value.line, caught.value.column) == (2, 9)


def test_many_triple_terms_are_refused_before_they_end_the_process() -> None:
    nested = P.encode() + b"\ne:a e:b " + b"<<( e:a e:b " * 100_000 + b"1" + b")>> " * 100_000 + b"."
    with pytest.raises(TurtleError, match="triple terms") as caught:
        list(parse_turtle(nested))
    assert caught.value.line == 3


@pytest.mark.parametrize(
    "piece", [("<<( e:a e:b ", "e:c", ")>> "), ("[ e:p ", "1", "]"), ("( ", "", ")"), ("e:c {| e:a ", "e:c", "|} ")]
)
def test_what_passes_is_read_on_a_small_stack(piece: tuple[str, str, str]) -> None:
    """In a process of its own, in a thread as small as a server's: a parser that recurses would end it."""
    opening, inner, closing = piece
    levels = MOST_TRIPLE_TERMS if "<<" in opening else 100_000
    code = f"""
import threading
from sparql.embedded.turtle import parse_turtle
text = {P!r} + "e:a e:b " + {opening!r} * {levels} + {inner!r} + {closing!r} * {levels} + " ."
threading.stack_size(1024 * 1024)
def read():
    print("read", sum(1 for _ in parse_turtle(text.encode())))
thread = threading.Thread(target=read)
thread.start()
thread.join()
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr[-500:]
    assert ran.stdout.startswith("read ")
