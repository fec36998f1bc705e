"""Where names stand in a Turtle document: each subject, each IRI, and the brackets that are left open.

This is no parser. It knows the terminals, which are those of SPARQL (RDF 1.1 Turtle, section 6.5), and of the grammar
no more than statements, declarations and brackets, so that it also serves a text that is no Turtle, up to where it can
be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from sparql.prologue import iri_of
from sparql.tokens import IRIREF, QUOTED_TRIPLE, TOKEN, Source, string_ends

DEEPEST = 50
"""Brackets that may be open, one in another; rdflib's parser recurses and gives up at some 200."""

_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Places:
    """What stands where; all positions are indices into the text.

    Attributes:
        subjects: IRI -> the first place where a statement begins with it.
        mentions: IRI -> the first place where it stands at all, as an IRI or a prefixed name.
        prefixes: prefix -> namespace, as they are at the end.
        open: the brackets that are open at the end, the innermost last.
        too_deep: the bracket that is one too many, where reading ended; else None.
        end: where reading ended: the end of the text, or a sign that begins nothing, such as the quotation mark of a
            string that is not closed.
    """

    subjects: Mapping[str, int]
    mentions: Mapping[str, int]
    prefixes: Mapping[str, str]
    open: tuple[int, ...]
    too_deep: int | None
    end: int


def read_places(text: str, end: int | None = None) -> Places:
    """Read `text` up to the index `end`, in time in proportion to it."""
    return _Reader(text if end is None else text[:end]).read()


class _Expected(Enum):
    SUBJECT = auto()
    REST = auto()
    PREFIX = auto()
    NAMESPACE = auto()
    BASE = auto()


class _Reader:
    """Goes through the tokens of a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._source = Source(text)
        self._subjects: dict[str, int] = {}
        self._mentions: dict[str, int] = {}
        self._prefixes: dict[str, str] = {}
        self._base: str | None = None
        self._open: list[int] = []
        self._expected = _Expected.SUBJECT
        self._prefix = ""
        self._dot_ends = True
        self._end = 0

    def read(self) -> Places:
        too_deep = None
        for kind, start, end in self._tokens():
            match kind:
                case "open":
                    self._begin_subject(None, start)
                    self._open.append(start)
                case "close" if self._open:
                    self._open.pop()
                case "separator" if self._text[start] == "." and not self._open:
                    self._expected = _Expected.SUBJECT
                case "iri" | "name" | "language" | "blank":
                    self._word(kind, start, self._text[start:end])
            if len(self._open) > DEEPEST:
                too_deep = start
                break
        return Places(self._subjects, self._mentions, self._prefixes, tuple(self._open), too_deep, self._end)

    def _tokens(self) -> Iterator[tuple[str, int, int]]:
        while found := TOKEN.match(self._text, self._end):
            kind = str(found.lastgroup)
            start, end = found.start(kind), found.end()
            if kind == "comment":
                self._end = self._source.line_end(start)
                continue
            if kind == "quote":
                end = next(iter(string_ends(self._text, start)), start)
            elif kind == "less":
                iri = IRIREF.match(self._text, start)
                kind = "iri" if iri else "open"
                found = iri or QUOTED_TRIPLE.match(self._text, start)
                end = found.end() if found else start
            if end == start:
                self._end = start
                return
            self._end = end
            yield kind, start, end
        self._end = self._source.skip(self._end)

    def _word(self, kind: str, start: int, word: str) -> None:
        declares = word.lower().removeprefix("@")
        if self._expected is _Expected.SUBJECT and not self._open and declares in ("prefix", "base"):
            self._expected = _Expected.PREFIX if declares == "prefix" else _Expected.BASE
            self._dot_ends = word.startswith("@")
        elif self._expected is _Expected.PREFIX:
            self._prefix = word.removesuffix(":")
            self._expected = _Expected.NAMESPACE
        elif self._expected in (_Expected.NAMESPACE, _Expected.BASE):
            self._declare(iri_of(word[1:-1], self._base))
        else:
            iri = self._iri(kind, word)
            self._begin_subject(iri, start)
            if iri is not None:
                self._mentions.setdefault(iri, start)

    def _declare(self, iri: str | None) -> None:
        if self._expected is _Expected.BASE:
            self._base = iri
        elif iri is not None:
            self._prefixes[self._prefix] = iri
        self._expected = _Expected.REST if self._dot_ends else _Expected.SUBJECT

    def _begin_subject(self, iri: str | None, start: int) -> None:
        if self._expected is _Expected.SUBJECT and not self._open:
            self._expected = _Expected.REST
            if iri is not None:
                self._subjects.setdefault(iri, start)

    def _iri(self, kind: str, word: str) -> str | None:
        if kind == "iri":
            return iri_of(word[1:-1], self._base)
        prefix, colon, name = word.partition(":")
        namespace = self._prefixes.get(prefix) if kind == "name" and colon else None
        return None if namespace is None else namespace + _ESCAPE.sub(r"\1", name)
