"""Cuts the Python form of conditions into tokens. Nothing of the text is ever run, or given to a parser of Python."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

from registry.errors import BadRequest

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<name>[^\W\d]\w*(?:[.-][^\W\d]\w*)*)
    |(?P<number>(?:\d{1,400}\.?\d{0,400}|\.\d{1,400})(?:[eE][+-]?\d{1,5})?)
    |(?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    |(?P<sign>[=!<>]=|[<>()+,-])
    |(?P<end>\Z))""",
    re.VERBOSE,
)
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no form for: strict JSON refuses it too."""


class Kind(Enum):
    """What a token is."""

    NAME = "a name"
    VALUE = "a value"
    SIGN = "a sign"
    END = "the end"


class Token(NamedTuple):
    """A token, its text or value, and its column from 1."""

    kind: Kind
    value: Any
    column: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of `text`; the last one is its end. A hyphen between letters belongs to a name.

    Raises:
        BadRequest: something is no token; says the column.
    """
    position = 0
    while True:
        found = _TOKEN.match(text, position)
        if found is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise refusal(start + 1, f"{text[start : start + 10]!r} can't stand in a condition")
        kind = str(found.lastgroup)
        column = found.start(kind) + 1
        yield _token(kind, found[kind], column)
        if kind == "end":
            return
        position = found.end()


def refusal(column: int, reason: str) -> BadRequest:
    """Return the error for what stands at a column."""
    return BadRequest(f"where, column {column}: {reason}")


def _token(kind: str, text: str, column: int) -> Token:
    match kind:
        case "number":
            return Token(Kind.VALUE, _number(text, column), column)
        case "string":
            return Token(Kind.VALUE, _string(text, column), column)
    return Token(Kind[kind.upper()], text, column)


def _number(text: str, column: int) -> float:
    value = float(text) if re.search(r"[.eE]", text) else int(text)
    if abs(value) > 1.7e308:
        raise refusal(column, "numbers beyond 1.7e308 are refused")
    return value


def _string(text: str, column: int) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = text if _UNFIT.search(text) else str(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        raise refusal(column, "the string has an escape that means nothing") from None
    if _UNFIT.search(value):
        raise refusal(column, "the string has a character that can't be written as XML, so it is refused")
    return value
