"""Strict JSON for texts from outside (RFC 8259, I-JSON RFC 7493 in spirit): one text, one meaning.

What json.loads lets pass and other software reads differently, or can't hold, is refused here with its place: NaN,
numbers beyond a double, duplicate keys, and characters that XML 1.0 has no form for. What a document must hold is
the shapes' business, not this module's.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from registry.errors import BadRequest

DEPTH = 32
"""How deep arrays and objects may be nested."""

_SUSPICIOUS = re.compile(r"\\[ubf]|[\ufffe\uffff]")
"""What a text must hold for one of its strings to hold a character of _UNFIT: raw controls json refuses itself."""
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no form for (section 2.2, production 2)."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?(?:[0-9][0-9.eE+-]*|Infinity)|NaN', re.DOTALL)


class _RefusedNumber(Exception):
    """A number that is none, or is out of a double's range; its text is the argument."""


class _DuplicateKey(Exception):
    """An object names a key twice; the key is the argument."""


def read_json(data: bytes, name: str = "The body") -> Any:
    """Parse `data`, a UTF-8 text with or without a byte order mark.

    Args:
        data: the text.
        name: what to call it in messages.

    Raises:
        BadRequest: the text is no JSON, or JSON that doesn't mean the same to everybody; says line and column.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{name} is no UTF-8 text: byte {error.start} is wrong") from None
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _refusal(name, text, error.pos, f"no JSON, {error.msg}") from None
    except _RefusedNumber as error:
        raise _refusal(
            name, text, _place(text, str(error)), "NaN, Infinity and numbers beyond 1.8e308 are refused"
        ) from None
    except _DuplicateKey as error:
        raise BadRequest(f"{name} names the key {str(error)[:60]!a} twice in one object") from None
    except RecursionError:
        raise _too_deep(name) from None
    if _SUSPICIOUS.search(text):
        _check_strings(name, text)
    _check_depth(name, value)
    return value


def _refusal(name: str, text: str, position: int, reason: str) -> BadRequest:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return BadRequest(f"{name}, line {line}, column {column}: {reason}")


def _too_deep(name: str) -> BadRequest:
    return BadRequest(f"{name} is nested more than {DEPTH} levels deep")


def _place(text: str, number: str) -> int:
    return next((token.start() for token in _TOKEN.finditer(text) if token.group() == number), 0)


def _check_strings(name: str, text: str) -> None:
    for token in _TOKEN.finditer(text):
        literal = token.group()
        if literal[0] == '"' and (found := _UNFIT.search(json.loads(literal))):
            reason = f"the character U+{ord(found.group()):04X} in a string can't be written as XML, so it is refused"
            raise _refusal(name, text, token.start(), reason)


def _check_depth(name: str, value: Any) -> None:
    level = [value]
    for _ in range(DEPTH + 1):
        level = [container for container in level if isinstance(container, dict | list)]
        if not level:
            return
        level = [item for each in level for item in (each.values() if isinstance(each, dict) else each)]
    raise _too_deep(name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _DuplicateKey(next(key for key in keys if keys.count(key) > 1))
    return found


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _RefusedNumber(text)
    return number


def _integer(text: str) -> int:
    if len(text) > 308:
        _float(text)
    return int(text)


def _constant(text: str) -> float:
    raise _RefusedNumber(text)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_int=_integer, parse_constant=_constant)
