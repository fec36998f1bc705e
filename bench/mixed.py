"""mixed: short queries, 50 a second, while PATCHes come as fast as they are answered; before it, each of them alone.

Each PATCH raises a number of a device. Each query asks for that of the PATCH acknowledged last before it was sent, and
is stale if it sees a smaller one.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import count, cycle
from pathlib import Path

from bench.connection import Connection
from bench.result import Bench, Figures, Result
from bench.sparql_request import HEADERS
from bench.stand import Known, Stand

EVERY = 1 / 50
"""Seconds from one query to the next."""
SECONDS = 10.0
"""How long both go on at once; each alone takes a quarter of it."""
WRITERS = 2
"""Connections that send PATCHes."""
DEVICES = 100
"""How many devices are changed, at most."""
FIRST = 1_000_000
"""Above any number that a generated device has."""
QUERY = """PREFIX flex: <https://w3id.org/flexcoop/cim#>
SELECT ?value {{ OPTIONAL {{ <urn:uuid:{device}> flex:deactivationTime ?value }} }}"""


@dataclass(slots=True)
class Seen:
    """Times of the queries or PATCHes of a phase, and what was looked at.

    Attributes:
        seconds: of each one.
        checked: queries that had a write to see.
        stale: those that did not see it.
    """

    seconds: list[float] = field(default_factory=list)
    checked: int = 0
    stale: int = 0


class Writer:
    """Changes some devices over and over on one connection.

    Args:
        stand: the test stand.
        connection: its own.
        devices: those that only it changes.
        board: where it writes down each acknowledged write: device and number.
    """

    def __init__(self, stand: Stand, connection: Connection, devices: Sequence[Known], board: Board) -> None:
        self._stand = stand
        self._connection = connection
        self._tags: dict[str, str] = {}
        self._devices = cycle(devices)
        self._numbers = count(FIRST)
        self._board = board

    def write(self, until: float) -> Seen:
        """Send PATCHes until then on the monotonic clock."""
        seen = Seen()
        while time.monotonic() < until:
            device, number = next(self._devices), next(self._numbers)
            path = f"/1/devices/{device.device_id}"
            headers = dict(self._stand.headers("aggregator", device))
            if path not in self._tags:
                self._tags[path] = self._connection.ask("GET", path, headers=headers).headers["ETag"]
            headers |= {"If-Match": self._tags[path], "Content-Type": "application/json"}
            body = json.dumps({"deactivation_time": number}).encode()
            answer = self._connection.ask("PATCH", path, headers=headers, body=body)
            self._board.latest = (device, number)
            self._tags[path] = answer.headers["ETag"]
            seen.seconds.append(answer.seconds)
        return seen


@dataclass(slots=True)
class Board:
    """The write that was acknowledged last; replaced whole, so that every thread sees a pair that belongs together."""

    latest: tuple[Known, int]


def read(stand: Stand, connection: Connection, board: Board, until: float) -> Seen:
    """Ask at the appointed times, or one after another where the answers are slower than that."""
    seen, due = Seen(), time.monotonic()
    while due < until:
        time.sleep(max(0.0, due - time.monotonic()))
        device, number = board.latest
        headers = {**stand.headers("aggregator", device), **HEADERS}
        text = QUERY.format(device=device.device_id).encode()
        answer = connection.ask("POST", "/sparql", headers=headers, body=text)
        (row,) = json.loads(answer.body)["results"]["bindings"]
        seen.seconds.append(answer.seconds)
        seen.checked += number >= FIRST
        seen.stale += float(row["value"]["value"] if row else 0) < number
        due = max(due + EVERY, time.monotonic())
    return seen


def measure(stand: Stand) -> Iterator[Result]:
    """Run the three phases."""
    first = stand.known[0]
    devices = [device for device in stand.known if device.aggregator_id == first.aggregator_id][:DEVICES]
    board = Board((first, 0))
    seconds = min(SECONDS, stand.options.limits.seconds)
    with ExitStack() as parts, ThreadPoolExecutor(WRITERS + 1) as pool:
        own = [parts.enter_context(closing(stand.connect())) for _ in range(WRITERS)]
        writers = [Writer(stand, each, devices[number::WRITERS], board) for number, each in enumerate(own)]
        reading = partial(read, stand, stand.registry, board)
        writing = [writer.write for writer in writers[: len(devices)]]
        (quiet,) = _phase(pool, [reading], seconds / 4)
        alone = _phase(pool, writing, seconds / 4)
        before = _size(stand.data)
        busy, *beside = _phase(pool, [reading, *writing], seconds)
    note = f"{busy.stale} stale of {busy.checked}; yardstick: without PATCHes"
    yield Result("query, 50 a second beside PATCHes", "queries", *_figures([busy], seconds, [quiet]), note)
    note = f"yardstick: without queries; data {before / 1e6:.0f} to {_size(stand.data) / 1e6:.0f} MB"
    yield Result(f"patch, {WRITERS} at once beside queries", "requests", *_figures(beside, seconds, alone), note)


def _phase(pool: ThreadPoolExecutor, work: Sequence[Callable[[float], Seen]], seconds: float) -> list[Seen]:
    until = time.monotonic() + seconds
    return [future.result() for future in [pool.submit(each, until) for each in work]]


def _figures(phase: Sequence[Seen], seconds: float, alone: Sequence[Seen]) -> tuple[Figures, Figures]:
    both = ([second for seen in each for second in seen.seconds] for each in (phase, alone))
    return Figures.of(next(both), seconds), Figures.of(next(both), seconds / 4)


def _size(folder: Path) -> int:
    """Sum up the bytes on disk; files have several names, as checkpoints are made by hard links."""
    found = {status.st_ino: status.st_size for status in _statuses(folder)}
    return sum(found.values())


def _statuses(folder: Path) -> Iterator[os.stat_result]:
    for path in folder.rglob("*"):
        try:
            yield path.stat()
        except FileNotFoundError:  # the engine drops files in the background
            continue


BENCH = Bench("mixed", "short SPARQL queries while PATCHes go on", measure)
