"""Bodies of requests to the facade: JSON, and forms as Eve takes them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from flask import request

from registry.errors import BadRequest, ValidationFailed
from registry.strict_json import read_json

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_FIELDS = 1000
_EXPECTED = f"The body must be application/json, {FORM} or {MULTIPART}"


def read_body() -> Any:
    """Return what the body of the current request says.

    Raises:
        BadRequest: it is of another media type, or can't be read; says where.
    """
    kind = request.mimetype
    if kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json")):
        return read_json(request.get_data(cache=False))
    if kind == FORM:
        return _document(_urlencoded(request.get_data(cache=False)))
    if kind == MULTIPART:
        return _document(_multipart())
    raise BadRequest(f"{_EXPECTED}, not {kind or 'of no stated type'}")


def as_object(body: Any) -> dict[str, Any]:
    """Return a body that is an object.

    Raises:
        ValidationFailed: it is something else.
    """
    if not isinstance(body, dict):
        raise ValidationFailed("The body must be a JSON object", [{}])
    return body


def _document(pairs: Iterable[tuple[str, str]]) -> Any:
    """Return the object that a form says: a name that comes several times has a list."""
    values: defaultdict[str, list[Any]] = defaultdict(list)
    for name, text in pairs:
        values[name].append(_value(name, text))
    document = {name: each[0] if len(each) == 1 else each for name, each in values.items()}
    return read_json(json.dumps(document).encode())  # for its rules about characters and depth


def _value(name: str, text: str) -> Any:
    """Return an object or a list for their JSON; any other text stays one, as `12` may be a name or a number."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return read_json(text.encode(), f"The body's {name[:60]!a}")


def _urlencoded(data: bytes) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(data.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except UnicodeDecodeError:
        raise BadRequest("The body is no UTF-8 text") from None
    except ValueError:
        raise BadRequest(f"The body has more than {_FIELDS} fields") from None
    if not pairs:
        raise BadRequest("The body holds no form-urlencoded data: send name=value&…, or application/json")
    return pairs


def _multipart() -> list[tuple[str, str]]:
    pairs = list(request.form.items(multi=True))
    if request.files:
        raise BadRequest("The body holds a file; a device has none")
    if any(name is None for name, _ in pairs):  # what werkzeug puts for a part that doesn't say it
        raise BadRequest('A part of the body has no name: send Content-Disposition: form-data; name="…"')
    if not pairs:
        raise BadRequest(f"The body holds no {MULTIPART}: send one part for each field, or application/json")
    if any("\ufffd" in text for pair in pairs for text in pair):  # what werkzeug puts for bytes that are none
        raise BadRequest("The body is no UTF-8 text")
    return pairs
