"""The columns of CSV files, derived from the profile's fields, and how values stand in their cells.

An empty cell is an absent value; but where a field is required and has "" among its codes it is that code. A text
that is empty or made of quotation marks alone is set in one more pair of them, so that every text has its cell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.devices.documents import ABSENT, Document, value_at
from registry.errors import BadRequest
from registry.intake.records import unfit
from registry.profile import Field, Profile
from registry.profile.codecs import CodeCodec
from registry.strict_json import read_json

_AXES = ("longitude", "latitude")
_NUMBER = re.compile(r"-?\d+(\.\d*)?([eE][+-]?\d+)?")
_LIST, _WINDOWS = 'must hold a JSON list, as ["a", "b"]', "must hold a JSON list of availability windows"
_QUOTES = re.compile(r'"*')


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the header, its field, and for a point which of the coordinates it holds."""

    name: str
    field: Field
    axis: int | None = None


def columns(profile: Profile) -> tuple[Column, ...]:
    """Return all columns in the order of the fields; a point has two, `<name>.longitude` and `<name>.latitude`."""
    return tuple(column for field in profile.fields.values() for column in _columns(field))


def to_cells(shown: Iterable[Column], document: Mapping[str, Any]) -> list[str]:
    """Return the cells of `document` under the columns `shown`."""
    return [_cell(column, value_at(document, column.field.names)) for column in shown]


def from_cells(shown: Sequence[Column | None], cells: Sequence[str]) -> tuple[Document, dict[str, Any]]:
    """Return the flat document that `cells` state, with dotted names, and what is wrong with single cells.

    Args:
        shown: the column of each cell; None for one that is passed over.
        cells: as many texts.
    """
    document: Document = {}
    issues: dict[str, Any] = {}
    for column, cell in zip(shown, cells, strict=True):
        if column is None or (cell == "" and not _has_empty_code(column.field)):
            continue
        reason = unfit(cell)
        if reason is not None:
            issues[column.field.name] = reason
        elif column.axis is not None:
            point = document.setdefault(column.field.name, {"type": "Point", "coordinates": [None, None]})
            point["coordinates"][column.axis] = _number(cell)
        else:
            try:
                document[column.field.name] = _value(column.field, cell)
            except BadRequest:
                issues[column.field.name] = _LIST if column.field.multiple else _WINDOWS
    return document, issues


def _columns(field: Field) -> tuple[Column, ...]:
    if field.codec.kind != "point" or field.multiple:
        return (Column(field.name, field),)
    return tuple(Column(f"{field.name}.{name}", field, axis) for axis, name in enumerate(_AXES))


def _cell(column: Column, value: Any) -> str:
    if value is ABSENT or value is None or (value == "" and _has_empty_code(column.field)):
        return ""
    if column.axis is not None:
        return repr(value["coordinates"][column.axis])
    if isinstance(value, str):
        return f'"{value}"' if _QUOTES.fullmatch(value) else value
    return json.dumps(value, ensure_ascii=False)


def _value(field: Field, cell: str) -> Any:
    if field.multiple or field.codec.kind == "calendar":
        value = read_json(cell.encode())
        if not isinstance(value, list):
            raise BadRequest("no list")
        return value
    if field.codec.kind == "boolean":
        return {"true": True, "false": False}.get(cell.lower(), cell)
    return cell[1:-1] if len(cell) > 1 and _QUOTES.fullmatch(cell) else cell


def _number(cell: str) -> float | str:
    text = cell.strip()
    return float(text) if _NUMBER.fullmatch(text) else cell


def _has_empty_code(field: Field) -> bool:
    return field.required and isinstance(field.codec, CodeCodec) and "" in field.codec.codes
