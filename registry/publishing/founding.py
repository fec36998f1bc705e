"""Brings a store, its journal and its library of models together, whichever of them is new, behind or lost.

A new registry gets the model that is shipped. A store from before there was a journal gets one that says what is there.
A store that is lost or behind is made good from the journal. A journal that is lost is not made good in silence: then
somebody must say which of both is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from registry.access import DEVICES, placement
from registry.devices.documents import id_of
from registry.devices.enumeration import count_devices, device_blocks, triples_in
from registry.errors import RegistryError
from registry.journal import Entry, Journal, Kind
from registry.journal.database import JournalError
from registry.journal.entry import SOFTWARE
from registry.journal.position import position_change, read_position
from registry.journal.replay import catch_up, load_all
from registry.journal.state import state_of, views, write
from registry.model_graphs import model_change
from registry.profile import Profile, load_profile
from registry.profile.compilation import MODEL
from registry.publishing.journaling import model_entry
from registry.publishing.library import ModelLibrary, Published
from registry.publishing.marker import BEGINNING, Marker, marker_change, read_marker
from registry.publishing.model_files import ModelFiles, from_folder, from_zip
from registry.publishing.versions import version_of
from sparql.graph_store import ChangeSet, GraphStore

Say: TypeAlias = Callable[[str], None]
"""Shows progress."""

BY = "the software"
"""Who publishes the model that is shipped."""
JOURNAL = "journal.sqlite"
"""The journal's file in the data folder of a registry."""
BLOCK = 1_000
"""Devices of an old store that go into its new journal together."""


def shipped_files() -> ModelFiles:
    """Return the files of the model that comes with the software."""
    return from_folder(MODEL, companions=False)


def library_of(data: Path) -> ModelLibrary:
    """Return the library in the data folder of a registry."""
    return ModelLibrary(data / "models")


def journal_of(data: Path) -> Journal:
    """Return the journal in the data folder of a registry, made when missing.

    Raises:
        JournalError: it can't be used.
    """
    return Journal(data / JOURNAL)


def bring_together(store: GraphStore, journal: Journal, library: ModelLibrary, say: Say) -> None:
    """Have the store hold all that the journal says, by the model that it says.

    Raises:
        ProfileError: a model's folder is missing or damaged.
        JournalError: the store has what the journal does not say.
    """
    try:
        _bring_together(store, journal, library, say)
    except RegistryError as error:
        raise JournalError(f"the journal {journal.path} can't be used: {error.message}") from error


def _bring_together(store: GraphStore, journal: Journal, library: ModelLibrary, say: Say) -> None:
    _restore_models(journal, library)
    position, marker = read_position(store), read_marker(store)
    if position is not None and position.identity != journal.identity:
        raise JournalError(f"{journal.path} is not the journal of this store: they belong to different registries")
    if position is not None and position.sequence > journal.last:
        raise JournalError(
            f"{journal.path} ends at entry {journal.last:,}, but the store has {position.sequence:,}: a part of the "
            "journal is lost. Restore both from a backup, or move the store away to go on from the journal alone"
        )
    if journal.last == 0:
        if marker is None and not count_devices(store):
            _found(store, journal, library)
        else:
            _begin(store, journal, library, marker or _adopt_shipped(store, library), say)
    elif position is None:
        rebuild(store, journal, library, say)
    else:
        catch_up(store, journal, lambda _: _profile_of(store, library))


def rebuild(store: GraphStore, journal: Journal, library: ModelLibrary, say: Say) -> int:
    """Fill an empty store from the journal alone; return how many devices there are.

    The store gets its position at the beginning first, on its disk: if this is cut short, the next start goes on.

    Raises:
        JournalError: the journal names no model, or the store is not empty.
    """
    if store.graphs():
        raise JournalError("the store has no position in the journal, but is not empty: move it away first")
    published = journal.of_kind(Kind.PUBLISH)
    if not published:
        raise JournalError(f"{journal.path} has entries, but names no model")
    _restore_models(journal, library)
    say("making the store anew from the journal")
    *earlier, last = published
    since = datetime.fromisoformat(last.time) if earlier else BEGINNING
    profile = library.profile(last.model)
    marker = marker_change(store, last.model, since, [each.model for each in earlier])
    _put_in_force(store, profile, marker, position_change(store, journal.identity, 0))
    journal.settle()
    return load_all(store, journal, profile, lambda number: say(f"{number:,} devices loaded"))


