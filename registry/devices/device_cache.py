"""Devices that were read a short while ago, so that the pages of a listing are not put together anew each time.

A device is kept with the time at which the view that it was read from last saw it change (decision D5). Every change
gets a moment of its own (decision D11), so as long as the time in the store is the same, so is what this view shows.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from registry.devices.device import Device
from registry.vocabulary import MODIFIED
from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore
from sparql.terms import Iri, Term, to_sparql

MOST_DEVICES = 3_000
"""Devices to keep; one takes about 10 kB."""

Read: TypeAlias = Callable[[DatasetDescription, Sequence[Iri]], list[Device]]


class DeviceCache:
    """The devices that were asked for last, by view.

    Args:
        store: where to look up the times of changes.
        read: reads devices from the store.
        most: how many to keep.
    """

    def __init__(self, store: GraphStore, read: Read, most: int = MOST_DEVICES) -> None:
        self._store = store
        self._read = read
        self._most = most
        self._kept: OrderedDict[tuple[DatasetDescription, Iri], tuple[Term, Device]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, scope: DatasetDescription, devices: Sequence[Iri]) -> list[Device]:
        """Return those of `devices` that exist in `scope`, in the order asked for."""
        if not devices:
            return []
        found = self._still_true(scope, self._modified(scope, devices))
        for device in self._read(scope, [iri for iri in devices if iri not in found]):
            found[device.iri] = device
            self._keep(scope, device)
        return [found[iri] for iri in devices if iri in found]

    def _modified(self, scope: DatasetDescription, devices: Sequence[Iri]) -> Mapping[Iri, Term]:
        values = " ".join(map(to_sparql, devices))
        query = f"SELECT ?s ?time WHERE {{ VALUES ?s {{ {values} }} ?s {to_sparql(MODIFIED)} ?time }}"
        return {Iri(str(device)): time for device, time in self._store.select(query, scope) if time is not None}

    def _still_true(self, scope: DatasetDescription, modified: Mapping[Iri, Term]) -> dict[Iri, Device]:
        found = {}
        with self._lock:
            for iri, time in modified.items():
                kept = self._kept.get((scope, iri))
                if kept is not None and kept[0] == time:
                    self._kept.move_to_end((scope, iri))
                    found[iri] = kept[1]
        return found

    def _keep(self, scope: DatasetDescription, device: Device) -> None:
        times = [value for subject, predicate, value in device.triples if predicate == MODIFIED]
        if len(times) != 1:
            return
        with self._lock:
            self._kept[scope, device.iri] = times[0], device
            self._kept.move_to_end((scope, device.iri))
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
