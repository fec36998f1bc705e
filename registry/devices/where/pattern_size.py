r"""How large a regular expression becomes in the engine, as an upper bound.

The engine (Rust's regex crate) takes no more than a million bytes of states. An expression costs about what its letters
and classes cost, times their counted repeats; `\w` stands for 140,000 letters and costs five hundred times an `a`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LARGEST = 950_000
"""Bytes of states that the engine takes for certain."""

_LETTER = 100
_FOLDED = 400
_OPERATOR = 100
_BEYOND_ASCII = 1_300
_CLASSES = {"w": 50_000, "d": 13_500, "s": 2_100}


def pattern_size(parts: Iterable[re.Match[str]], *, folds: bool) -> int:
    """Return a bound on the size of an expression.

    Args:
        parts: its parts, each a match of one of the groups `class`, `flags`, `opened`, `closed`, `letter`, and
            `repeated` with `least` and `most`.
        folds: whether upper and lower case are the same.
    """
    found = list(parts)
    folds = folds or any(re.match(r"\(\?[a-z]*i", part[0]) for part in found)
    open_groups, last = [0], 0
    for part in found:
        if part["opened"]:
            open_groups.append(0)
        elif part["closed"] and len(open_groups) > 1:
            last = open_groups.pop() + _OPERATOR
            open_groups[-1] += last
        elif part["repeated"]:
            more = last * (_times(part) - 1) + _OPERATOR * _times(part)
            last += more
            open_groups[-1] += more
        else:
            last = _weight(part, _FOLDED if folds else _LETTER)
            open_groups[-1] += last
    return sum(open_groups)


def _times(part: re.Match[str]) -> int:
    """Return how many copies a repeat makes; one without an upper end makes one more than its least."""
    if part["least"] and part["most"] is None:
        return max(1, int(part["least"]))
    return max(1, int(part["most"])) if part["most"] else int(part["least"] or 0) + 1


def _weight(part: re.Match[str], letter: int) -> int:
    text = part["class"] or part[0]
    wide = text == "." or text.startswith("[^") or not text.isascii() or "\\u" in text or "\\x" in text
    classes = (_CLASSES.get(name.lower(), 0) for name in re.findall(r"\\(.)", text))
    return letter * len(text) + (_BEYOND_ASCII if wide else 0) + sum(classes)
