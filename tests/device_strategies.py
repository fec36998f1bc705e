"""Random valid devices, generated from the profile: a field added in Turtle is covered without a change here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from rdflib import SH
from rdflib.term import URIRef

from registry.calendars import Once, Weekly, write_windows
from registry.devices.patches import nested
from registry.profile import Field, Profile
from registry.profile.codecs import (
    DATE_FORMAT,
    CodeCodec,
    IntegerCodec,
    IriCodec,
    NumberCodec,
    StringCodec,
)

UNFIT = [chr(code) for code in range(32) if chr(code) not in "\t\n\r"] + ["\ufffe", "\uffff"]
ALPHABET = st.characters(codec="utf-8", exclude_characters=UNFIT)
TEXTS = st.text(ALPHABET, max_size=20)
"""Texts that strict JSON takes."""
UUIDS = st.uuids().map(str)
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.strftime(DATE_FORMAT).rjust(27, "0"))
SECONDS = st.datetimes(datetime(1990, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
POWERS = st.none() | st.integers(0, 1_000_000) | st.floats(0, 1_000_000).map(float)
ZONES = st.sampled_from(["Europe/Zagreb", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"])
TIMES = st.times().map(lambda time: time.replace(microsecond=0))
DATES = st.none() | st.dates(date(1990, 1, 1), date(2150, 1, 1))


def single_windows() -> SearchStrategy[Once]:
    """Generate single windows."""
    ends = st.tuples(SECONDS, st.timedeltas(timedelta(seconds=1), timedelta(days=40)))
    return st.builds(
        lambda ends, power: Once(
            begin=ends[0], end=ends[0] + timedelta(seconds=int(ends[1].total_seconds())), power=power
        ),
        ends,
        POWERS.map(lambda power: None if power is None else float(power)),
    )


def weekly_windows() -> SearchStrategy[Weekly]:
    """Generate weekly windows."""
    bounds: SearchStrategy[tuple[date | None, date | None]] = st.tuples(DATES, DATES).filter(_in_order)
    return st.builds(
        lambda days, start, until, zone, bounds, power: Weekly(
            days=tuple(sorted(days)),
            start=start,
            until=until,
            zone=zone,
            first=bounds[0],
            last=bounds[1],
            power=None if power is None else float(power),
        ),
        st.sets(st.integers(0, 6), min_size=1),
        *(TIMES, TIMES, ZONES, bounds, POWERS),
    ).filter(lambda window: window.first_day() is not None)


def _in_order(bounds: tuple[date | None, date | None]) -> bool:
    first, last = bounds
    return first is None or last is None or first <= last


WINDOW_LISTS = st.lists(single_windows() | weekly_windows(), min_size=1, max_size=4).map(write_windows)
"""Lists of windows in the JSON form in which they come back."""
SIMPLE: dict[str, SearchStrategy[Any]] = {
    "uuid": UUIDS,
    "string": UUIDS,
    "boolean": st.booleans(),
    "datetime": MOMENTS,
    "date": st.dates().map(lambda day: day.isoformat()),
    "calendar": WINDOW_LISTS,
    "point": st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(
        lambda place: {"type": "Point", "coordinates": list(place)}
    ),
}
"""Kind of codec -> values of any shape; the identity is a UUID in a string."""


def values(profile: Profile, field: Field) -> SearchStrategy[Any]:
    """Generate valid values of a field, in the form in which they come back."""
    one = _values(profile, field)
    return (
        st.lists(one, min_size=1, max_size=4, unique=True).map(lambda each: sorted(each, key=repr))
        if field.multiple
        else one
    )


def documents(profile: Profile, **fixed: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """Generate valid documents with all required and some optional fields.

    Args:
        fixed: strategies for some fields in place of their own.
    """
    fields = [field for field in profile.fields.values() if not field.is_record]
    strategies = {field.name: fixed.get(field.name, values(profile, field)) for field in fields}
    required = {field.name: strategies[field.name] for field in fields if field.required}
    optional = {field.name: strategies[field.name] for field in fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional).map(nested)


def in_order(profile: Profile, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return `document` with the profile's order of fields."""
    tops: Sequence[str] = list(dict.fromkeys(field.names[0] for field in profile.fields.values()))
    return {name: document[name] for name in tops if name in document}


def number(profile: Profile, field: Field, bound: str) -> float | None:
    """Return a bound of the field's shape, such as "minInclusive"."""
    value = profile.shapes.value(URIRef(field.shape), SH[bound])
    return None if value is None else float(str(value))


def _values(profile: Profile, field: Field) -> SearchStrategy[Any]:
    match field.codec:
        case CodeCodec(codes=codes):
            return st.sampled_from(sorted(codes))
        case IriCodec(kind="string"):
            return st.text(ALPHABET, min_size=3, max_size=12).filter(_fits(profile, field))
        case NumberCodec() | IntegerCodec():
            return _numbers(profile, field)
        case StringCodec() if field is not profile.identity:
            return TEXTS
    return SIMPLE[field.codec.kind]


def _numbers(profile: Profile, field: Field) -> SearchStrategy[Any]:
    low, high = (number(profile, field, f"{name}Inclusive") for name in ("min", "max"))
    if isinstance(field.codec, IntegerCodec):
        return st.integers(None if low is None else int(low), None if high is None else int(high))
    return st.floats(min_value=low, max_value=high, allow_nan=False, allow_infinity=False)


def _fits(profile: Profile, field: Field) -> Any:
    pattern = re.compile(str(profile.shapes.value(URIRef(field.shape), SH.pattern) or ""))
    return lambda value: pattern.search(str(field.codec.encode(value))) is not None


def created(document: Mapping[str, Any], number: int = 0) -> dict[str, Any]:
    """Return `document` as the registry keeps it, created `number` seconds after a fixed moment."""
    moment = datetime.fromtimestamp(1_790_000_000 + number, UTC).strftime(DATE_FORMAT)
    return {**document, "_created": moment, "_updated": moment}
