"""import: `der-registry import` of all generated devices, from the start of the process to its end.

The yardstick takes the first of the same documents, one POST each over one connection, before and again after.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice

from bench.result import Bench, Figures, Result
from bench.stand import Stand

POSTS = 2000
"""Documents that the yardstick takes at most, each time."""


def measure(stand: Stand) -> Iterator[Result]:
    """Compare devices a second; there is one import only, so no quantiles. A ready store takes none."""
    if stand.options.store is not None:
        return
    with stand.documents.open("rb") as stream:
        bodies = list(islice(stream, POSTS))
    before = _post(stand, bodies)
    registry = Figures(stand.options.devices, stand.options.devices / stand.import_seconds)
    after = _post(stand, bodies)
    yield Result("import", "devices", registry, Figures(2 * len(bodies), 2 * len(bodies) / (before + after)))


def _post(stand: Stand, bodies: Sequence[bytes]) -> float:
    start = time.perf_counter()
    for body in bodies:
        stand.yardstick.ask("POST", "/bytes/200", headers={"Content-Type": "application/json"}, body=body)
    return time.perf_counter() - start


BENCH = Bench("import", "der-registry import of all devices", measure)
