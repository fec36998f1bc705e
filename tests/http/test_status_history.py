"""The course of a nested object's values: as it was, and divided into spans that keep the peaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand import AGGREGATOR, PROSUMER, SERVICE, B, Caller, Stand, device, running_stand

from registry.history import object_history, values
from registry.history.instants import instant_of, text_of
from registry.history.spans import Spans
from registry.principal import Role

OTHER = Caller(role=Role.AGGREGATOR, host=B)
ID = device(0xF1)["device_id"]
PATH = f"/1/devices/{ID}/status/history"
STEPS: list[dict[str, Any]] = [
    {"status.setPoint": 25.0},
    {"serial_number": "x"},
    {"status.setPoint": -5.0, "status.mode": "2"},
    {"status.mode": "1"},
    {"status": None},
    {"status": {"setPoint": 18.0}},
    {"aggregator_id": B},
    {"status.setPoint": 99.0},
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stand, list[str]]]:
    """A registry with a device whose status changed; and the times of all its changes, as a service has them."""
    with running_stand(tmp_path_factory.mktemp("told")) as stand:
        stand.add(device(0xF1, status={"setPoint": 20.0, "mode": "1"}))
        times = [stand.get(f"/1/devices/{ID}").get_json()["_updated"]]
        for changes in STEPS:
            assert stand.patch(ID, changes).status_code == 200
            times.append(stand.get(f"/1/devices/{ID}").get_json()["_updated"])
        yield stand, times


def course(stand: Stand, caller: Caller = SERVICE, query: str = "") -> dict[str, Any]:
    answer = stand.get(f"{PATH}{query}", caller)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    document: dict[str, Any] = answer.get_json()
    return document


def test_each_value_has_the_time_from_which_on_it_was_in_force(told: tuple[Stand, list[str]]) -> None:
    stand, times = told
    found = course(stand)["fields"]
    assert found["setPoint"]["values"] == [
        {"time": times[0], "value": 20.0},
        {"time": times[1], "value": 25.0},
        {"time": times[3], "value": -5.0},
        {"time": times[5]},
        {"time": times[6], "value": 18.0},
        {"time": times[8], "value": 99.0},
    ]
    assert [each.get("value") for each in found["mode"]["values"]] == ["1", "2", "1", None]
    assert found["x-fanspeed"]["values"] == [{"time": times[0]}]


VIEWS = [
    (AGGREGATOR, [(0, 20.0), (1, 25.0), (3, -5.0), (5, None), (6, 18.0), (7, None)]),
    (PROSUMER, [(0, 20.0), (1, 25.0), (3, -5.0), (5, None), (6, 18.0), (7, None)]),
    (OTHER, [(7, 18.0), (8, 99.0)]),
]


@pytest.mark.parametrize(("caller", "expected"), VIEWS, ids=["aggregator", "prosumer", "other"])
def test_a_view_has_values_while_the_device_is_in_it(
    told: tuple[Stand, list[str]], caller: Caller, expected: list[tuple[int, float | None]]
) -> None:
    stand, times = told
    found = course(stand, caller, "?fields=setPoint")
    assert list(found["fields"]) == ["setPoint"]
    assert [(each["time"], each.get("value")) for each in found["fields"]["setPoint"]["values"]] == [
        (times[place], value) for place, value in expected
    ]


def test_it_begins_with_what_was_in_force(told: tuple[Stand, list[str]]) -> None:
    stand, times = told
    start, end = text_of(instant_of(times[1]) + 1), times[3]
    found = course(stand, SERVICE, f"?from={start}&to={end}&fields=setPoint,mode")
    assert (found["from"], found["to"]) == (start, end)
    assert found["fields"]["setPoint"]["values"] == [{"time": start, "value": 25.0}, {"time": end, "value": -5.0}]
    assert [each["value"] for each in found["fields"]["mode"]["values"]] == ["1", "2"]


def test_spans_keep_the_peaks(told: tuple[Stand, list[str]]) -> None:
    stand, times = told
    found = course(stand, SERVICE, f"?from={times[0]}&to={times[4]}&points=1")["fields"]
    (span,) = found["setPoint"]["spans"]
    lengths = [
        instant_of(b) - instant_of(a) for a, b in ((times[0], times[1]), (times[1], times[3]), (times[3], times[4]))
    ]
    mean = (20 * lengths[0] + 25 * lengths[1] - 5 * lengths[2]) / sum(lengths)
    assert (span["min"], span["max"], span["last"], span["changes"]) == (-5.0, 25.0, -5.0, 2)
    assert span["mean"] == pytest.approx(mean)
    assert found["mode"]["spans"] == [{"from": times[0], "to": times[4], "last": "1", "changes": 2}]


def test_spans_follow_each_other_without_a_gap(told: tuple[Stand, list[str]]) -> None:
    stand, _ = told
    found = course(stand, SERVICE, "?points=7")
    spans = found["fields"]["setPoint"]["spans"]
    assert [each["from"] for each in spans] == [found["from"], *(each["to"] for each in spans[:-1])]
    assert spans[-1]["to"] == found["to"]
    assert len(spans) == 7


WRONG = [
    ("?fields=noSuch", "status has no 'noSuch'; it has setPoint, mode"),
    ("?points=0", "points must be a whole number from 1 to 2000"),
    ("?points=2001", "points must be a whole number from 1 to 2000"),
    ("?points=x", "points must be a whole number"),
    ("?from=yesterday", "from must be a time with an offset"),
    ("?to=2026-01-01", "to must be a time with an offset"),
    ("?from=9990-01-01T00:00:00Z", "must be before to"),
]


@pytest.mark.parametrize(("query", "words"), WRONG)
def test_what_is_wrong_is_said_with_what_would_be_right(told: tuple[Stand, list[str]], query: str, words: str) -> None:
    answer = told[0].get(f"{PATH}{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert words in answer.get_json()["detail"]


def test_a_time_before_the_beginning_is_gone(told: tuple[Stand, list[str]]) -> None:
    answer = told[0].get(f"{PATH}?to=2001-01-01T00:00:00Z")
    assert answer.status_code == 410
    assert answer.get_json()["since"] == course(told[0], SERVICE, "?from=2001-01-01T00:00:00Z")["from"]


def test_only_objects_have_a_course(told: tuple[Stand, list[str]]) -> None:
    answer = told[0].get(f"/1/devices/{ID}/location/history")
    assert answer.status_code == 404
    assert "there is status" in answer.get_json()["detail"]


def test_what_is_too_much_is_refused(told: tuple[Stand, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MOST_VALUES", 3)
    assert "more than 3 values" in told[0].get(PATH).get_json()["detail"]
    assert told[0].get(f"{PATH}?points=5").status_code == 200
    monkeypatch.setattr(object_history, "MOST_ENTRIES", 3)
    assert "more than 3 changes" in told[0].get(f"{PATH}?points=5").get_json()["detail"]


def test_entries_that_are_read_in_parts_make_the_same_course(
    told: tuple[Stand, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand, times = told
    query = f"?to={times[8]}"
    whole = course(stand, SERVICE, query)
    for size in (1, 2, 3):
        monkeypatch.setattr(object_history, "_AT_ONCE", size)
        assert course(stand, SERVICE, query) == whole


@given(
    st.lists(st.tuples(st.integers(1, 999), st.none() | st.integers(-9, 9)), max_size=12),
    st.integers(1, 20),
    st.none() | st.integers(-9, 9),
)
def test_spans_are_what_looking_at_every_instant_finds(
    changes: list[tuple[int, int | None]], number: int, first: int | None
) -> None:
    by_time = dict(sorted(changes, key=lambda change: change[0]))
    spans = Spans(0, 1000, number, numeric=True)
    spans.put(0, first)
    for instant, value in by_time.items():
        spans.put(instant, value)
    seen, value = [], first
    for instant in range(1000):
        value = by_time.get(instant, value)
        seen.append(value)
    for place, span in enumerate(spans.document()["spans"]):
        start, end = 1000 * place // number, 1000 * (place + 1) // number
        there = [each for each in seen[start:end] if each is not None]
        assert (instant_of(span["from"]), instant_of(span["to"])) == (start, end)
        assert span.get("last") == seen[end - 1]
        assert span["changes"] == sum(seen[each] != seen[each - 1] for each in range(max(1, start), end))
        assert ("min" in span) == bool(there)
        if there:
            assert (span["min"], span["max"]) == (min(there), max(there))
            assert span["mean"] == pytest.approx(sum(there) / len(there))
