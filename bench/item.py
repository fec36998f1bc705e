"""item: GET /1/devices/<id>, another device with each request, by each of those who see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle

from bench.connection import Answer
from bench.result import Bench, Result
from bench.stand import Stand
from bench.turns import in_turn, same_size

ROLES = ("aggregator", "prosumer", "service")


def measure(stand: Stand) -> Iterator[Result]:
    """Ask for single devices in each role."""
    yardstick = same_size(stand.yardstick)
    for role in ROLES:
        yield in_turn(f"item, {role}", get(stand, role), yardstick, stand.options.limits)


def get(stand: Stand, role: str) -> Callable[[], Answer]:
    """Make the request for the next device."""
    devices = cycle(stand.known)

    def ask() -> Answer:
        device = next(devices)
        return stand.registry.ask("GET", f"/1/devices/{device.device_id}", headers=stand.headers(role, device))

    return ask


BENCH = Bench("item", "GET /1/devices/<id>", measure)
