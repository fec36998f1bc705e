"""Windows in JSON: what is read, in which form it comes back, and what is said of what is none."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from device_strategies import WINDOW_LISTS
from hypothesis import given
from hypothesis import strategies as st

from registry.calendars import MOST_WINDOWS, WindowsError, read_windows, write_windows

ONCE = {"begin": "2026-12-01T08:00:00+01:00", "end": "2026-12-01T10:00:00+01:00"}
IN_UTC = {"begin": "2026-12-01T07:00:00Z", "end": "2026-12-01T09:00:00Z"}
WEEKLY = {"days": ["monday"], "from": "22:00", "until": "06:00", "time_zone": "Europe/Zagreb"}
NIGHT = "a local time of 24 hours, as 06:00"


@given(value=WINDOW_LISTS)
def test_what_is_written_is_read_the_same(value: Any) -> None:
    windows = read_windows(json.loads(json.dumps(value)))
    assert write_windows(windows) == value
    assert read_windows(write_windows(windows)) == windows


@pytest.mark.parametrize(
    ("given_form", "canonical"),
    [
        (ONCE, IN_UTC),
        ({**ONCE, "begin": "2026-12-01t07:00:00.000z"}, IN_UTC),
        ({**ONCE, "available_power": 2.0}, {**IN_UTC, "available_power": 2}),
        ({**WEEKLY, "days": ["sunday", "monday"]}, {**WEEKLY, "days": ["monday", "sunday"]}),
        ({**WEEKLY, "from": "22:00:00", "until": "24:00"}, {**WEEKLY, "until": "00:00"}),
        ({**WEEKLY, "from": "22:00:30"}, {**WEEKLY, "from": "22:00:30"}),
    ],
)
def test_one_form_for_each_meaning(given_form: Any, canonical: Any) -> None:
    assert write_windows(read_windows([given_form])) == [canonical]


WRONG: dict[str, tuple[Any, str, str]] = {
    "no list": ({"begin": 1}, "", "must be a list of windows, not an object"),
    "null": (None, "", "not null"),
    "text": ("always", "", "not 'always'"),
    "empty": ([], "", "at least one window; a device without this field is always available"),
    "too many": ([ONCE] * (MOST_WINDOWS + 1), "", "at most 200 windows, not 201"),
    "a window that is none": ([ONCE, 7], "1", "must be an object, not 7"),
    "neither kind": ([{"available_power": 1}], "0", "of neither kind: a window has begin and end, or days"),
    "both kinds": ([{**ONCE, **WEEKLY}], "0", "mixes both kinds"),
    "no end": ([{"begin": ONCE["begin"]}], "0.end", "required member"),
    "a member too many": ([{**ONCE, "until": "06:00"}], "0", "mixes both kinds"),
    "an unknown member": ([{**WEEKLY, "weekday": 1}], "0.weekday", "unknown member; this kind of window has days"),
    "no offset": ([{**ONCE, "begin": "2026-12-01T08:00:00"}], "0.begin", "a moment with an offset and whole seconds"),
    "a fraction": ([{**ONCE, "begin": "2026-12-01T08:00:00.5Z"}], "0.begin", "whole seconds (RFC 3339)"),
    "no such day": ([{**ONCE, "begin": "2026-02-30T08:00:00Z"}], "0.begin", "not '2026-02-30T08:00:00Z'"),
    "a number": ([{**ONCE, "begin": 10**30}], "0.begin", "not so large a number"),
    "far ahead": ([{**ONCE, "end": "2300-01-01T00:00:00Z"}], "0.end", "must lie within 1900-01-01 and 2199-12-31"),
    "before all time": ([{**ONCE, "begin": "0001-01-01T00:00:00+14:00"}], "0.begin", "must be a moment"),
    "the wrong order": ([{**ONCE, "end": ONCE["begin"]}], "0.end", "must be later than begin, 2026-12-01T07:00:00Z"),
    "no days": ([{**WEEKLY, "days": []}], "0.days", "must be a list of different days out of monday"),
    "a day twice": ([{**WEEKLY, "days": ["monday", "monday"]}], "0.days", "different days"),
    "a short day": ([{**WEEKLY, "days": ["Mon"]}], "0.days", "monday, tuesday"),
    "a day alone": ([{**WEEKLY, "days": "monday"}], "0.days", "not 'monday'"),
    "am and pm": ([{**WEEKLY, "until": "6am"}], "0.until", f"{NIGHT}, not '6am'"),
    "no such time": ([{**WEEKLY, "from": "24:00"}], "0.from", f"{NIGHT}, not '24:00'"),
    "other digits": ([{**WEEKLY, "from": "\u0660\u0666:\u0660\u0660"}], "0.from", NIGHT),
    "no zone": ([{**WEEKLY, "time_zone": "CEST"}], "0.time_zone", "IANA database, as Europe/Zagreb, not 'CEST'"),
    "a path": ([{**WEEKLY, "time_zone": "../../etc/passwd"}], "0.time_zone", "IANA database"),
    "a list of zones": ([{**WEEKLY, "time_zone": ["UTC"]}], "0.time_zone", "not a list of 1"),
    "dates in the wrong order": (
        [{**WEEKLY, "first_date": "2026-12-02", "last_date": "2026-12-01"}],
        "0.last_date",
        "before first_date, 2026-12-02",
    ),
    "no such day in between": (
        [{**WEEKLY, "first_date": "2026-12-01", "last_date": "2026-12-02"}],
        "0.last_date",
        "none of the days lies within",
    ),
    "a date with a time": ([{**WEEKLY, "first_date": "2026-12-01T00:00"}], "0.first_date", "a date, as 2026-12-01"),
    "power below nothing": ([{**ONCE, "available_power": -1}], "0.available_power", "from 0 to 1000000, in kW, not -1"),
    "power without bounds": (
        [{**ONCE, "available_power": float("inf")}],
        "0.available_power",
        "a number without bounds",
    ),
    "power that is none": ([{**ONCE, "available_power": True}], "0.available_power", "not true"),
    "power as text": ([{**ONCE, "available_power": "2"}], "0.available_power", "not '2'"),
    "power that is null": ([{**ONCE, "available_power": None}], "0.available_power", "not null"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_where(name: str) -> None:
    value, path, words = WRONG[name]
    with pytest.raises(WindowsError) as caught:
        read_windows(value)
    found: Any = caught.value.issues
    for step in path.split(".") if path else ():
        assert list(found) == [step]
        found = found[step]
    assert words in found


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(WindowsError) as caught:
        read_windows([{**WEEKLY, "from": "x", "until": "y"}, ONCE, 5])
    assert set(caught.value.issues) == {"0", "2"}
    assert isinstance(caught.value.issues, dict)
    assert set(caught.value.issues["0"]) == {"from", "until"}


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*ONCE, *WEEKLY, "first_date", "available_power", "x"]), inner, max_size=7)
    ),
    max_leaves=12,
)


@given(value=st.lists(ANY, max_size=4) | ANY)
def test_anything_is_read_or_refused(value: Any) -> None:
    with suppress(WindowsError):
        assert read_windows(value)
