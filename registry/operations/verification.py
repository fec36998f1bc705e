"""Verifies a backup, or the data folder of a registry that is stopped: in a copy, so that nothing in it changes.

The copy is brought up to date as a start would do it, and then compared: what the journal says of each device is what
the store holds of it, in each graph in which it stands, and nothing else.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.access import DEVICES
from registry.devices.documents import device_iri
from registry.devices.enumeration import count_devices, triples_in
from registry.devices.placement_audit import PlacementAudit
from registry.errors import RegistryError
from registry.journal import Journal
from registry.journal.database import JournalError
from registry.journal.position import read_position
from registry.journal.state import triples_of
from registry.operations.durable_copy import copy_database
from registry.operations.journal_audit import audit_journal
from registry.operations.manifest import NAME, read_manifest
from registry.profile import Profile, ProfileError
from registry.publishing.founding import bring_together, journal_of, library_of
from registry.publishing.marker import read_marker
from sparql.embedded import EmbeddedStore
from sparql.graph_store import GraphStore, StoreError

Say = Callable[[str], None]
Checked = Callable[[int], None]
"""Told of the number of devices that were compared."""

_BLOCK = 250


def verify(folder: Path, say: Say, checked: Checked = lambda _: None) -> Iterator[str]:
    """Yield what is wrong with a backup, or with the data folder of a stopped registry.

    Raises:
        NotABackup: its manifest can't be read.
        StoreLocked: a registry runs on the data folder.
        StoreError: it is neither.
    """
    faults = _faults_of_files(folder, say)
    yield from faults
    if faults:
        return
    with _copy(folder, say) as copy:
        say("verifying the journal")
        found = list(audit_journal(copy / "journal.sqlite"))
        yield from found
        if not found:
            yield from _together(copy, say, checked)


def _faults_of_files(folder: Path, say: Say) -> list[str]:
    if (folder / NAME).exists():
        manifest = read_manifest(folder)
        say(f"verifying {len(manifest.files)} files of a backup made at {manifest.time}")
        return list(manifest.faults(folder))
    if not (folder / "journal.sqlite").is_file():
        raise StoreError(f"{folder} is neither a backup nor the data folder of a registry")
    return []


@contextmanager
def _copy(folder: Path, say: Say) -> Iterator[Path]:
    """Yield a data folder that is a copy of this one: its store by hard links where that can be."""
    parent = folder.absolute().parent
    beside = parent if os.access(parent, os.W_OK) else None
    with TemporaryDirectory(prefix="verifying-", dir=beside) as name:
        copy = Path(name)
        if (folder / NAME).exists():
            shutil.copytree(folder / "store", copy / "store", copy_function=_link_tables)
            shutil.copyfile(folder / "journal.sqlite", copy / "journal.sqlite")
        else:
            store = EmbeddedStore(folder / "store") if (folder / "store").is_dir() else None
            try:
                say("copying the journal and the store")
                copy_database(folder / "journal.sqlite", copy / "journal.sqlite")
                if store is not None:
                    store.checkpoint(copy / "store")
            finally:
                if store is not None:
                    store.close()
        yield copy


def _link_tables(source: str, target: str) -> None:
    """Link what the engine never changes once it is written, and copy the rest."""
    if source.endswith(".sst"):
        try:
            os.link(source, target)
        except OSError:  # on another file system
            shutil.copyfile(source, target)
    else:
        shutil.copyfile(source, target)


def _together(copy: Path, say: Say, checked: Checked) -> Iterator[str]:
    try:
        store = EmbeddedStore(copy / "store")
    except StoreError as error:
        yield str(error).replace(str(copy), "")
        return
    journal = journal_of(copy)
    try:
        yield from _compared(store, journal, copy, say, checked)
    except (StoreError, JournalError, ProfileError, RegistryError, ValueError, OSError) as error:
        yield f"the registry could not be started: {getattr(error, 'message', error)}".replace(f"{copy}/", "")
    finally:
        store.close()
        journal.close()


def _compared(store: EmbeddedStore, journal: Journal, copy: Path, say: Say, checked: Checked) -> Iterator[str]:
    position = read_position(store)
    if position is None and store.graphs():
        yield "the store does not say where it stands in the journal"
        return
    behind = journal.last - (position.sequence if position else 0)
    say(f"the journal has {journal.last:,} entries, {behind:,} of which the store lacks")
    library = library_of(copy)
    bring_together(store, journal, library, say)
    marker = read_marker(store)
    if marker is None:
        yield "the store does not say which model its data is of"
        return
    profile = library.profile(marker.name)
    say("comparing the devices of the journal and of the store")
    yield from _devices(store, journal, profile, checked)
    say("comparing the graphs of the store")
    for block in PlacementAudit(store, profile).blocks():
        for each in block.differences:
            yield (
                f"{each.subject} in <{each.graph}>: {len(each.missing)} triples are missing, {len(each.extra)} too many"
            )


def _devices(store: GraphStore, journal: Journal, profile: Profile, checked: Checked) -> Iterator[str]:
    alive = 0
    for entries in journal.latest(_BLOCK):
        states = {iri: each.state_after for each in entries if (iri := device_iri(each.device)) is not None}
        found = triples_in(store, profile, DEVICES, states)
        for iri, state in states.items():
            expected = frozenset() if state is None else triples_of(profile, state, iri)
            alive += state is not None
            if found.get(iri, frozenset()) != expected:
                yield f"{iri}: the store has another state than the journal"
        checked(alive)
    there = count_devices(store)
    if there != alive:
        yield f"the store has {there:,} devices, the journal {alive:,}"
