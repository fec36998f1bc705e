"""What writes devices in tests that have a store and no more: a journal in a folder of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from registry.clock import Clock
from registry.devices.reading import DeviceReader
from registry.devices.writing import DeviceWriter
from registry.in_force import Edition
from registry.journal import Journal, Recorder
from registry.journal.position import position_change
from registry.profile import Profile
from sparql.graph_store import GraphStore


def recorder_of(store: GraphStore, folder: Path | None = None) -> Recorder:
    """Return what writes to `store` and to the journal in `folder`, or a new one."""
    journal = Journal((folder or Path(mkdtemp(prefix="journal-"))) / "journal.sqlite")
    store.apply(position_change(store, journal.identity, journal.last))
    return Recorder(journal, store)


def writer_of(
    store: GraphStore,
    profile: Profile,
    reader: DeviceReader | None = None,
    clock: Clock | None = None,
    folder: Path | None = None,
) -> DeviceWriter:
    """Return a writer to `store` by `profile`, and to the journal in `folder`, or a new one."""
    edition = Edition(
        name="tests", profile=profile, reader=reader or DeviceReader(store, profile), since=datetime.now(UTC)
    )
    return DeviceWriter(recorder_of(store, folder), edition, clock or Clock())
