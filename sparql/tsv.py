"""Reads SPARQL results in tab-separated values into terms (SPARQL 1.1 Query Results CSV and TSV Formats, section 4).

Reading text beats asking an engine for each term: most cells repeat (predicates, codes, classes), and a cell that was
seen before costs one look-up.
"""

from __future__ import annotations

import re

from sparql.terms import BOOLEAN, DECIMAL, DOUBLE, INTEGER, LANG_STRING, STRING, Iri, Literal, Term

_MOST_CELLS = 100_000
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_NUMBERS = (
    (re.compile(r"[+-]?\d+"), INTEGER),
    (re.compile(r"[+-]?\d*\.\d+"), DECIMAL),
    (re.compile(r"[+-]?(\d+\.?\d*|\.\d+)[eE][+-]?\d+"), DOUBLE),
)

_terms: dict[str, Term | None] = {}


def read_tsv(data: bytes) -> list[tuple[Term | None, ...]]:
    """Return the rows of a result, each with the terms of its cells; an empty cell is None.

    Raises:
        ValueError: a cell is no term.
    """
    lines = data.decode().split("\n")
    if len(_terms) > _MOST_CELLS:
        _terms.clear()
    return [
        tuple([_terms[cell] if cell in _terms else _read(cell) for cell in line.split("\t")]) for line in lines[1:-1]
    ]


def _read(cell: str) -> Term | None:
    term = _term(cell)
    _terms[cell] = term
    return term


def _term(cell: str) -> Term | None:
    if not cell:
        return None
    if cell[0] == "<":
        return Iri(cell[1:-1])
    if cell[0] == '"':
        return _quoted(cell)
    if cell.startswith("_:"):
        return Iri(cell)
    if cell in ("true", "false"):
        return Literal(cell, BOOLEAN)
    for pattern, datatype in _NUMBERS:
        if pattern.fullmatch(cell):
            return Literal(cell, datatype)
    raise ValueError(f"no term: {cell[:80]!r}")


def _quoted(cell: str) -> Literal:
    end = cell.rindex('"')
    text, rest = cell[1:end], cell[end + 1 :]
    lexical = _ESCAPE.sub(_unescaped, text) if "\\" in text else text
    if rest.startswith("^^<"):
        return Literal(lexical, Iri(rest[3:-1]))
    return Literal(lexical, LANG_STRING, rest[1:]) if rest.startswith("@") else Literal(lexical, STRING)


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _LETTERS.get(found[3], found[3])
