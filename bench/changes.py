"""Changes of devices between two requests that are timed; they themselves are not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import count, cycle
from typing import Any
from uuid import UUID

from bench.stand import Known, Stand

Change = Callable[["Changes"], None]

_FIRST = 1_000_000
"""Above any number that a generated device has."""


class Changes:
    """Changes devices by a service's requests, another one each time.

    Args:
        stand: the test stand.
        devices: which may be changed.
    """

    def __init__(self, stand: Stand, devices: Sequence[Known]) -> None:
        self._stand = stand
        self._devices = cycle(devices)
        self._numbers = count(1)
        self._headers = {**stand.headers("service", devices[0]), "Content-Type": "application/json"}
        self._added = ""

    def elsewhere(self) -> None:
        """Change a field that no measured listing looks at."""
        self._patch(next(self._devices), {"deactivation_time": _FIRST + next(self._numbers)})

    def in_order(self) -> None:
        """Change the field that listings are sorted by."""
        self._patch(next(self._devices), {"max_capacity": 1 + next(self._numbers) / 1000})

    def in_filter(self) -> None:
        """Turn over the field that listings are filtered by."""
        device = next(self._devices)
        whole = json.loads(self._stand.registry.ask("GET", _path(device.device_id), headers=self._headers).body)
        self._patch(device, {"availability": "no" if whole["availability"] == "yes" else "yes"})

    def in_place(self) -> None:
        """Move a device by some metres."""
        device = next(self._devices)
        east = device.longitude + next(self._numbers) % 100 / 1e5
        self._patch(device, {"location": {"type": "Point", "coordinates": [round(east, 6), device.latitude]}})

    def in_number(self) -> None:
        """Add a device, or take away the one that was added before."""
        if self._added:
            self._stand.registry.ask("DELETE", self._added, headers=self._tagged(self._added), status=204)
            self._added = ""
            return
        device = next(self._devices)
        whole = json.loads(self._stand.registry.ask("GET", _path(device.device_id), headers=self._headers).body)
        new = {name: value for name, value in whole.items() if not name.startswith("_")}
        new["device_id"] = str(UUID(int=next(self._numbers) | 4 << 76 | 8 << 60))
        self._stand.registry.ask("POST", "/1/devices", headers=self._headers, body=json.dumps(new).encode(), status=201)
        self._added = _path(new["device_id"])

    def undo(self) -> None:
        """Leave as many devices as there were."""
        if self._added:
            self.in_number()

    def _patch(self, device: Known, changes: Mapping[str, Any]) -> None:
        path = _path(device.device_id)
        self._stand.registry.ask("PATCH", path, headers=self._tagged(path), body=json.dumps(changes).encode())

    def _tagged(self, path: str) -> dict[str, str]:
        tag = self._stand.registry.ask("GET", path, headers=self._headers).headers["ETag"]
        return {**self._headers, "If-Match": tag}


def _path(device_id: str) -> str:
    return f"/1/devices/{device_id}"
