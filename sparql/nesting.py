"""What a query text asks of the engine's parser and planner: how it is nested, and how much of everything it has.

Counts are upper bounds: a text that is near a limit may be refused, one beyond it never passes. The limits were found
by timing pyoxigraph 0.5.13: at each of them alone, parsing and planning took about a second on one core.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum

from sparql.refusal import RefusalCode

DEEPEST = 100
"""Levels of brackets of all kinds, one in another. The parser recurses: 2,200 end the process."""

LIMITS = {
    "triple patterns": 200,
    "triple patterns, path steps and groups joined in one group": 100,
    "OPTIONAL, UNION, MINUS and EXISTS": 100,
    "property path operators": 200,
    "operators in expressions": 1_000,
    "expressions with a name (AS)": 500,
    "brackets": 2_000,
    "variables and IRIs outside of all brackets": 1_000,
    "values in VALUES and IN": 5_000,
    "words and signs": 20_000,
    "words and signs read again inside of nested REGEX, SUBSTR, REPLACE, GROUP_CONCAT, !, {| and FILTER calls": 100_000,
}
"""The most of each. Planning a join of n patterns takes time that grows with the fourth power of n; chains of operators
recurse; and what stands inside n constructs of which the parser tries the arguments twice is read 2^n times."""

_PATTERNS, _JOINED, _CLAUSES, _PATHS, _OPERATORS, _NAMED, _BRACKETS, _LISTED, _VALUES, TOKENS, _READ_AGAIN = LIMITS
_CODES = {_PATTERNS: RefusalCode.PATTERNS, _CLAUSES: RefusalCode.PATTERNS, _READ_AGAIN: RefusalCode.DEEP}
"""The others are too-complex."""


class LimitExceeded(Exception):
    """There is too much of something. The message says of what; the code is the refusal's."""

    def __init__(self, message: str, code: RefusalCode, limit: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.limit = limit


class Kind(Enum):
    """What a bracket holds."""

    TEXT = "outside of all brackets"
    GROUP = "{ patterns }"
    DATA = "VALUES { … }"
    VARIABLES = "VALUES ( … )"
    EXPRESSION = "( expression )"
    LIST = "( items or path )"
    EITHER = "( an expression, items or a path )"
    BLANK = "[ … ]"
    ANNOTATION = "{| … |}"
    TRIPLE = "<< … >>"
    TERM = "<<( … )>>"


CLOSING = {
    Kind.TEXT: "",
    Kind.GROUP: "}",
    Kind.DATA: "}",
    Kind.VARIABLES: ")",
    Kind.EXPRESSION: ")",
    Kind.LIST: ")",
    Kind.EITHER: ")",
    Kind.BLANK: "]",
    Kind.ANNOTATION: "|}",
    Kind.TRIPLE: ">>",
    Kind.TERM: ")>>",
}
EXPRESSIONS = frozenset({Kind.TEXT, Kind.EXPRESSION})
COMPARING = frozenset({Kind.EXPRESSION, Kind.EITHER})
"""Where `<` can be an operator."""

_KEYWORD = re.compile(r"OPTIONAL|UNION|MINUS|EXISTS|LATERAL|AS(?![A-Z])", re.IGNORECASE | re.ASCII)
_PROPERTIES = frozenset({Kind.GROUP, Kind.BLANK, Kind.ANNOTATION})
_ITEMS = frozenset({Kind.LIST, Kind.EITHER})
_OF_LITERALS = frozenset({"^^", "-"})
_PATTERNS_OF = {Kind.BLANK: 1, Kind.ANNOTATION: 3, Kind.TRIPLE: 2, Kind.TERM: 1}


class Level:
    """An open bracket.

    Args:
        kind: what it holds.
        parent: the bracket around it.
        apart: whether it is planned apart from what is around it: a further branch of a UNION, MINUS, EXISTS.
        doublings: of how many constructs around and before it the parser tries the arguments twice.
    """

    __slots__ = ("apart", "depth", "doublings", "joined", "kind", "parent")

    def __init__(self, kind: Kind, parent: Level | None, *, apart: bool = False, doublings: int = 0) -> None:
        self.kind = kind
        self.parent = parent
        self.apart = apart
        self.doublings = doublings
        self.depth: int = parent.depth + 1 if parent else 0
        self.joined = 0

    @property
    def holds_data(self) -> bool:
        """Whether it is a block of VALUES, or a row of one."""
        return self.kind is Kind.DATA or (self.parent is not None and self.parent.kind is Kind.DATA)


class Usage:
    """Counts what a text has, in all its readings together.

    Each method raises LimitExceeded when it comes to more than is allowed.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._tokens = 0

    def token(self, level: Level) -> None:
        """Count one token."""
        self._tokens += 1
        if self._tokens > LIMITS[TOKENS]:
            self._add(TOKENS, self._tokens)
        if level.doublings:
            self._add(_READ_AGAIN, 1 << min(level.doublings, 20))

    def word(self, word: str) -> None:
        """Count what a word stands for that holds no colon; it may be several keywords in one."""
        for keyword in _KEYWORD.findall(word):
            self._add(_NAMED if keyword.upper() == "AS" else _CLAUSES, 1)

    def enter(self, level: Level, *, item: bool, joined: bool) -> None:
        """Count a bracket and what it stands for.

        Args:
            item: whether it stands where an item of a list can.
            joined: whether a group here is one more to join with what is around it.
        """
        if level.depth > DEEPEST:
            raise LimitExceeded(f"more than {DEEPEST} brackets are open, one in another", RefusalCode.DEEP)
        parent = level.parent
        if parent and not parent.holds_data:
            self._add(_BRACKETS, 1)
        if parent and parent.kind is Kind.GROUP and joined and level.kind in (Kind.GROUP, Kind.DATA):
            self._join(parent, 1)
        listed = item and parent is not None and parent.kind in _ITEMS and not parent.holds_data
        self._patterns(level, _PATTERNS_OF.get(level.kind, 0) + 2 * listed)

    def operand(self, level: Level, *, fresh: bool, steps: bool) -> None:
        """Count a variable, an IRI or a literal.

        Args:
            fresh: whether a statement can begin with it.
            steps: whether it stands after an operator, as a step of a path does.
        """
        if level.kind is Kind.TEXT:
            self._add(_LISTED, 1)
        elif level.kind is Kind.GROUP:
            self._patterns(level, int(fresh))
        elif level.holds_data:
            self._add(_VALUES, 1)
        elif level.kind in _ITEMS and not steps:
            self._patterns(level, 2)

    def separator(self, level: Level, sign: str) -> None:
        """Count `.`, `;` or `,`."""
        if level.kind in EXPRESSIONS:
            self._add(_VALUES, int(sign == ","))
        elif level.kind in _PROPERTIES and sign != ".":
            self._patterns(level, 1)

    def operator(self, level: Level, sign: str) -> None:
        """Count an operator of an expression or of a path."""
        if level.kind in EXPRESSIONS or level.kind is Kind.EITHER:
            self._add(_OPERATORS, 1)
        if level.kind not in EXPRESSIONS and sign not in _OF_LITERALS and not level.holds_data:
            self._add(_PATHS, 1)
            self._join(level, int(sign == "/"))
            self._patterns(level, int(sign == "~"))

    def _patterns(self, level: Level, number: int) -> None:
        if number:
            self._add(_PATTERNS, number)
            self._join(level, number)

    def _join(self, level: Level, number: int) -> None:
        at: Level | None = level
        while at and number:
            at.joined += number
            if at.joined > LIMITS[_JOINED]:
                raise LimitExceeded(f"more than {LIMITS[_JOINED]} {_JOINED}", RefusalCode.PATTERNS)
            at = None if at.apart else at.parent

    def _add(self, name: str, number: int) -> None:
        self._counts[name] += number
        if self._counts[name] > LIMITS[name]:
            raise LimitExceeded(f"more than {LIMITS[name]:,} {name}", _CODES.get(name, RefusalCode.COMPLEX), name)
