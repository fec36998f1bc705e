"""What a registry says after an operation: whether its data are sound, and which devices it has."""

from __future__ import annotations

from pathlib import Path

from registry.devices.criteria import Listing
from registry.operations.verification import verify
from registry.principal import Principal, Role
from registry.publishing.starting import start
from sparql.embedded import EmbeddedStore

LOADER = Principal(role=Role.SERVICE, issuer="urn:tests", subject="tests")


def faults(folder: Path) -> list[str]:
    """Return what is wrong with a backup or a data folder."""
    return list(verify(folder, lambda _: None))


def names(data: Path) -> dict[str, str]:
    """Start a registry on a data folder, stop it, and return the name of each of its devices."""
    store = EmbeddedStore(data / "store")
    started = start(store, data)
    try:
        page = started.in_force.edition.reader.page(LOADER, Listing(size=300))
        return {each.document["device_id"]: each.document["device_name"] for each in page.devices}
    finally:
        store.close()
        started.recorder.journal.close()


def files_with(folder: Path, *texts: str) -> list[str]:
    """Return the files below a folder in which one of the texts stands."""
    return [
        path.name
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(text.encode() in path.read_bytes() for text in texts)
    ]
