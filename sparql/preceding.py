"""What stands before a token, as far as it matters for reading it, and how that is told from a word.

The engine knows no word boundaries, so a word is judged by how it ends: `trueUNION` comes before a group as UNION does.
"""

from __future__ import annotations

import re
from enum import IntEnum


class Before(IntEnum):
    """What stands before a token, as far as it matters for reading it."""

    START = 0
    SEPARATOR = 1
    DOT = 2
    OPERATOR = 3
    BANG = 4
    OPERAND = 5
    CALLEE = 6
    CLOSED = 7
    WORD = 8
    NAMING = 9
    VALUES = 10
    DATA = 11
    APART = 12
    OPTIONAL = 13


NO_OPERAND = frozenset({Before.START, Before.SEPARATOR, Before.DOT, Before.OPERATOR, Before.BANG})
"""After these, `<` compares nothing."""
ITEM = frozenset({Before.START, Before.OPERAND, Before.CLOSED})
"""After these, a bracket can be an item of a list."""
FRESH = frozenset({Before.START, Before.DOT, Before.CLOSED})
"""After these, a statement can begin."""
WORDS = frozenset({Before.WORD, Before.NAMING, Before.VALUES, Before.APART, Before.OPTIONAL})
ENDED = frozenset({Before.OPERAND, Before.CALLEE, Before.CLOSED})
"""After these, an expression goes on with an operator, a comma or a word."""
UNJOINED = frozenset({Before.APART, Before.OPTIONAL})
"""After these, a group is not one more to join."""
CALLING = frozenset({*WORDS, Before.CLOSED})
"""After these, an IRI can be the name of a function."""

_WORD_ENDS = (
    (re.compile(r".*(?:GRAPH|FROM|NAMED)", re.IGNORECASE | re.DOTALL), Before.NAMING),
    (re.compile(r".*VALUES", re.IGNORECASE | re.DOTALL), Before.VALUES),
    (re.compile(r".*(?:UNION|MINUS|EXISTS)", re.IGNORECASE | re.DOTALL), Before.APART),
    (re.compile(r".*OPTIONAL", re.IGNORECASE | re.DOTALL), Before.OPTIONAL),
)
_TWICE = re.compile(r".*(?:REGEX|SUBSTR|REPLACE|GROUP_CONCAT)", re.IGNORECASE | re.DOTALL)
_TERM = re.compile(r"a|.*(?:true|false)", re.DOTALL)


def is_term(name: str) -> bool:
    """Tell whether a word without a colon stands for a term: `a`, or a boolean at its end."""
    return _TERM.fullmatch(name) is not None


def after_word(name: str) -> Before:
    """Return what a word without a colon is for the token that follows it."""
    return next((before for end, before in _WORD_ENDS if end.fullmatch(name)), Before.WORD)


def reads_twice(name: str) -> bool:
    """Tell whether the engine's parser tries the arguments of this function twice."""
    return _TWICE.fullmatch(name) is not None
