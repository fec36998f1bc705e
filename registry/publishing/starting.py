"""What a registry starts with: store, journal and model, brought together, and what changes them."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from registry.clock import Clock
from registry.devices.reading import DeviceReader
from registry.devices.writing import DeviceWriter
from registry.errors import RegistryError
from registry.in_force import Edition, InForce
from registry.journal import Recorder
from registry.journal.entry import SOFTWARE
from registry.operations.cleaning import finish
from registry.profile import Profile, ProfileError, load_profile
from registry.profile.compilation import MODEL
from registry.publishing.founding import BY, Say, bring_together, journal_of, library_of, shipped_files
from registry.publishing.library import ModelLibrary
from registry.publishing.marker import read_marker
from registry.publishing.publisher import Publisher
from sparql.embedded import EmbeddedStore
from sparql.graph_store import GraphStore

logger = logging.getLogger(__name__)


def _empty_folder(path: Path) -> Path:
    """Return the folder, without what a killed process left in it."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


@dataclass(frozen=True, slots=True)
class Started:
    """What changes devices and models on one store.

    Attributes:
        in_force: the reference to the model in force.
        writer: changes devices.
        publisher: puts another model in force.
        recorder: writes both to the journal and to the store.
        clock: gives the times of changes.
    """

    in_force: InForce
    writer: DeviceWriter
    publisher: Publisher
    recorder: Recorder
    clock: Clock


def start(store: EmbeddedStore, data: Path, say: Say = logger.info) -> Started:
    """Put together what changes devices and models on the store in the data folder `data`.

    The store is brought to where the journal is first; a store without a journal gets one.

    Args:
        store: the store.
        data: the folder, with the library of models and the journal beside the store.
        say: shows progress.

    Raises:
        ProfileError: the model's folder is missing or damaged.
        JournalError: the journal can't be used, or is not that of the store.
    """
    library, journal = library_of(data), journal_of(data)
    library.clear_incoming()
    bring_together(store, journal, library, say)
    finish(store, journal)
    clock = Clock(last=journal.last_time())
    in_force = _reference(store, library)
    recorder = Recorder(journal, store)
    writer = DeviceWriter(recorder, in_force.edition, clock)
    publisher = Publisher(store, library, in_force, writer, recorder, clock, _empty_folder(data / "publishing"))
    return Started(in_force, writer, publisher, recorder, clock)


def _reference(store: GraphStore, library: ModelLibrary) -> InForce:
    name, since = _marked(store)
    profile = library.profile(name)
    edition = Edition(name=name, profile=profile, reader=DeviceReader(store, profile), since=since)
    return InForce(edition, lambda: _name(store))


def profile_in_force(store: GraphStore, data: Path) -> tuple[Profile, Path]:
    """Return the model that the data is of, compiled, and the folder of its files.

    Raises:
        ProfileError: the model's folder is missing or damaged.
    """
    marker = read_marker(store)
    folder = library_of(data).folder_of(marker.name) if marker else MODEL
    return load_profile(folder), folder


def follow_shipped(publisher: Publisher, in_force: InForce) -> None:
    """Put the shipped model in force where an older shipped one is, and say so if that can't be.

    A model that somebody published stays.
    """
    files, name = shipped_files(), in_force.edition.name
    if files.digest == name:
        return
    record = publisher.library.record(name)
    if not record.shipped:
        logger.info("the published model %s is in force; the shipped one is another", record.version)
        return
    try:
        outcome = publisher.publish(files, BY, author=SOFTWARE, shipped=True)
        logger.info("the shipped model %s is in force", outcome.version)
    except RegistryError as error:
        logger.error("the shipped model can't be put in force, %s stays: %s", record.version, error.message)


def _marked(store: GraphStore) -> tuple[str, datetime]:
    marker = read_marker(store)
    if marker is None:
        raise ProfileError("the store does not say which model its data is of")
    return marker.name, marker.since


def _name(store: GraphStore) -> str | None:
    marker = read_marker(store)
    return marker.name if marker else None