def _found(store: GraphStore, journal: Journal, library: ModelLibrary) -> None:
    """Begin a registry with the shipped model."""
    files, profile, record = _shipped(library)
    journal.put_model(record.name, record.text(), files.zipped())
    journal.append([model_entry(record, SOFTWARE)])
    marker = marker_change(store, record.name, BEGINNING)
    _put_in_force(store, profile, marker, position_change(store, journal.identity, journal.last))


def _adopt_shipped(store: GraphStore, library: ModelLibrary) -> Marker:
    """Take the devices of a store that names no model as of the shipped one: there was no other to be of."""
    _, profile, record = _shipped(library)
    _put_in_force(store, profile, marker_change(store, record.name, BEGINNING), ChangeSet())
    return Marker(record.name, BEGINNING, frozenset({record.name}))


def _shipped(library: ModelLibrary) -> tuple[ModelFiles, Profile, Published]:
    """Return the shipped model, kept in the library."""
    files, profile = shipped_files(), load_profile(MODEL)
    now = datetime.now(UTC)
    record = Published(name=files.digest, version=version_of(profile), time=now, by=BY, shipped=True)
    library.add(files, record)
    return files, profile, record


def _put_in_force(store: GraphStore, profile: Profile, marker: ChangeSet, moved: ChangeSet) -> None:
    """Have the model in a store without any, on its disk: what is loaded gets there sooner than transactions do."""
    store.apply(ChangeSet.together([model_change(store, profile), marker, moved]))
    store.flush()


def _begin(store: GraphStore, journal: Journal, library: ModelLibrary, marker: Marker, say: Say) -> None:
    """Begin the journal of a store that has devices: it says what is there, not how that came about."""
    store.apply(position_change(store, journal.identity, 0))  # so that nobody takes another journal for this store's
    store.flush()  # and so that all that is noted below is on the disk
    records = [each for each in reversed(library.records(marker.published)) if each.name != marker.name]
    records.append(library.record(marker.name))
    for record in records:
        journal.put_model(record.name, record.text(), ModelFiles(library.files(record.name).model).zipped())
    devices = _present(store, library.profile(marker.name), marker.name, say)
    journal.append(chain((model_entry(record, SOFTWARE) for record in records), devices))
    store.apply(position_change(store, journal.identity, journal.last))
    store.flush()


def _present(store: GraphStore, profile: Profile, model: str, say: Say) -> Iterator[Entry]:
    """Yield an entry for each device that is there."""
    total = 0
    for block in device_blocks(store, BLOCK):
        found = triples_in(store, profile, DEVICES, [device for device, _ in block])
        for device, triples in found.items():
            state, seen = state_of(profile, triples), views((), placement(profile, triples))
            yield Entry(
                kind=Kind.IMPORT,
                time=state["_updated"],
                author=SOFTWARE,
                model=model,
                device=id_of(device),
                after=write(state),
                seen=seen,
            )
        total += len(found)
        say(f"{total:,} devices noted in the new journal")


def _restore_models(journal: Journal, library: ModelLibrary) -> None:
    """Put the models that the library has lost back into it."""
    lost = journal.models(lambda name: not library.folder_of(name).is_dir())
    for record, files in lost.values():
        library.add(from_zip(files), Published.read(record))


def _profile_of(store: GraphStore, library: ModelLibrary) -> Profile:
    marker = read_marker(store)
    if marker is None:
        raise JournalError("the store does not say which model its data is of")
    return library.profile(marker.name)
