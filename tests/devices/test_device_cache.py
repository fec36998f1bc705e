"""Devices that are kept: as true as those read anew, whatever happens in between, and not too many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorders import writer_of
from stand import ALICE, LOADER, A, device

from registry.access import dataset
from registry.clock import Clock
from registry.devices.device import Device
from registry.devices.device_cache import DeviceCache
from registry.devices.reading import DeviceReader
from registry.principal import Principal, Role
from registry.profile import load_profile
from registry.vocabulary import MODIFIED
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import Iri, Quad

PROFILE = load_profile()
IDS = [str(UUID(int=number)) for number in range(4)]
IRIS = [Iri(f"urn:uuid:{each}") for each in IDS]
AGGREGATOR = Principal(role=Role.AGGREGATOR, issuer="urn:x", subject="x", aggregator_id=A)
PROSUMER = Principal(role=Role.PROSUMER, issuer="urn:x", subject="x", aggregator_id=A, account_id=ALICE)
PRINCIPALS = (AGGREGATOR, PROSUMER, LOADER)
CHANGES: Sequence[Mapping[str, Any]] = (
    {"max_capacity": 5},
    {"max_capacity": None},
    {"serial_number": "hidden from the aggregator"},
    {"external_ids": ["hidden from the household"]},
    {"status": {"mode": "1"}},
    {},
)


class Scene:
    """A store, who reads and writes it, and a cache of its devices."""

    def __init__(self, most: int = 100) -> None:
        self.store = EmbeddedStore()
        self.reader = DeviceReader(self.store, PROFILE)
        self.writer = writer_of(self.store, PROFILE, self.reader, Clock())
        self.read: list[Iri] = []
        self.cache = DeviceCache(self.store, self._read, most)

    def _read(self, scope: DatasetDescription, devices: Sequence[Iri]) -> list[Device]:
        self.read += devices
        return self.reader.read(scope, devices)

    def add(self, number: int) -> None:
        self.writer.create(LOADER, [device(device_id=IDS[number])], single=True)

    def change(self, number: int, changes: Mapping[str, Any]) -> None:
        self.writer.change(LOADER, IDS[number], changes, lambda _: True)


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.store.close()


steps = st.lists(
    st.one_of(
        st.tuples(st.just("toggle"), st.integers(0, 3), st.none()),
        st.tuples(st.just("change"), st.integers(0, 3), st.sampled_from(CHANGES)),
        st.tuples(st.just("read"), st.permutations(range(4)), st.none()),
    ),
    max_size=12,
)


@settings(max_examples=30)
@given(steps)
def test_what_is_kept_is_what_would_be_read(steps: list[tuple[str, Any, Any]]) -> None:
    scene = Scene(most=5)
    there: set[int] = set()
    for kind, what, changes in steps:
        if kind == "toggle" and what in there:
            scene.writer.delete(LOADER, IDS[what], lambda _: True)
            there.discard(what)
        elif kind == "toggle":
            scene.add(what)
            there.add(what)
        elif kind == "change" and what in there:
            scene.change(what, changes)
        elif kind == "read":
            wanted = [IRIS[number] for number in what]
            for principal in PRINCIPALS:
                scope = dataset(principal)
                assert scene.cache.read(scope, wanted) == scene.reader.read(scope, wanted)
    scene.store.close()


def test_an_unchanged_device_is_read_once(scene: Scene) -> None:
    scene.add(0)
    for _ in range(3):
        scene.cache.read(dataset(AGGREGATOR), [IRIS[0]])
    assert scene.read == [IRIS[0]]


def test_a_change_has_that_device_alone_read_anew(scene: Scene) -> None:
    scene.add(0)
    scene.add(1)
    scene.cache.read(dataset(AGGREGATOR), IRIS[:2])
    scene.change(1, {"max_capacity": 9})
    scene.cache.read(dataset(AGGREGATOR), IRIS[:2])
    assert scene.read == [IRIS[0], IRIS[1], IRIS[1]]


def test_a_change_out_of_view_has_nothing_read_anew(scene: Scene) -> None:
    scene.add(0)
    scene.cache.read(dataset(AGGREGATOR), IRIS[:1])
    scene.change(0, {"serial_number": "hidden from the aggregator"})
    scene.cache.read(dataset(AGGREGATOR), IRIS[:1])
    assert scene.read == [IRIS[0]]


def test_views_are_kept_apart(scene: Scene) -> None:
    scene.writer.create(LOADER, [device(device_id=IDS[0], serial_number="secret")], single=True)
    service, aggregator = (scene.cache.read(dataset(who), IRIS[:1]) for who in (LOADER, AGGREGATOR))
    assert service[0].document["serial_number"] == "secret"
    assert "serial_number" not in aggregator[0].document


def test_those_asked_for_last_stay() -> None:
    scene = Scene(most=2)
    for number in range(3):
        scene.add(number)
    for number in (0, 1, 0, 2, 0, 1):
        scene.cache.read(dataset(LOADER), [IRIS[number]])
    assert [IRIS.index(iri) for iri in scene.read] == [0, 1, 2, 1]
    scene.store.close()


def test_a_device_without_one_time_of_change_is_never_kept(scene: Scene) -> None:
    scene.add(0)
    graph = dataset(LOADER).default[0]
    (time,) = (value for _, name, value in scene.reader.read(dataset(LOADER), IRIS[:1])[0].triples if name == MODIFIED)
    scene.store.apply(ChangeSet(removed=[Quad(IRIS[0], MODIFIED, time, graph)]))
    for _ in range(2):
        scene.cache.read(dataset(LOADER), IRIS[:1])
    assert scene.read == [IRIS[0], IRIS[0]]


def test_nothing_is_asked_for_no_device(scene: Scene) -> None:
    assert scene.cache.read(dataset(LOADER), []) == []
