"""Which model a registry starts with: the one that its data is of, or for a new store the one that is shipped."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from registry.clock import Clock
from registry.devices.reading import DeviceReader
from registry.devices.writing import DeviceWriter
from registry.errors import BadRequest, ModelRefused
from registry.in_force import Edition, InForce
from registry.model_graphs import model_change
from registry.profile import Profile, load_profile
from registry.profile.compilation import MODEL
from registry.publishing.library import ModelLibrary, Published
from registry.publishing.marker import BEGINNING, Marker, marker_change, read_marker
from registry.publishing.model_files import ModelFiles, from_folder
from registry.publishing.publisher import Publisher
from registry.publishing.versions import version_of
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet, GraphStore

BY = "the software"
"""Who publishes the model that is shipped."""

logger = logging.getLogger(__name__)


def shipped_files() -> ModelFiles:
    """Return the files of the model that comes with the software."""
    return from_folder(MODEL, companions=False)


def library_of(data: Path) -> ModelLibrary:
    """Return the library in the data folder of a registry."""
    return ModelLibrary(data / "models")


def _empty_folder(path: Path) -> Path:
    """Return the folder, without what a killed process left in it."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def _reference(store: GraphStore, library: ModelLibrary) -> InForce:
    """Return the reference to the model in force, after putting the shipped one in force in a new store.

    Raises:
        ProfileError: the model's folder is missing or damaged.
    """
    library.clear_incoming()
    marker = read_marker(store)
    profile = library.profile(marker.name) if marker else load_profile(MODEL)
    marker = marker or _adopt(store, library, profile)
    reader = DeviceReader(store, profile)
    edition = Edition(name=marker.name, profile=profile, reader=reader, since=marker.since)
    return InForce(edition, lambda: _name(store))


@dataclass(frozen=True, slots=True)
class Started:
    """What changes devices and models on one store.

    Attributes:
        in_force: the reference to the model in force.
        writer: changes devices.
        publisher: puts another model in force.
    """

    in_force: InForce
    writer: DeviceWriter
    publisher: Publisher


def start(store: EmbeddedStore, data: Path) -> Started:
    """Put together what changes devices and models on the store in the data folder `data`.

    Raises:
        ProfileError: the model's folder is missing or damaged.
    """
    library, clock = library_of(data), Clock()
    in_force = _reference(store, library)
    edition = in_force.edition
    writer = DeviceWriter(store, edition.profile, edition.reader, clock)
    publisher = Publisher(store, library, in_force, writer, clock, _empty_folder(data / "publishing"))
    return Started(in_force, writer, publisher)


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
        outcome = publisher.publish(files, BY, shipped=True)
        logger.info("the shipped model %s is in force", outcome.version)
    except (ModelRefused, BadRequest) as error:
        logger.error("the shipped model can't be put in force, %s stays: %s", record.version, error.message)


def _adopt(store: GraphStore, library: ModelLibrary, profile: Profile) -> Marker:
    files = shipped_files()
    record = Published(name=files.digest, version=version_of(profile), time=datetime.now(UTC), by=BY, shipped=True)
    library.add(files, record)
    model, marker = model_change(store, profile), marker_change(store, files.digest, BEGINNING)
    store.apply(ChangeSet([*model.removed, *marker.removed], [*model.added, *marker.added]))
    return Marker(files.digest, BEGINNING, frozenset({files.digest}))


def _name(store: GraphStore) -> str | None:
    marker = read_marker(store)
    return marker.name if marker else None
