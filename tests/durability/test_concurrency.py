"""Many clients on few devices over HTTP: each acknowledged change counts, and reads agree with one order of changes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count

import httpx
import pytest
from linearizability import Request, linearizable
from served import Served, served

CLIENTS, DEVICES, TIMES = 32, 3, 5
FIELD = "available_capacity"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served") / "data") as registry:
        yield registry


class Client:
    """A client of its own connection.

    Args:
        registry: whom to ask.
    """

    def __init__(self, registry: Served) -> None:
        self._http = httpx.Client(base_url=registry.address, headers=dict(registry.headers), timeout=60)

    def read(self, device: str) -> tuple[float, str]:
        answer = self._http.get(f"/1/devices/{device}")
        assert answer.status_code == 200, answer.text
        return float(answer.json()[FIELD]), answer.headers["ETag"]

    def close(self) -> None:
        self._http.close()

    def write(self, device: str, value: float, tag: str) -> bool:
        answer = self._http.patch(f"/1/devices/{device}", json={FIELD: value}, headers={"If-Match": tag})
        assert answer.status_code in {200, 412}, answer.text
        return answer.status_code == 200


def begun(registry: Served, number: int, value: float) -> list[str]:
    devices = registry.ids(number)
    for device in devices:
        assert registry.patch(device, {FIELD: value}).status_code == 200
    return devices


def test_no_increment_is_lost(registry: Served) -> None:
    devices, acknowledged, refused = begun(registry, DEVICES, 0.0), Counter[str](), Counter[str]()
    lock = threading.Lock()

    def increment(number: int) -> None:
        with closing(Client(registry)) as client:
            for turn in range(TIMES):
                device = devices[(number + turn) % DEVICES]
                while not attempt(client, device):
                    pass

    def attempt(client: Client, device: str) -> bool:
        value, tag = client.read(device)
        done = client.write(device, value + 1, tag)
        with lock:
            (acknowledged if done else refused)[device] += 1
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(increment, range(CLIENTS)))
    assert sum(acknowledged.values()) == CLIENTS * TIMES
    with closing(Client(registry)) as client:
        assert {device: client.read(device)[0] for device in devices} == acknowledged
    assert sum(refused.values()) > 0, "the clients did not get in each other's way"


def test_reads_and_writes_of_a_device_are_linearizable(registry: Served) -> None:
    (device,) = begun(registry, 1, 0.0)
    history: list[Request] = []
    values, until = count(1), time.monotonic() + 3

    def timed(write: bool, work: Callable[[], float | None]) -> None:
        begin = time.monotonic()
        value = work()
        if value is not None:
            history.append(Request(write, value, begin, time.monotonic()))

    def read(client: Client) -> None:
        timed(False, lambda: client.read(device)[0])

    def write(client: Client) -> None:
        value, (_, tag) = float(next(values)), client.read(device)
        timed(True, lambda: value if client.write(device, value, tag) else None)

    def go(number: int) -> None:
        with closing(Client(registry)) as client:
            while time.monotonic() < until:
                (read if number % 2 else write)(client)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(go, range(8)))
    writes = [each for each in history if each.write]
    assert len(writes) > 10
    assert len(history) - len(writes) > 10
    assert linearizable(history, 0.0)
    stale = Request(False, writes[0].value, time.monotonic(), time.monotonic())
    assert not linearizable([*history, stale], 0.0)
