"""Reads the `sort` parameter."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from registry.devices.criteria import SortKey
from registry.errors import BadRequest
from registry.profile import Field

LONGEST = 16_384
"""Characters of a `sort` parameter."""


def read_sort(text: str, fields: Mapping[str, Field]) -> tuple[SortKey, ...]:
    """Read a `sort` parameter: `-f,g`, `[("f",-1)]`, `[["f",-1]]` or `{"f":1}`. Unknown names have no effect.

    Raises:
        BadRequest: it is none of these forms.
    """
    if len(text) > LONGEST:
        raise BadRequest(f"sort has {len(text)} characters; {LONGEST} are the most")
    keys = _sort_pairs(text) if text.lstrip()[:1] in ("[", "{", "(") else _sort_names(text)
    first: dict[str, bool] = {}
    for name, descending in keys:
        first.setdefault(name, descending)  # a second key on the same field decides nothing
    return tuple(
        SortKey(fields[name], descending)
        for name, descending in first.items()
        if name in fields and not fields[name].multiple and fields[name].codec.kind != "calendar"
    )


def _sort_names(text: str) -> list[tuple[str, bool]]:
    names = [name.strip() for name in text.split(",")]
    return [(name.lstrip("-+"), name.startswith("-")) for name in names if name]


def _sort_pairs(text: str) -> list[tuple[str, bool]]:
    try:
        value = ast.literal_eval(text)
        pairs = value.items() if isinstance(value, dict) else [value] if isinstance(value, tuple) else value
        keys = [(name, int(direction)) for name, direction in pairs]
    except (ValueError, TypeError, SyntaxError, OverflowError, RecursionError, MemoryError):
        shown = f"{text[:60]!a}{'' if len(text) <= 60 else '…'}"
        raise BadRequest(f'sort: {shown} is none of -field,other or [("field", -1)] or {{"field": 1}}') from None
    if any(not isinstance(name, str) or direction not in (1, -1) for name, direction in keys):
        raise BadRequest("sort: each pair is a field's name and 1 (ascending) or -1 (descending)")
    return [(name, direction < 0) for name, direction in keys]
