"""Which devices are changed while somebody looks: a publish looks at them again."""

from __future__ import annotations

import threading
from collections.abc import Collection

from sparql.terms import Iri


class Watch:
    """The devices that were changed since it was last asked."""

    def __init__(self) -> None:
        self._devices: set[Iri] = set()
        self._lock = threading.Lock()

    def note(self, devices: Collection[Iri]) -> None:
        """Note changes."""
        with self._lock:
            self._devices.update(devices)

    def take(self) -> frozenset[Iri]:
        """Return the devices, and begin anew."""
        with self._lock:
            taken, self._devices = self._devices, set()
        return frozenset(taken)
