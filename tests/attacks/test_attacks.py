"""Each attack is answered within its limit by a code of its own; memory stays bounded, and the next query works.

While attacks run without a pause, devices are served to others by REST, and not one request fails: FLOOD_SECONDS makes
that last longer, and `pytest -s` shows how long requests took.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from attack_cases import ANSWERED, Attack, read_attacks
from besieged_server import MOST_MEMORY, BesiegedServer, MemoryWatch, besieged_server

NEXT = "SELECT (COUNT(DISTINCT ?d) AS ?n) { ?d <https://w3id.org/flexcoop/cim#deviceName> ?name }"
SECONDS = "6"
ATTACKERS = 2
CLASSES = ("cross_products", "paths", "planning", "nesting")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BesiegedServer]:
    with besieged_server(tmp_path_factory.mktemp("besieged")) as running:
        yield running


@pytest.fixture
def memory(server: BesiegedServer) -> Iterator[MemoryWatch]:
    watch = MemoryWatch(server.pid)
    watch.start()
    yield watch
    watch.stop()


@pytest.mark.parametrize("attack", read_attacks(), ids=lambda attack: attack.id)
def test_an_attack_is_answered_and_the_next_query_works(
    server: BesiegedServer, memory: MemoryWatch, attack: Attack
) -> None:
    reply = server.attack(attack)  # with a timeout: an answer that comes too late fails here
    after = server.query(NEXT)

    answered = reply.code or (ANSWERED if reply.status == 200 else reply.body.decode(errors="replace"))
    assert answered in attack.expect
    assert reply.status == 200 or 400 <= reply.status < 500 or reply.status == 503
    assert json.loads(after.body)["results"]["bindings"][0]["n"]["value"] == str(len(server.device_ids))
    assert memory.stop() < MOST_MEMORY
    assert server.listener.asked == []


def test_the_listener_would_notice(server: BesiegedServer) -> None:
    """Guards the test above against a listener that listens nowhere."""
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(server.listener.url)
    assert len(server.listener.asked) == 1
    server.listener.asked.clear()


def test_rest_answers_others_while_attacks_run(server: BesiegedServer, memory: MemoryWatch) -> None:
    attacks = [attack for name in CLASSES for attack in read_attacks(name)]
    codes: Counter[str] = Counter()
    durations: list[float] = []
    failed = []

    seconds = float(os.environ.get("FLOOD_SECONDS", SECONDS))
    with _flood(server, attacks, codes, seconds) as is_over:
        for device_id in itertools.cycle(server.device_ids):
            if is_over():
                break
            started = time.perf_counter()
            reply = server.item(device_id)
            durations.append(time.perf_counter() - started)
            if reply.status != 200:
                failed.append(reply)

    assert not failed
    assert codes.total() > 0
    assert memory.stop() < MOST_MEMORY
    assert server.listener.asked == []
    _show(durations, codes)


@contextmanager
def _flood(
    server: BesiegedServer, attacks: list[Attack], codes: Counter[str], seconds: float
) -> Iterator[Callable[[], bool]]:
    until = time.monotonic() + seconds
    lock = threading.Lock()

    def send(mine: list[Attack]) -> None:
        for attack in itertools.cycle(mine):
            if time.monotonic() > until:
                return
            reply = server.attack(attack, timeout=30.0)
            with lock:
                codes[reply.code or str(reply.status)] += 1

    threads = [threading.Thread(target=send, args=(attacks[first::ATTACKERS],)) for first in range(ATTACKERS)]
    for thread in threads:
        thread.start()
    yield lambda: time.monotonic() > until
    for thread in threads:
        thread.join()


def _show(durations: list[float], codes: Counter[str]) -> None:
    cuts = statistics.quantiles(durations, n=100)
    p50, p99, longest = (f"{1000 * value:.1f} ms" for value in (cuts[49], cuts[98], max(durations)))
    print(f"\n{len(durations)} requests by REST: p50 {p50}, p99 {p99}, longest {longest}; attacks: {dict(codes)}")
