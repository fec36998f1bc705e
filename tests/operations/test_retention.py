"""What is older than the settings say is forgotten, and nothing that a registry, its readers or its backups need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from soundness import faults
from stand import SERVICE, A, B, Stand, device, running_stand

from registry.access import DEVICES, aggregator_graph
from registry.journal.feed import Feed
from registry.operations.checkpoints import Checkpoints
from registry.operations.rebuilding import rebuild_store
from registry.operations.retention import Retention

KEPT, CHANGED, GONE, NEW = (device(number)["device_id"] for number in (1, 2, 3, 4))
NOW = datetime.now(UTC)


@contextmanager
def aged(data: Path) -> Iterator[Stand]:
    """Run a registry whose changes but for the last two are ten days old."""
    with running_stand(data) as stand:
        stand.add(device(1), device(2), device(3))
        stand.patch(CHANGED, {"device_name": "older"})
        stand.patch(CHANGED, {"device_name": "old"})
        stand.call("DELETE", f"/1/devices/{GONE}", headers={"If-Match": stand.etag(GONE)})
        with stand.components.recorder.journal.written() as connection:
            old = (NOW - timedelta(days=10)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            connection.execute("UPDATE entry SET time = ?", (old,))
        stand.patch(CHANGED, {"device_name": "new"})
        stand.add(device(4))
        yield stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with aged(tmp_path / "data") as stand:
        yield stand


def retention(stand: Stand, days: int | None, checkpoints: Checkpoints | None = None) -> Retention:
    components = stand.components
    checkpoints = checkpoints or Checkpoints(components.store, components.recorder, components.settings.store.path)
    return Retention(components.recorder, components.store, checkpoints, days)


def entries(stand: Stand) -> list[tuple[str | None, str | None]]:
    found = stand.components.recorder.journal.entries(0, 99)
    return [(each.device, (each.state_after or {}).get("device_name")) for each in found]


def test_the_last_entry_before_the_horizon_stays_of_what_was_there(stand: Stand) -> None:
    assert retention(stand, 5).prune(NOW) == 4
    assert entries(stand) == [
        (None, None),
        (KEPT, "device 1"),
        (CHANGED, "old"),
        (CHANGED, "new"),
        (NEW, "device 4"),
    ]
    assert retention(stand, 5).prune(NOW) == 0


@pytest.mark.parametrize("days", [None, 11, 36500])
def test_what_is_not_too_old_stays(stand: Stand, days: int | None) -> None:
    before = entries(stand)
    assert retention(stand, days).prune(NOW) == 0
    assert entries(stand) == before
    assert stand.components.recorder.journal.oldest() is None


def test_readers_are_told_from_where_on_all_is_there(stand: Stand) -> None:
    feed, view = Feed(stand.components.recorder), aggregator_graph(A)
    assert feed.first(view) == 1
    last = feed.last(view)
    retention(stand, 5).prune(NOW)
    assert stand.components.recorder.journal.oldest() == (NOW - timedelta(days=5)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert (feed.first(view), feed.last(view)) == (last - 1, last)
    assert [each.number for each in feed.after(view, feed.first(view) - 1, 9)] == [last - 1, last]
    assert feed.first(aggregator_graph(B)) == 1


def test_a_view_without_a_recent_change_begins_after_its_last(stand: Stand) -> None:
    feed = Feed(stand.components.recorder)
    retention(stand, 1).prune(NOW + timedelta(days=30))
    assert feed.first(DEVICES) == feed.last(DEVICES) + 1
    assert stand.get("/1/devices").headers["X-Total-Count"] == "3"


def test_an_import_is_not_old_because_its_devices_are(stand: Stand) -> None:
    journal = stand.components.recorder.journal
    with journal.written() as connection:
        connection.execute("UPDATE entry SET kind = 'import', time = '1990' WHERE device = ?", (NEW,))
    retention(stand, 5).prune(NOW)
    feed = Feed(stand.components.recorder)
    assert feed.after(DEVICES, feed.first(DEVICES), 9)[-1].entry.device == NEW


def test_nothing_is_pruned_while_a_backup_is_made(stand: Stand) -> None:
    components = stand.components
    checkpoints = Checkpoints(components.store, components.recorder, components.settings.store.path)
    with checkpoints.taken():
        assert retention(stand, 5, checkpoints).prune(NOW) == 0
    assert retention(stand, 5, checkpoints).prune(NOW) == 4


def test_what_is_left_is_sound_and_makes_the_same_store(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with aged(data) as stand:
        retention(stand, 5).prune(NOW)
        before = stand.dump()
    assert faults(data) == []
    assert rebuild_store(data, lambda _: None) == 3
    with running_stand(data) as again:
        assert again.dump() == before
        assert again.get(f"/1/devices/{KEPT}", SERVICE).status_code == 200
