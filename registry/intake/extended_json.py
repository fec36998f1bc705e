"""MongoDB Extended JSON, as `mongoexport` writes it: values that JSON has no form for, wrapped in an object.

Version 2 in both modes, and what version 1 wrote otherwise. A wrapper that can't be understood stays as it is, so that
the shapes refuse it and the reject shows it.

Source: the MongoDB Extended JSON (v2) specification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from registry.profile.codecs import written

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def plain(value: Any) -> Any:
    """Return `value` without wrappers: times in DATE_FORMAT, numbers as numbers, ids as their digits."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        ((name, inner),) = value.items()
        read = _WRAPPERS.get(name)
        if read is not None:
            try:
                return read(plain(inner))
            except (TypeError, ValueError, OverflowError):
                return dict(value)
    return {name: plain(each) for name, each in value.items()}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: Any) -> int:
    return int(_text(value))


def _number(value: Any) -> float:
    return float(_text(value))


def _time(value: Any) -> str:
    """Read a time: ISO 8601 with an offset, or milliseconds since 1970."""
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, int | float):
        moment = _EPOCH + timedelta(milliseconds=value)
    else:
        moment = datetime.fromisoformat(_text(value))
        if moment.tzinfo is None:
            raise ValueError
    return written(moment)


_WRAPPERS: Mapping[str, Callable[[Any], Any]] = {
    "$oid": _text,
    "$date": _time,
    "$numberInt": _whole,
    "$numberLong": _whole,
    "$numberDouble": _number,
    "$numberDecimal": _number,
    "$symbol": _text,
}
