"""What is wrong with a Turtle document, for people: where, what was expected, what to do.

The parser's place is kept, but for strings that are not closed: those are shown where they begin. Its words are put in
those that people use, and the bracket that is still open is named.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from sparql.embedded.turtle import TurtleError
from sparql.refusal import line_and_column
from sparql.syntax_errors import SyntaxProblem, declaration, excerpt
from sparql.turtle_places import Places, read_places

_SUBJECT = ("an IRI", "a prefixed name", "a blank node", '"@prefix"')
_OBJECT = ("an IRI", "a prefixed name", "a literal", '"["', '"("')
_RULES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (r"A dot is expected at the end of statements", ('"."', '";"', '","'), ""),
    (r".* is not a valid subject or graph name", _SUBJECT, ""),
    (r".* is not a valid predicate", ("an IRI", "a prefixed name", '"a"'), ""),
    (r".* is not a valid RDF object", _OBJECT, ""),
    (r"blank node property lists should end with a ']'", ('"]"', '";"', '","'), ""),
    (r"The PREFIX keyword should be followed .*", ("a prefix with its colon, as ex:",), ""),
    (r"The PREFIX declaration should be followed .*", ("the namespace as an IRI, in < and >",), ""),
    (r"Expecting a datatype IRI after \^\^.*", ("the IRI of a datatype, as xsd:double",), ""),
    (r"No scheme found in an absolute IRI", (), "This IRI is relative, and nothing says to what: write it in full."),
    (r"Invalid IRI code point ' '.*", (), "This IRI holds a space, or has no > at its end."),
    (r"A language code should .*", ("a language tag, as @en or @de-AT",), ""),
)
_UNDECLARED = re.compile(r"The prefix (.*): has not been declared")
_DECLARATIONS = ("@prefix", "@base", "prefix", "base")
_WORD = re.compile(r"[@\w]+")


def explain_turtle(text: str, error: TurtleError) -> SyntaxProblem:
    """Explain why `text` can't be read, from what the parser said."""
    position = _index(text, error.line, error.column)
    places = read_places(text, position)
    expected, hint = _said(text, error.reason, position, places)
    if _breaks_off(error.reason):
        position = min(position, places.end)
        if text[position : position + 1] in ('"', "'"):
            expected, hint = (), f"The string that begins here has no {text[position]} at its end."
    line, column = line_and_column(text, position)
    return SyntaxProblem(line, column, excerpt(text, position), expected, hint)


def _said(text: str, reason: str, position: int, places: Places) -> tuple[tuple[str, ...], str]:
    if text.startswith("\ufeff"):
        return (), "The file begins with a byte order mark: save it as UTF-8 without one."
    if found := _UNDECLARED.fullmatch(reason):
        return (), f"The prefix {found[1]}: is not declared. {declaration(found[1], places.prefixes)}"
    if reason == "Unexpected end of file" and text[position : position + 1] == "<":
        return (), "The IRI that begins here has no > at its end."
    if reason == "Unexpected end" and not places.open:
        return ('"."',), "The last statement is not complete."
    for pattern, expected, hint in _RULES:
        if re.fullmatch(pattern, reason, re.DOTALL):
            return expected, " ".join(filter(None, [hint, _bracket(text, places), _close_to(text, position)]))
    return (), _bracket(text, places) if reason == "Unexpected end" else f"{reason[:200].rstrip('.')}."


def _breaks_off(reason: str) -> bool:
    return reason.startswith(("Unexpected end of file", "Line jumps are not allowed"))


def _bracket(text: str, places: Places) -> str:
    if not places.open:
        return ""
    line, column = line_and_column(text, places.open[-1])
    return f"The {text[places.open[-1]]} in line {line}, column {column}, is not closed."


def _close_to(text: str, position: int) -> str:
    """Tell what a misspelt declaration should be, when that is what stands at `position`."""
    word = _WORD.match(text, position)
    behind = text[word.end() : word.end() + 1] if word else ""
    close = get_close_matches(word[0].lower(), _DECLARATIONS, 1, 0.75) if word and behind.isspace() else []
    return f"Did you mean {close[0]}?" if close else ""


def _index(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(start + column - 1, len(text))
