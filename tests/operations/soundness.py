"""What a registry says after an operation: whether its data are sound, and which devices it has."""

from __future__ import annotations

from pathlib import Path

from registry.access import DEVICES
from registry.devices.documents import id_of
from registry.operations.verification import verify
from registry.publishing.starting import start
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.terms import Iri, Literal, to_sparql


def faults(folder: Path) -> list[str]:
    """Return what is wrong with a backup or a data folder."""
    return list(verify(folder, lambda _: None))


def names(data: Path) -> dict[str, str]:
    """Start a registry on a data folder, stop it, and return the name of each of its devices."""
    store = EmbeddedStore(data / "store")
    started = start(store, data)
    try:
        name = to_sparql(started.in_force.edition.profile.fields["device_name"].predicate)
        rows = store.select(f"SELECT ?device ?name WHERE {{ ?device {name} ?name }}", DatasetDescription((DEVICES,)))
        return {id_of(Iri(str(device))): value.lexical for device, value in rows if isinstance(value, Literal)}
    finally:
        store.close()
        started.recorder.journal.close()


def files_with(folder: Path, *texts: str) -> list[str]:
    """Return the files below a folder in which one of the texts stands; one that goes meanwhile has none."""
    return [path.name for path in sorted(folder.rglob("*")) if any(text.encode() in content(path) for text in texts)]


def content(path: Path) -> bytes:
    """Return what a file holds; nothing for one that is none, or gone."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""
