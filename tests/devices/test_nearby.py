"""Listings around a place: the index of points and the queries find the same pages, whatever changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indexed_scene import FIELDS, PLACES, Scene, at, ids, near
from stand import ALICE, BOB, A, B, device

from registry.devices import nearby
from registry.devices.criteria import Listing
from registry.devices.where import read_sort, read_where

CONDITIONS: Sequence[Mapping[str, Any]] = ({}, {"availability": "yes"}, {"$or": [{"max_capacity": 5}, {"vpp_id": "a"}]})


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.store.close()


CHANGES: Mapping[str, Callable[[Scene], None]] = {
    "moves": lambda scene: scene.change(1, location=at(2.003, 41.0)),
    "moves far away": lambda scene: scene.change(1, location=at(-100.0, 10.0)),
    "is where it was": lambda scene: scene.change(1, location=at(2.0, 41.0)),
    "loses its location": lambda scene: scene.change(1, location=None),
    "gets a location": lambda scene: scene.change(3, location=at(2.0, 41.0)),
    "is deleted": lambda scene: scene.delete(1),
    "goes to another aggregator": lambda scene: scene.change(1, aggregator_id=B),
    "goes to another account": lambda scene: scene.change(1, account_id=BOB),
    "comes": lambda scene: scene.add(device(4, location=at(2.0, 41.0))),
    "changes otherwise": lambda scene: scene.change(1, max_capacity=7),
    "comes by a bulk load": lambda scene: scene.load(device(5, location=at(2.0, 41.0))),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_device_that(scene: Scene, name: str) -> None:
    scene.add(device(1, location=at(2.0, 41.0)), device(2, location=at(2.001, 41.0)), device(3))
    listing = near(2.0, 41.0, 150.0)
    assert [ids(page) for page in scene.same(listing)] == ["12", "12", "", "12"]
    CHANGES[name](scene)
    scene.same(listing)
    scene.same(near(2.0, 41.0, 2e7))


DOCUMENTS = st.fixed_dictionaries(
    {"aggregator_id": st.sampled_from([A, B]), "account_id": st.sampled_from([ALICE, BOB])},
    optional={
        "location": st.sampled_from(PLACES).map(lambda place: at(*place)),
        "availability": st.sampled_from(["yes", "no"]),
        "max_capacity": st.sampled_from([5, 6]),
    },
)
STEPS = st.lists(st.tuples(st.integers(1, 6), st.none() | DOCUMENTS), max_size=6)


@settings(max_examples=40)
@given(
    first=st.lists(DOCUMENTS, max_size=6),
    steps=STEPS,
    listing=st.builds(
        lambda place, *rest, size: near(*place, *rest, size=size),
        st.sampled_from(PLACES),
        st.sampled_from([0.0, 120.0, 300.0, 2e7]),
        st.sampled_from(CONDITIONS),
        size=st.integers(1, 3),
    ),
)
def test_pages_are_those_of_the_engine_whatever_changes(
    first: list[dict[str, Any]],
    steps: list[tuple[int, dict[str, Any] | None]],
    listing: Listing,
) -> None:
    scene = Scene()
    there = set(range(1, len(first) + 1))
    scene.add(*(device(number, **document) for number, document in enumerate(first, start=1)))
    for number, document in [(0, None), *steps]:
        if document is None and number in there:
            scene.delete(number)
            there.remove(number)
        elif document is not None and number in there:
            scene.change(number, **{"location": None, **document})
        elif document is not None:
            scene.add(device(number, **document))
            there.add(number)
        for page in (1, 2, 4):
            scene.same(replace(listing, page=page))
    scene.store.close()


def test_devices_at_one_place_are_in_the_order_of_their_creation(scene: Scene) -> None:
    for number in (3, 1, 2):
        scene.add(device(number, location=at(2.0, 41.0)))
    scene.add(device(4, location=at(2.0, 41.0001)))
    assert [ids(scene.same(near(2.0, 41.0, 50.0, page=page, size=2))[0]) for page in (1, 2, 3)] == ["31", "24", ""]
    assert ids(scene.same(near(2.0, 41.00011, 50.0, size=2))[0]) == "43"


@pytest.mark.parametrize(("most_ordered", "most_tested"), [(1, 400), (2000, 1), (1, 1), (4, 4)])
def test_few_may_be_named_in_a_query(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, most_ordered: int, most_tested: int
) -> None:
    scene.add(
        *(
            device(number, location=at(2.0, 41 + number // 2 / 1e4), availability="yes" if number % 3 else "no")
            for number in range(1, 10)
        )
    )
    monkeypatch.setattr(nearby, "_MOST_ORDERED", most_ordered)
    monkeypatch.setattr(nearby, "_MOST_TESTED", most_tested)
    for conditions in CONDITIONS:
        for page in (1, 2, 3, 5):
            scene.same(near(2.0, 41.0, 80.0, conditions, page=page, size=2))


@pytest.mark.parametrize(
    "where",
    [
        {"location": {"$geoWithin": {"$centerSphere": [[2.0, 41.0], 3e-5]}}},
        {"location": {"$geoWithin": {"$box": [[1.9, 40.9], [2.1, 41.1]]}}},
        {"$or": [{"location": {"$geoWithin": {"$centerSphere": [[2.0, 41.0], 3e-5]}}}, {"vpp_id": "a"}]},
        {"location": {"$near": {"$geometry": at(2.0, 41.0)}}},
        {"location": {"$near": {"$geometry": at(2.0, 41.0), "$minDistance": 50}}},
        {"nowhere": {"$near": {"$geometry": at(2.0, 41.0)}}},
        {
            "location": {
                "$near": {"$geometry": at(2.0, 41.0), "$maxDistance": 500},
                "$geoWithin": {"$box": [[1.9, 40], [2, 42]]},
            }
        },
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("sort", ["", "-vpp_id"])
def test_other_places_are_found_as_before(scene: Scene, where: Mapping[str, Any], sort: str) -> None:
    for number, place in enumerate(PLACES, start=1):
        scene.add(device(number, location=at(*place), vpp_id="ab"[number % 2]))
    criteria = read_where(json.dumps(where), FIELDS)
    scene.same(Listing(criteria=criteria, sort=read_sort(sort, FIELDS) if sort else ()))
