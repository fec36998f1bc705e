"""All readings of a query text, each followed from token to token; what any of them sees as code counts.

The engine's parser has no lexer. Whether `<` begins an IRI or compares depends on what its rules try at that place, so
`FILTER(?a<'x>') SERVICE … FILTER(?b!='')` can hide code in what looks like an IRI or a string. Where a token can be
read in more than one way the reading splits, and readings that meet in the same state go on as one. A reading ends
where no token begins or a bracket doesn't match, as it does for the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sparql.nesting import CLOSING, COMPARING, TOKENS, Kind, Level, LimitExceeded, Usage
from sparql.preceding import (
    CALLING,
    ENDED,
    FRESH,
    ITEM,
    NO_OPERAND,
    UNJOINED,
    WORDS,
    Before,
    after_word,
    is_term,
    reads_twice,
)
from sparql.refusal import QueryRefused, RefusalCode
from sparql.service_call import ServiceFinder
from sparql.tokens import IRIREF, LESS, QUOTED_TRIPLE, TOKEN, Source, is_absolute, string_ends

_ADVICE = "put a space after each < that compares"
_ANONYMOUS = re.compile(r"\[[ \t\r\n]*\]")
_OPENING = {"[": Kind.BLANK, "{|": Kind.ANNOTATION, "<<": Kind.TRIPLE, "<<(": Kind.TERM}
_LISTS = frozenset({Kind.DATA, Kind.LIST, Kind.BLANK, Kind.ANNOTATION, Kind.TRIPLE, Kind.TERM})


class Readings:
    """All readings of one text, followed one after the other."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._usage = Usage()
        self._services = ServiceFinder(source)
        self._levels: dict[tuple[int, int, Kind, bool, int], Level] = {}
        self._branches: list[tuple[int, Level, Before, int]] = []
        self._seen: set[tuple[int, int, int, int]] | None = None
        # Where this reading is: the position, the bracket, what stands before, and how many constructs whose
        # arguments the engine tries twice are just being named.
        self._position = 0
        self._level = Level(Kind.TEXT, None)
        self._before = Before.START
        self._doublings = 0

    def follow(self) -> None:
        """Follow every reading.

        Raises:
            QueryRefused: one of them has what is not allowed.
        """
        self._branches.append((0, self._level, Before.START, 0))
        while self._branches:
            self._position, self._level, self._before, self._doublings = self._branches.pop()
            try:
                while self._advance():
                    pass
            except LimitExceeded as error:
                raise self._too_much(error) from error

    def _too_much(self, error: LimitExceeded) -> QueryRefused:
        code, message = error.code, f"The query is too large for this endpoint: {error}."
        if self._seen is not None:
            code = RefusalCode.AMBIGUOUS if error.limit == TOKENS else code
            message = f"{message} It can be read in several ways, which count together; {_ADVICE}."
        return QueryRefused.at(self._text, self._position, code, message)

    def _advance(self) -> bool:
        """Read one token; tell whether this reading goes on."""
        if self._seen is not None:
            state = (self._position, id(self._level), self._before, self._doublings)
            if state in self._seen:
                return False
            self._seen.add(state)
        found = TOKEN.match(self._text, self._position)
        if found is None:
            return False
        self._usage.token(self._level)
        kind = str(found.lastgroup)
        self._position = found.end()
        return _READERS[kind](self, found.start(kind), found[kind])

    def _branch(self, position: int, level: Level, before: Before, *, only: bool = False) -> None:
        """Remember another reading of the token at hand; those met from here on are told apart."""
        if self._seen is None and not only:
            self._seen = set()
        self._branches.append((position, level, before, 0))

    def _term(self, _start: int, _sign: str) -> bool:
        before = self._before
        if self._level.kind is Kind.EXPRESSION and before in ENDED:
            return False
        self._usage.operand(self._level, fresh=before in FRESH, steps=before in (Before.OPERATOR, Before.BANG))
        self._before = Before.DATA if before is Before.VALUES else Before.OPERAND
        self._doublings = 0
        return True

    def _iri(self, start: int, sign: str) -> bool:
        calling, doublings = self._before in CALLING, self._doublings + 1
        goes_on = self._term(start, sign)
        if calling:
            self._before, self._doublings = Before.CALLEE, doublings
        return goes_on

    def _name(self, start: int, name: str) -> bool:
        if self._services.called_in(start, name, names_graph=self._before is Before.NAMING):
            message = "SERVICE is not allowed: this endpoint answers from its own data and calls no other."
            raise QueryRefused.at(self._text, start, RefusalCode.SERVICE, message)
        if ":" in name:
            return self._iri(start, name)
        if is_term(name):
            return self._term(start, name)
        self._usage.word(name)
        carried = self._doublings if self._before is Before.BANG or self._before in WORDS else 0
        self._doublings = carried + reads_twice(name)
        self._before = after_word(name)
        return True

    def _open(self, start: int, sign: str) -> bool:
        if sign == "[" and (empty := _ANONYMOUS.match(self._text, start)):
            self._position = empty.end()
            return self._term(start, sign)
        self._level = self._entered(start, sign)
        self._before, self._doublings = Before.START, 0
        return True

    def _entered(self, start: int, sign: str) -> Level:
        kind, apart = self._kind(sign), self._before is Before.APART
        doublings = self._level.doublings + self._doublings + (kind is Kind.ANNOTATION)
        key = (start, id(self._level), kind, apart, doublings)
        if key not in self._levels:
            self._levels[key] = Level(kind, self._level, apart=apart, doublings=doublings)
            self._usage.enter(self._levels[key], item=self._before in ITEM, joined=self._before not in UNJOINED)
        return self._levels[key]

    def _kind(self, sign: str) -> Kind:
        if sign == "{":
            return Kind.DATA if self._before is Before.DATA else Kind.GROUP
        if sign != "(":
            return _OPENING[sign]
        around, before = self._level.kind, self._before
        if before is Before.VALUES:
            return Kind.VARIABLES
        if around in _LISTS:
            return Kind.LIST
        if around in (Kind.TEXT, Kind.EXPRESSION) or before in WORDS:
            return Kind.EXPRESSION
        return Kind.LIST if around is Kind.GROUP and before in NO_OPERAND else Kind.EITHER

    def _close(self, start: int, sign: str) -> bool:
        kind = self._level.kind
        if sign == ")>>" and kind is not Kind.TERM:
            sign, self._position = ")", start + 1
        if CLOSING[kind] != sign or self._level.parent is None:
            return False
        self._level = self._level.parent
        self._before = Before.DATA if kind is Kind.VARIABLES else Before.CLOSED
        self._doublings = 0
        return True

    def _less(self, start: int, sign: str) -> bool:
        reference = IRIREF.match(self._text, start)
        compares = self._level.kind in COMPARING and self._before not in NO_OPERAND
        triple = None if reference else QUOTED_TRIPLE.match(self._text, start)
        if compares and not is_absolute(self._text, start):
            operator = LESS.match(self._text, start)
            self._usage.operator(self._level, sign)
            end = operator.end() if operator else start + 1
            self._branch(end, self._as_expression(), Before.OPERATOR, only=not reference and not triple)
        if reference:
            self._position = reference.end()
            return self._iri(start, sign)
        if triple:
            self._position = triple.end()
            return self._open(start, triple[0])
        return False

    def _as_expression(self) -> Level:
        """Return the bracket at hand as one that, after an operator, can be nothing but an expression's."""
        level = self._level
        if level.kind is Kind.EXPRESSION:
            return level
        key = (-1, id(level), Kind.EXPRESSION, level.apart, level.doublings)
        twin = Level(Kind.EXPRESSION, level.parent, apart=level.apart, doublings=level.doublings)
        return self._levels.setdefault(key, twin)

    def _quote(self, start: int, sign: str) -> bool:
        ends = string_ends(self._text, start)
        if not ends:
            return False
        if not self._term(start, sign):
            return False
        self._position = ends[0]
        for end in ends[1:]:
            self._branch(end, self._level, self._before)
        return True

    def _separator(self, _start: int, sign: str) -> bool:
        self._usage.separator(self._level, sign)
        self._before = Before.DOT if sign == "." else Before.SEPARATOR
        self._doublings = 0
        return True

    def _operator(self, _start: int, sign: str) -> bool:
        if self._before not in WORDS:
            self._usage.operator(self._level, sign)
        bang = sign == "!"
        self._before = Before.BANG if bang else Before.OPERATOR
        self._doublings = int(bang)
        return True

    def _comment(self, start: int, _sign: str) -> bool:
        self._position = self._source.line_end(start)
        return True


_READERS: Mapping[str, Callable[[Readings, int, str], bool]] = {
    "variable": Readings._term,
    "number": Readings._term,
    "blank": Readings._term,
    "name": Readings._name,
    "open": Readings._open,
    "close": Readings._close,
    "less": Readings._less,
    "quote": Readings._quote,
    "separator": Readings._separator,
    "operator": Readings._operator,
    "comment": Readings._comment,
    "language": lambda *_: True,
}
"""What each kind of token does to a reading."""
