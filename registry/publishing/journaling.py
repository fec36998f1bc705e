"""What the journal says of a publish: the model, and each device that says something else by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from registry.access import ONTOLOGY
from registry.devices.documents import id_of
from registry.journal import Author, Entry, Kind, What
from registry.profile.codecs import DATE_FORMAT
from registry.publishing.library import Published
from registry.publishing.rewriting import Rewritten
from sparql.terms import Iri


def publish_entries(changes: Mapping[str, Rewritten], record: Published, author: Author) -> list[Entry]:
    """Return the entries of a publish, that of the model last."""
    time = _text(record.time)
    devices = [
        Entry(
            kind=Kind.MIGRATE,
            time=time,
            author=author,
            model=record.name,
            device=id_of(Iri(device)),
            before=each.told.before,
            after=each.told.after,
            seen=each.told.seen,
        )
        for device, each in changes.items()
        if each.told is not None
    ]
    return [*devices, model_entry(record, author)]


def model_entry(record: Published, author: Author) -> Entry:
    """Return the entry that says that a model came into force."""
    seen = ((ONTOLOGY, What.UPDATED),)
    return Entry(kind=Kind.PUBLISH, time=_text(record.time), author=author, model=record.name, seen=seen)


def _text(time: datetime) -> str:
    return time.strftime(DATE_FORMAT)
