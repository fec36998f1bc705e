r"""Tokens of a SPARQL text, found at one position without regard to what stands before it.

The engine's parser has no lexer: it tries rules at a position and knows no word boundaries (`trueSERVICE<x>{}` is a
literal and a keyword). So a token here is never shorter than what any rule of the engine could take at its place, and
it hides no sign from another reading. The terminals are those of SPARQL 1.1 Query, section 19.8. Two places need more
than one look: `<` is left to the reader, and three quotes can also begin an empty string.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

_HEX = r"[0-9A-Fa-f]"
_UCHAR = rf"\\u{_HEX}{{4}}|\\U{_HEX}{{8}}"
_ESCAPE = rf"\\[tbnrf\"'\\]|{_UCHAR}"
_CHARS = r"0-9A-Za-z_\-\x80-\U0010FFFF"
_SPACE = r"[ \t\r\n]*+"

TOKEN = re.compile(
    rf"""{_SPACE}(?:
      (?P<variable> [?$] [0-9A-Za-z_\x80-\U0010FFFF]++ )
    | (?P<name> [A-Za-z:\x80-\U0010FFFF]
        (?: [{_CHARS}:]++ | \.++ (?=[{_CHARS}:%\\]) | %{_HEX}{{2}} | \\[_~.\-!$&'()*+,;=/?#@%] )*+ )
    | (?P<open> \{{\|? | [(\[] )
    | (?P<close> \)(?:>>)? | [\]}}] | \|}} | >> )
    | (?P<less> < )
    | (?P<number> (?: [0-9]++ (?:\.[0-9]++)? | \.[0-9]++ ) (?: [eE][+-]?[0-9]++ )? )
    | (?P<separator> [.;,] )
    | (?P<operator> \|\| | && | != | >= | \^\^ | [=>+\-*/|^!?~] )
    | (?P<quote> ["'] )
    | (?P<comment> \# )
    | (?P<language> @[A-Za-z]++ (?:-[A-Za-z0-9]++)*+ (?:--[A-Za-z]++)? )
    | (?P<blank> _: [{_CHARS}]++ (?: \.++ [{_CHARS}]++ )*+ )
    )""",
    re.VERBOSE,
)
"""The next token after white space; of what begins with `<`, `#` or a quotation mark only that sign."""

IRIREF = re.compile(rf"<((?:[^\x00-\x20<>\"{{}}|^`\\\x7f]|{_UCHAR})*+)>")
LESS = re.compile(r"<=?")
QUOTED_TRIPLE = re.compile(r"<<\(?")

_SHORT = {
    "'": re.compile(rf"'(?:[^'\\\n\r]|{_ESCAPE})*+'"),
    '"': re.compile(rf'"(?:[^"\\\n\r]|{_ESCAPE})*+"'),
}
_LONG = {
    "'": re.compile(rf"'''(?:'{{0,2}}+(?:[^'\\]|{_ESCAPE}))*+'''"),
    '"': re.compile(rf'"""(?:"{{0,2}}+(?:[^"\\]|{_ESCAPE}))*+"""'),
}
_CODE_POINT = re.compile(rf"\\u({_HEX}{{4}})|\\U({_HEX}{{8}})")
_ABSOLUTE = re.compile(r"<(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//")
_OPERAND = re.compile(r"<[?$'\"(0-9+\-!]")


class Source:
    """A text with its comments' ends at hand, so that skipping them never costs more than a look-up."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._breaks = [found.start() for found in re.finditer(r"[\r\n]", text)]

    def line_end(self, position: int) -> int:
        """Return where the line that holds `position` ends."""
        number = bisect_left(self._breaks, position)
        return self._breaks[number] if number < len(self._breaks) else len(self.text)

    def skip(self, position: int) -> int:
        """Return where white space and comments that begin at `position` end."""
        text, end = self.text, len(self.text)
        while position < end:
            if text[position] in " \t\r\n":
                position += 1
            elif text[position] == "#":
                position = self.line_end(position)
            else:
                break
        return position


def string_ends(text: str, position: int) -> tuple[int, ...]:
    r"""Return where a string that begins at `position` can end; nothing when it can't be one.

    The engine takes a long string wherever it can. Only where an escape in it may stand for no character (`\uD800`) it
    falls back to the short one, so that both ends count.
    """
    quote = text[position]
    long = _LONG[quote].match(text, position)
    if long and not _CODE_POINT.search(text, position, long.end()):
        return (long.end(),)
    short = _SHORT[quote].match(text, position)
    return tuple(found.end() for found in (short, long) if found)


def tokens(source: Source, position: int = 0) -> Iterator[tuple[str, int, int]]:
    """Yield kind, start and end of the tokens from `position` on, as people mean them.

    What can be an IRI is one, unless it begins like an operand. This serves hints and the head of a query, where
    nothing depends on a doubtful `<`; the scanner looks closer.
    """
    text = source.text
    while found := TOKEN.match(text, position):
        kind = str(found.lastgroup)
        start, position = found.start(kind), found.end()
        if kind == "comment":
            position = source.line_end(start)
            continue
        if kind == "quote":
            ends = string_ends(text, start)
            kind, position = ("string", max(ends)) if ends else ("unclosed", source.line_end(start))
        elif kind == "less":
            kind, position = _less(text, start)
        yield kind, start, position


def _less(text: str, position: int) -> tuple[str, int]:
    if (found := IRIREF.match(text, position)) and not _OPERAND.match(text, position):
        return "iri", found.end()
    if found := QUOTED_TRIPLE.match(text, position):
        return "open", found.end()
    found = LESS.match(text, position)
    return "operator", found.end() if found else position + 1


def is_absolute(text: str, position: int) -> bool:
    """Tell whether `<` at `position` begins like `<http://…`, which no expression does: `//` has no operand."""
    return _ABSOLUTE.match(text, position) is not None


def resolve_code_points(text: str) -> str:
    r"""Replace `\uXXXX` and `\UXXXXXXXX` all over `text` (SPARQL 1.1 Query, section 19.2).

    The engine resolves them in strings, IRIs and nowhere else, where the standard has them resolved before anything
    is read; so a text with such escapes is looked at both ways.
    """
    return _CODE_POINT.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    number = int(found[1] or found[2], 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else found[0]
