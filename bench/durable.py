"""durable: PATCHes by several clients at once, each on the disk when acknowledged; and the same without a journal.

Both registries are written to in turn, some seconds each, so that whatever else the machine does hits both alike. Each
client has devices of its own. The GET for the first entity tag of a device is not counted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import count, cycle

from bench.connection import Connection
from bench.result import Bench, Figures, Result
from bench.stand import Known, Stand

CLIENTS = 8
ROUNDS = 4
DEVICES = 10
"""Of each client."""
TARGET_RATE, TARGET_P99 = 100.0, 100.0


class Client:
    """Changes its devices over and over on one connection.

    Args:
        stand: the test stand.
        connection: its own.
        devices: those that only it changes.
    """

    def __init__(self, stand: Stand, connection: Connection, devices: Sequence[Known]) -> None:
        self._stand = stand
        self._connection = connection
        self._devices = cycle(devices)
        self._numbers = count(1_000_000)
        self._tags: dict[str, str] = {}

    def write(self, until: float) -> list[float]:
        """Send PATCHes until then on the monotonic clock, and return the seconds that each took."""
        seconds = []
        while time.monotonic() < until:
            device = next(self._devices)
            path, headers = f"/1/devices/{device.device_id}", dict(self._stand.headers("aggregator", device))
            if path not in self._tags:
                self._tags[path] = self._connection.ask("GET", path, headers=headers).headers["ETag"]
            headers |= {"If-Match": self._tags[path], "Content-Type": "application/json"}
            body = json.dumps({"deactivation_time": next(self._numbers)}).encode()
            answer = self._connection.ask("PATCH", path, headers=headers, body=body)
            self._tags[path] = answer.headers["ETag"]
            seconds.append(answer.seconds)
        return seconds


def measure(stand: Stand) -> Iterator[Result]:
    """Write to both in turn."""
    slice_ = stand.options.limits.seconds / (2 * ROUNDS)
    journaled: list[float] = []
    unjournaled: list[float] = []
    with ExitStack() as parts, ThreadPoolExecutor(CLIENTS) as pool:
        with_journal = _clients(stand, stand.connect, parts)
        without = _clients(stand, stand.connect_unjournaled, parts)
        for clients in (with_journal, without):  # to warm up
            _write(pool, clients, min(slice_, 1.0))
        for _ in range(ROUNDS):
            journaled += _write(pool, with_journal, slice_)
            unjournaled += _write(pool, without, slice_)
    figures, bare = (Figures.of(each, slice_ * ROUNDS) for each in (journaled, unjournaled))
    met = figures.rate >= TARGET_RATE and (figures.p99 or 0.0) <= TARGET_P99
    note = f"target {TARGET_RATE:.0f} a second, p99 {TARGET_P99:.0f} ms: {'met' if met else 'missed'}"
    yield Result(
        f"patch, durable, {CLIENTS} at once", "requests", figures, bare, f"{note}; yardstick: without the journal"
    )


def _clients(stand: Stand, connect: Callable[[], Connection], parts: ExitStack) -> list[Client]:
    known = stand.known[: CLIENTS * DEVICES]
    own = [known[number::CLIENTS] for number in range(CLIENTS)]
    return [Client(stand, parts.enter_context(closing(connect())), devices) for devices in own if devices]


def _write(pool: ThreadPoolExecutor, clients: Sequence[Client], seconds: float) -> list[float]:
    until = time.monotonic() + seconds
    return [each for future in [pool.submit(client.write, until) for client in clients] for each in future.result()]


BENCH = Bench("durable", "PATCH by 8 clients at once, with and without the journal", measure)
