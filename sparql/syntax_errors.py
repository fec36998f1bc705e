"""What is wrong with a query that the engine can't read, for people: where, what was expected, what to do.

The engine's own words name every character that it tried and a place that may lie behind the error; the column is in
characters, from 1, and declared prefixes don't shift it. What people commonly get wrong is found by
sparql/mistakes.py; the engine's place and words serve for the rest. The text is never given back beyond one line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from sparql.mistake_rules import BUILTINS, Mistake
from sparql.mistakes import first_mistake
from sparql.refusal import line_and_column
from sparql.terms import RDF, XSD

_WIDTH = 100
_MOST_EXPECTED = 8
_MESSAGE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_ALTERNATIVE = re.compile(r"""\s*((?:"(?:\\.|[^"\\])*"|\[(?:'(?:\\[^']*|[^'\\])'|[^\]'])*\]|[^,"\[])+)(?:,|$)""")
_UNDECLARED = re.compile(r"The prefix (.*): is not declared\.")

_WELL_KNOWN = {
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": str(RDF),
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": str(XSD),
}
_EXPRESSION = BUILTINS | {"NOT", "EXISTS"}
_AS_A_WHOLE = (
    "Every part can be read, but not all together: look for a variable that BIND or AS gives a value a second time, "
    "or rows of VALUES that are longer or shorter than its list of variables."
)
_NAMES = {
    '"$"': "a variable",
    '"?"': "a variable",
    '"<"': "an IRI",
    '":"': "a prefixed name",
    '"\'"': "a string",
    "\"'''\"": "a string",
    '"\\""': "a string",
    '"\\"\\"\\""': "a string",
    '"_:"': "a blank node",
    '"@"': "a language tag",
}
_REASONS = {
    "Already used blank node id": "A blank node label can't be used in two groups; use a variable.",
    "<unreported>": "A blank node label can't be used in two groups; use a variable.",
    "BIND is overriding an existing variable": "BIND needs a variable that has no value yet.",
    "IRI parsing failed": "The IRI before this place is not valid, or is relative where no BASE is declared.",
    "SELECT * is not authorized with GROUP BY": "With GROUP BY, name the variables of SELECT instead of *.",
    "The SELECT contains a variable that is unbound": (
        "With an aggregate or GROUP BY, a variable in SELECT has to be grouped by or stand inside an aggregate."
    ),
    "language tag parsing failed": "The language tag is not valid: @en, @de-AT.",
}


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why a text is no query.

    Attributes:
        line: where, counted from 1.
        column: likewise, in characters.
        excerpt: that line, cut to what is around the column, and under it a line with a caret.
        expected: what could stand there, eight things at most; empty when the hint says it all.
        hint: what to do; empty when nobody can tell.
    """

    line: int
    column: int
    excerpt: str
    expected: tuple[str, ...]
    hint: str


def explain(text: str, message: str, prefixes: Mapping[str, str]) -> SyntaxProblem:
    """Explain why the engine can't read `text`.

    Args:
        text: the query.
        message: what the engine said, as `error at 1:21: expected one of …`.
        prefixes: those that are known, whether or not they are declared before the text begins.
    """
    mistake = first_mistake(text, prefixes)
    if mistake is None and "Prefix not found" in message:
        mistake = first_mistake(text, {})
    if mistake is None:
        mistake = _said(text, message)
    elif found := _UNDECLARED.fullmatch(mistake.hint):
        mistake = Mistake(mistake.position, (), f"{mistake.hint} {declaration(found[1], prefixes)}".strip())
    line, column = line_and_column(text, mistake.position)
    return SyntaxProblem(line, column, excerpt(text, mistake.position), mistake.expected, mistake.hint)


def excerpt(text: str, position: int) -> str:
    """Return the line of `text` that holds `position`, with a caret under it; at most 100 characters of it."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = "".join(sign if sign.isprintable() else " " for sign in text[start : len(text) if end < 0 else end].rstrip())
    at = position - start
    first = max(0, min(at - _WIDTH // 2, len(line) - _WIDTH))
    before, after = line[first:at], line[at : first + _WIDTH]
    if first:
        before = "…" + before[1:]
    if first + _WIDTH < len(line):
        after = after[:-1] + "…"
    return f"{before}{after}\n{' ' * _columns(before)}^"


def _columns(text: str) -> int:
    """Return how many columns of a terminal `text` takes (UAX 11)."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) != 0 for sign in text)


def declaration(prefix: str, prefixes: Mapping[str, str]) -> str:
    """Return the advice for a prefix that is not declared, by the well-known ones and `prefixes`."""
    known = {**_WELL_KNOWN, **prefixes}
    if prefix in known:
        return f"Add the line: PREFIX {prefix}: <{known[prefix]}>"
    close = get_close_matches(prefix, known, 1)
    return f"Did you mean {close[0]}:, <{known[close[0]]}>?" if close else "Add a line PREFIX … for it."


def _said(text: str, message: str) -> Mistake:
    """Make the best of the engine's own words."""
    found = _MESSAGE.match(message)
    if not found:
        return Mistake(len(text), (), message)
    alternatives = [each[1].strip() for each in _ALTERNATIVE.finditer(found[3])]
    position = _index(text, int(found[1]), int(found[2]))
    reason = next((each for each in alternatives if each in _REASONS or _is_sentence(each)), "")
    if reason:
        return Mistake(position, (), _REASONS.get(reason, reason))
    keywords = [each for each in alternatives if each.isidentifier()]
    if keywords and all(each == "[_]" or each in keywords for each in alternatives):
        position = max(0, position - min(map(len, keywords)))  # the engine's place is behind the keyword it looked for
    expected = _summary(alternatives)
    return Mistake(position, expected, "" if expected else _AS_A_WHOLE)


def _is_sentence(alternative: str) -> bool:
    return " " in alternative and alternative[0] not in "\"['"


def _index(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(start + column - 1, len(text))


def _summary(alternatives: Iterable[str]) -> tuple[str, ...]:
    named = dict.fromkeys(filter(None, map(_name, alternatives)))
    return tuple(named)[:_MOST_EXPECTED]


def _name(alternative: str) -> str:
    if alternative in _NAMES:
        return _NAMES[alternative]
    if alternative.startswith("["):
        return "a name" if "'A' ..= 'Z'" in alternative else "a number" if "'0'..='9'" in alternative else ""
    if alternative.startswith('"'):
        return "" if "\\" in alternative else alternative
    return "an expression" if alternative.upper() in _EXPRESSION else alternative
