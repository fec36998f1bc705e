"""A copy of the store in which views are brought back to an earlier moment, each when it is first asked for.

A view is brought back by its own changes alone: a device that changed in it after the moment gets what it had then. So
neither the answer nor a refusal depends on what happens out of view. The copy itself says where it stands in the
journal, as changes go on while it is made.
"""

from __future__ import annotations

import shutil
import threading
from itertools import islice
from pathlib import Path

from registry.devices.documents import device_iri, id_of
from registry.devices.enumeration import triples_in
from registry.devices.reading import DeviceReader
from registry.history.past_device import triples_in_view
from registry.history.timeline import Timeline
from registry.in_force import Edition
from registry.journal.position import read_position
from registry.publishing.marker import read_marker
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import Iri, Quad

_TOGETHER = 250
"""Devices that are brought back in one transaction."""


class OtherEdition(Exception):
    """A publish came between: the store has data of another model than the one to read by."""


class PastCopy:
    """The store as it was at `moment`.

    Args:
        store: the store.
        folder: where the copy goes; made new.
        edition: the model in force, which says what is seen.
        moment: in DATE_FORMAT.
        timeline: reads the journal.

    Raises:
        OtherEdition: the store is of another model by now.
    """

    def __init__(self, store: EmbeddedStore, folder: Path, edition: Edition, moment: str, timeline: Timeline) -> None:
        self._folder = folder
        self._profile = edition.profile
        self._moment = moment
        self._timeline = timeline
        self._looked_at: dict[Iri, int] = {}
        self._lock = threading.Lock()
        store.checkpoint(folder)
        self._store = EmbeddedStore(folder)
        self.reader = DeviceReader(self._store, edition.profile)
        marker, position = read_marker(self._store), read_position(self._store)
        self._position = position.sequence if position else 0
        if marker is None or marker.name != edition.name:
            self.close()
            raise OtherEdition

    def bring_back(self, view: Iri, applied: int) -> bool:
        """Have a view as it was; tell whether that is still all that is known of the moment.

        It is not when a change was recorded later than the copy was made, with a time before the moment.

        Args:
            view: the graph of the view.
            applied: the last entry of the journal that readers may be told of.

        Raises:
            BadRequest: too much has changed since.
        """
        with self._lock:
            if view not in self._looked_at:
                self._take_back(view)
                self._looked_at[view] = self._timeline.number_at(view, self._position)
            seen, last = self._looked_at[view], self._timeline.number_at(view, applied)
            if self._timeline.is_late(view, self._moment, seen, last):
                return False
            self._looked_at[view] = max(seen, last)
            return True

    def close(self) -> None:
        """Remove the copy."""
        self._store.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _take_back(self, view: Iri) -> None:
        cut = self._timeline.cut(self._moment)
        changed = iter(self._timeline.changed(view, self._moment, self._position))
        while block := [iri for device in islice(changed, _TOGETHER) if (iri := device_iri(device)) is not None]:
            now = triples_in(self._store, self._profile, view, block)
            removed: list[Quad] = []
            added: list[Quad] = []
            for device in block:
                former = self._timeline.former(id_of(device), self._moment, cut)
                was = now.get(device, frozenset())
                will = was if former is None else triples_in_view(self._profile, former.state, device, view)
                removed += (Quad(*triple, view) for triple in was - will)
                added += (Quad(*triple, view) for triple in will - was)
            self._store.apply(ChangeSet(removed, added))
