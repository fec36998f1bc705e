"""list: GET /1/devices, 25 a page, by all roles that see devices; also a page in the midst, which costs more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle
from random import Random

from bench.connection import Answer
from bench.result import Bench, Result
from bench.stand import Stand
from bench.turns import in_turn, same_size

PAGE = 25
CASES = (("aggregator", False), ("prosumer", False), ("service", False), ("aggregator", True))
"""Roles, and whether they ask for any page instead of the first."""


def measure(stand: Stand) -> Iterator[Result]:
    """Ask for pages in each role, of another aggregator or prosumer with each request."""
    yardstick = same_size(stand.yardstick)
    for role, deep in CASES:
        name = f"list, {role}" + (", any page" if deep else "")
        yield in_turn(name, page(stand, role, deep=deep), yardstick, stand.options.limits)


def page(stand: Stand, role: str, *, deep: bool) -> Callable[[], Answer]:
    """Make the request for a page of the next device's aggregator or prosumer."""
    devices = cycle(stand.known)
    rng = Random(stand.options.seed)
    pages = max(1, stand.options.devices // stand.options.aggregators // PAGE)

    def ask() -> Answer:
        query = f"?page={1 + int(rng.random() * pages)}" if deep else ""
        return stand.registry.ask("GET", f"/1/devices{query}", headers=stand.headers(role, next(devices)))

    return ask


BENCH = Bench("list", "GET /1/devices, 25 a page", measure)
