"""Copies of the store at earlier moments: few, short-lived, and true also when something is recorded late."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from recorders import recorder_of
from stand import A, device

from registry.access import DEVICES, aggregator_graph
from registry.clock import Clock
from registry.devices.criteria import All, Listing
from registry.devices.reading import DeviceReader
from registry.devices.writing import DeviceWriter
from registry.errors import ServiceUnavailable
from registry.history.past_copies import PastCopies
from registry.history.past_copy import OtherEdition
from registry.in_force import Edition
from registry.journal import Recorder
from registry.principal import Principal, Role
from registry.profile import Profile
from registry.profile.codecs import DATE_FORMAT
from registry.publishing.marker import BEGINNING, marker_change
from sparql.embedded import EmbeddedStore

SERVICE = Principal(role=Role.SERVICE, issuer="urn:x", subject="x")
ALL = Listing(criteria=All(), sort=(), page=1, size=300)


class Place:
    """A store with a journal, what writes to it, and copies of it."""

    def __init__(self, folder: Path, profile: Profile, most: int, lifetime: float) -> None:
        self.folder = folder / "past"
        self.store = EmbeddedStore(folder / "store")
        self.recorder: Recorder = recorder_of(self.store, folder)
        self.store.apply(marker_change(self.store, "model", BEGINNING))
        self.edition = Edition(
            name="model", profile=profile, reader=DeviceReader(self.store, profile), since=datetime.now(UTC)
        )
        self.clock = Clock()
        self.writer = DeviceWriter(self.recorder, self.edition, self.clock)
        self.folder.mkdir()
        (self.folder / "left behind").mkdir()
        self.copies = PastCopies(self.store, self.recorder, self.folder, most, lifetime)

    def names(self, moment: str) -> list[str]:
        with self.copies.at(self.edition, moment, DEVICES) as reader:
            return [each.document["device_name"] for each in reader.page(SERVICE, ALL).devices]

    def add(self, number: int) -> None:
        self.writer.create(SERVICE, [device(number)], single=True)

    def folders(self) -> int:
        return len(list(self.folder.iterdir())) if self.folder.exists() else 0


@pytest.fixture
def place(tmp_path: Path, profile: Profile, request: pytest.FixtureRequest) -> Iterator[Place]:
    most, lifetime = getattr(request, "param", (2, 300.0))
    place = Place(tmp_path, profile, most, lifetime)
    yield place
    place.copies.close()
    place.store.close()
    place.recorder.journal.close()


def now() -> str:
    time.sleep(0.002)
    return datetime.now(UTC).strftime(DATE_FORMAT)


def test_what_a_killed_process_left_is_removed_at_the_start_and_all_at_the_end(place: Place) -> None:
    assert place.folders() == 0
    place.names(now())
    assert place.folders() == 1
    place.copies.close()
    assert not place.folder.exists()
    with pytest.raises(ServiceUnavailable):
        place.names(now())


def test_one_moment_has_one_copy_and_old_ones_make_room(place: Place) -> None:
    moments = []
    for number in range(4):
        place.add(number)
        moments.append(now())
    for moment in (*moments, *moments):
        expected = [f"device {number}" for number in range(moments.index(moment) + 1)]
        assert place.names(moment) == expected
        assert place.names(moment) == expected
    assert place.folders() == 2


@pytest.mark.parametrize("place", [(2, 0.3)], indirect=True)
def test_a_copy_is_removed_when_its_time_is_over(place: Place) -> None:
    with place.copies.at(place.edition, now(), DEVICES):
        assert place.folders() == 1
    deadline = time.monotonic() + 10
    while place.folders() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert place.folders() == 0


def test_a_copy_that_is_read_from_stays_until_the_reader_has_ended(place: Place) -> None:
    place.add(1)
    first = now()
    with place.copies.at(place.edition, first, DEVICES) as reader:
        for _ in range(3):
            place.names(now())
        assert place.folders() == 3
        assert reader.page(SERVICE, ALL).total == 1
    assert place.folders() == 2


def test_a_change_that_is_recorded_late_with_an_earlier_time_is_seen(place: Place) -> None:
    place.add(1)
    times = [place.clock.text()]
    moment = now()
    assert place.names(moment) == ["device 1"]
    place.writer._clock = type("Early", (), {"text": lambda _: times[0]})()
    place.add(2)
    assert place.names(moment) == ["device 1", "device 2"]
    assert place.folders() == 1


def test_readers_at_the_same_time_share_one_copy(place: Place) -> None:
    place.add(1)
    moment = now()
    place.add(2)
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append(place.names(moment))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["device 1"]] * 6
    assert place.folders() == 1


def test_views_are_brought_back_each_for_itself(place: Place) -> None:
    place.add(1)
    moment = now()
    place.add(2)
    aggregator = Principal(role=Role.AGGREGATOR, issuer="urn:x", subject="x", aggregator_id=A)
    with place.copies.at(place.edition, moment, DEVICES) as reader:
        assert reader.page(SERVICE, ALL).total == 1
        assert reader.page(aggregator, ALL).total == 2  # nobody has asked for this view yet
    with place.copies.at(place.edition, moment, aggregator_graph(A)) as reader:
        assert reader.page(aggregator, ALL).total == 1
        assert reader.page(SERVICE, ALL).total == 1


def test_a_store_of_another_model_by_now_is_not_read(place: Place) -> None:
    place.store.apply(marker_change(place.store, "another", datetime.now(UTC)))
    with pytest.raises(OtherEdition):
        place.names(now())
    assert place.folders() == 0
