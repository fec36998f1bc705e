r"""Regular expressions of clients: those that Python and the engine read alike.

The engine matches in time linear in the text (Rust's regex crate), so no expression is slow; in return it knows no
look-around and no back-references. What it would refuse, or read otherwise (`\<` is the start of a word there), is
refused here, where the place can be named.
"""

from __future__ import annotations

import re
import warnings
from functools import reduce
from operator import or_
from typing import Any

from registry.devices.criteria import Pattern
from registry.errors import BadRequest

_LONGEST = 500
_MOST_REPEATS = 1000
_FLAGS = "imsx"
_ESCAPE = r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[dDwWsSfnrtv!-/:;=?@\[-`{-~])"
_SHARED = re.compile(
    rf"{_ESCAPE}|\\[bBA]"
    rf"|\[\^?\]?(?:{_ESCAPE}|(?!&&|--|~~)[^\[\]\\])*\]"
    r"|\((?!\?)|\(\?(?::|P<[A-Za-z_]\w*>|[imsx]*(?:-[imsx]+)?[:)])"
    r"|(?:[*+?]|\{(?P<least>\d{1,4})(?:,(?P<most>\d{0,4}))?\})\??(?!\+)"
    r"|[^\\\[({*+?]",
    re.ASCII | re.DOTALL,
)
_HINT = (
    "the engine knows no look-around, no back-references and no possessive repeats; a brace, or a bracket in a class, "
    "that is meant as such needs a backslash"
)


def read_pattern(text: Any, options: Any, place: str) -> Pattern:
    """Return the pattern of $regex and $options.

    Raises:
        BadRequest: it is none that the engine takes.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise BadRequest(f"{place}.$regex must be a regular expression of at most {_LONGEST} characters")
    if not isinstance(options, str) or set(options) - set(_FLAGS):
        raise BadRequest(f"{place}.$options must be letters of {', '.join(_FLAGS)}")
    _check_shared(text, place)
    flags = "".join(sorted(set(options)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(text, python_flags(flags))
    except (re.error, OverflowError, Warning, RecursionError) as error:
        raise BadRequest(f"{place}.$regex: {str(error)[:200] or 'it is nested too deep'}") from None
    return Pattern(text, flags)


def python_flags(flags: str) -> re.RegexFlag:
    """Return flags as Python's re knows them."""
    return reduce(or_, (re.RegexFlag[letter.upper()] for letter in flags), re.RegexFlag.NOFLAG)


def _check_shared(text: str, place: str) -> None:
    position, repeats = 0, 1
    while position < len(text):
        found = _SHARED.match(text, position)
        if found is None:
            raise BadRequest(
                f"{place}.$regex, column {position + 1}: {text[position : position + 5]!r} can't stand; {_HINT}"
            )
        repeats *= max(1, int(found["most"] or found["least"] or 1))
        if repeats > _MOST_REPEATS:
            raise BadRequest(f"{place}.$regex: its counted repeats multiply to more than {_MOST_REPEATS}")
        position = found.end()
