"""patch: PATCH of the availability with If-Match, by aggregators, another device with each request.

Each request really changes its device, which the registry validates, writes and dates. The GET for the ETag before
it is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import cycle

from bench.connection import Answer
from bench.result import Bench, Result
from bench.stand import Stand
from bench.turns import in_turn, same_size

BODIES = {value: json.dumps({"availability": value}).encode() for value in ("yes", "no")}


def measure(stand: Stand) -> Iterator[Result]:
    """Turn availabilities over."""
    yardstick = same_size(stand.yardstick, "PATCH", BODIES["yes"])
    yield in_turn("patch, aggregator", turn_over(stand), yardstick, stand.options.limits)


def turn_over(stand: Stand) -> Callable[[], Answer]:
    """Make the request that changes the next device's availability to what it is not."""
    devices = cycle(stand.known)

    def ask() -> Answer:
        device = next(devices)
        path = f"/1/devices/{device.device_id}"
        headers = dict(stand.headers("aggregator", device))
        before = stand.registry.ask("GET", path, headers=headers)
        body = BODIES["no" if json.loads(before.body)["availability"] == "yes" else "yes"]
        headers |= {"If-Match": before.headers["ETag"], "Content-Type": "application/json"}
        return stand.registry.ask("PATCH", path, headers=headers, body=body)

    return ask


BENCH = Bench("patch", "PATCH /1/devices/<id> with If-Match", measure)
