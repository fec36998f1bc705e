"""events: 200 listeners of different roles hear of 200 changes a second.

So many are made by adding devices in lists: one PATCH after the other is slower (see the bench `durable`). The delay is
from the time that the registry gives a change, before it is written, until a listener has its event. Each listener must
hear of every change in its view and of no other, which is counted.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from bench.connection import Connection
from bench.issuer import SERVICES
from bench.result import Bench, Figures, Result
from bench.stand import Known, Stand

LISTENERS = 200
TOGETHER = 10
"""Devices in a list."""
EVERY = TOGETHER / 200
"""Seconds from one list to the next."""
SECONDS = 10.0
WRITERS = 2
"""Connections that send lists."""
DEVICES = 60
PATIENCE = 30.0
FIRST = 5_000_000
"""Above any number that a generated device has."""


@dataclass(slots=True)
class Listener:
    """One who listens.

    Attributes:
        concerns: tells whether changes of a device are in its view.
        token: its access token.
        delays: of what it has heard, in s.
        numbers: what it has heard of, in order.
    """

    concerns: Callable[[Known], bool]
    token: str
    delays: list[float] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    async def listen(self, port: int, begun: Callable[[], None]) -> None:
        """Hear of changes until cancelled."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        head = f"GET /events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n\r\n"
        try:
            writer.write(head.encode())
            while line := await reader.readline():
                if line.startswith(b"retry: "):
                    begun()
                if line.startswith(b"data: "):
                    self._take(json.loads(line[6:]))
        finally:
            writer.close()

    def _take(self, event: dict[str, object]) -> None:
        document = event["document"]
        if isinstance(document, dict):
            self.delays.append(time.time() - datetime.fromisoformat(str(event["time"])).timestamp())
            self.numbers.append(int(document["deactivation_time"]))


def measure(stand: Stand) -> Iterator[Result]:
    """Add devices while all listen."""
    devices = stand.known[:DEVICES]
    listeners = _listeners(stand, devices)
    with _listening(listeners, stand.port):
        start = time.monotonic()
        with ThreadPoolExecutor(WRITERS) as pool:
            shares = [devices[part::WRITERS] for part in range(WRITERS)]
            written = [pool.submit(_write, stand, part, share, start) for part, share in enumerate(shares)]
            changes = [change for each in written for change in each.result()]
        seconds = time.monotonic() - start
        expected = [sorted(number for device, number in changes if each.concerns(device)) for each in listeners]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and any(map(_lacks, listeners, expected)):
            time.sleep(0.05)
    wrong = sum(sorted(each.numbers) != due for each, due in zip(listeners, expected, strict=True))
    delays = [delay for each in listeners for delay in each.delays]
    note = f"{len(listeners)} listeners, {len(changes) / seconds:,.0f} changes/s; {wrong} heard too little or too much"
    yield Result("events, delay", "events", Figures.of(delays, seconds), Figures(0, 0.0), note)


def _lacks(listener: Listener, due: Sequence[int]) -> bool:
    return len(listener.numbers) < len(due)


def _listeners(stand: Stand, devices: Sequence[Known]) -> list[Listener]:
    found = []
    for number in range(LISTENERS):
        device = devices[number % len(devices)]
        role = ("service", "aggregator", "prosumer", "prosumer")[number % 4]
        host = SERVICES if role == "service" else device.aggregator_id
        subject = device.account_id if role == "prosumer" else f"listener-{number}"
        found.append(Listener(_concern(role, device), stand.issuer.token(role, host, subject)))
    return found


def _concern(role: str, own: Known) -> Callable[[Known], bool]:
    if role == "service":
        return lambda _: True
    if role == "aggregator":
        return lambda device: device.aggregator_id == own.aggregator_id
    return lambda device: (device.aggregator_id, device.account_id) == (own.aggregator_id, own.account_id)


@contextmanager
def _listening(listeners: Sequence[Listener], port: int) -> Iterator[None]:
    """Have all listen, in a thread of their own, while this lasts."""
    begun, over = threading.Semaphore(0), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def listen() -> None:
        tasks = [asyncio.ensure_future(each.listen(port, begun.release)) for each in listeners]
        await over.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(listen(),), daemon=True)
    thread.start()
    for _ in listeners:
        begun.acquire(timeout=PATIENCE)
    yield
    loop.call_soon_threadsafe(over.set)
    thread.join()
    loop.close()


def _write(stand: Stand, part: int, owners: Sequence[Known], start: float) -> list[tuple[Known, int]]:
    """Add lists of devices, each at its time; return to whose each belongs, and the number by which it is known."""
    done: list[tuple[Known, int]] = []
    headers = {**stand.headers("service", owners[0]), "Content-Type": "application/json"}
    with closing(Connection(stand.port)) as connection:
        turn = 0
        while (due := start + (turn * WRITERS + part) * EVERY) < start + SECONDS and time.monotonic() < start + SECONDS:
            time.sleep(max(0.0, due - time.monotonic()))
            first = FIRST + (turn * WRITERS + part) * TOGETHER
            added = [(owners[(turn + each) % len(owners)], first + each) for each in range(TOGETHER)]
            body = json.dumps([_device(*each) for each in added]).encode()
            connection.ask("POST", "/1/devices", headers=headers, body=body, status=201)
            done += added
            turn += 1
    return done


def _device(owner: Known, number: int) -> dict[str, object]:
    return {
        "device_id": str(uuid4()),
        "device_name": f"device {number}",
        "account_id": owner.account_id,
        "aggregator_id": owner.aggregator_id,
        "ven_id": owner.account_id,
        "device_class": "heatPump",
        "availability": "yes",
        "deactivation_time": number,
    }


BENCH = Bench("events", "GET /events of many, while devices are added", measure)
