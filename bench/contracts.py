"""contracts: POST /1/contracts/validate with 1,000 devices of one aggregator, by that aggregator.

The devices are those of the demo's households, of several accounts, so most of them have reasons against them: the
verdict is longer than that on a contract that holds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from bench.connection import Answer
from bench.result import Bench, Result
from bench.stand import Stand
from bench.turns import in_turn, same_size

ASSETS = 1_000


def measure(stand: Stand) -> Iterator[Result]:
    """Judge one contract, the first time apart."""
    ask = judge(stand)
    begin = time.perf_counter()
    ask()
    first = (time.perf_counter() - begin) * 1000
    result = in_turn(f"contract of {ASSETS:,} devices", ask, same_size(stand.yardstick), stand.options.limits)
    yield replace(result, note=f"{result.note} first: {first:.0f} ms".strip())


def judge(stand: Stand) -> Callable[[], Answer]:
    """Make the request."""
    device = stand.known[0]
    headers = {**stand.headers("aggregator", device), "Content-Type": "application/json"}
    pages = (
        stand.registry.ask("GET", f"/1/devices?max_results=300&page={page}", headers=headers) for page in range(1, 5)
    )
    items = [item for page in pages for item in json.loads(page.body)["_items"]][:ASSETS]
    document = {
        "contract_id": "bench",
        "aggregator_id": items[0]["aggregator_id"],
        "account_id": items[0]["account_id"],
        "type": "balancing",
        "start": "2030-01-01T08:00:00Z",
        "end": "2030-01-01T10:00:00Z",
        "maximum_power": 100,
        "assets": [item["device_id"] for item in items],
    }
    body = json.dumps(document).encode()
    return lambda: stand.registry.ask("POST", "/1/contracts/validate", headers=headers, body=body)


BENCH = Bench("contracts", "POST /1/contracts/validate with 1,000 devices", measure)
