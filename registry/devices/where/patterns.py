r"""Regular expressions of clients: those that Python and the engine read alike.

The engine matches in time linear in the text (Rust's regex crate), so no expression is slow; in return it knows no
look-around and no back-references. What it would refuse, or read otherwise (`\<` is the start of a word there), is
refused here, where the place can be named. So is one that would become larger than the engine takes: it would try, and
fail, for each text anew.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any

from registry.devices.criteria import Pattern
from registry.devices.where.pattern_size import LARGEST, pattern_size
from registry.errors import BadRequest

_LONGEST = 500
_FLAGS = "imsx"
_ESCAPE = r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[dDwWsSfnrtv!-/:;=?@\[-`{-~])"
_SHARED = re.compile(
    rf"(?P<class>{_ESCAPE}|\\[bBA]"
    rf"|\[\^?\]?(?:{_ESCAPE}|(?!&&|--|~~)[^\[\]\\])*\])"
    r"|(?P<flags>\(\?[imsx]*(?:-[imsx]+)?\))"
    r"|(?P<opened>\((?!\?)|\(\?(?::|P<[A-Za-z_]\w*>|[imsx]*(?:-[imsx]+)?:))|(?P<closed>\))"
    r"|(?P<repeated>(?:[*+?]|\{(?P<least>\d{1,4})(?:,(?P<most>\d{0,4}))?\})\??(?!\+))"
    r"|(?P<letter>[^\\\[({*+?])",
    re.ASCII | re.DOTALL,
)
_HINT = (
    "the engine knows no look-around, no back-references and no possessive repeats; a brace, or a bracket in a class, "
    "that is meant as such needs a backslash"
)

_SMALLER = (
    r"all expressions of a filter count together, \w for 500 letters, \d for 135, and counted repeats for as many "
    "copies. [A-Za-z0-9_] and [0-9] are much smaller"
)


def read_pattern(text: Any, options: Any, place: str, room: int = LARGEST) -> tuple[Pattern, int]:
    """Return the pattern of $regex and $options, and its size.

    Args:
        text: the operand of $regex.
        options: that of $options.
        place: where both stand, for messages.
        room: how large it may be.

    Raises:
        BadRequest: it is none that the engine takes, or larger.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise BadRequest(f"{place}.$regex must be a regular expression of at most {_LONGEST} characters")
    if not isinstance(options, str) or set(options) - set(_FLAGS):
        raise BadRequest(f"{place}.$options must be letters of {', '.join(_FLAGS)}")
    flags = "".join(sorted(set(options)))
    size = pattern_size(_shared(text, place), folds="i" in flags)
    if size > room:
        raise BadRequest(f"{place}.$regex is too large: {size} of {room} that are left; {_SMALLER}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(text, python_flags(flags))
    except (re.error, OverflowError, Warning, RecursionError) as error:
        raise BadRequest(f"{place}.$regex: {str(error)[:200] or 'it is nested too deep'}") from None
    return Pattern(text, flags), size


def python_flags(flags: str) -> re.RegexFlag:
    """Return flags as Python's re knows them."""
    return reduce(or_, (re.RegexFlag[letter.upper()] for letter in flags), re.RegexFlag.NOFLAG)


def _shared(text: str, place: str) -> Iterator[re.Match[str]]:
    """Yield the parts of an expression."""
    position = 0
    while position < len(text):
        found = _SHARED.match(text, position)
        if found is None:
            raise BadRequest(
                f"{place}.$regex, column {position + 1}: {text[position : position + 5]!r} can't stand; {_HINT}"
            )
        yield found
        position = found.end()
