"""Is what clients saw of a value that they read and write linearizable: as if each request had happened at one moment?

Every write writes another value. Then a history of requests that all were answered can be judged without trying orders
(P. Gibbons and E. Korach, Testing Shared Memories, SIAM J. Comput. 26, 1997): the write of a value and the reads that
returned it are a cluster. Where the first of them to end ends before the last to begin begins, the value must have been
there from one to the other (a forward zone), else it may have been there at a moment between both (a backward zone).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Request:
    """A read or a write of a value, and when it began and ended."""

    write: bool
    value: float
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class _Zone:
    low: float
    high: float
    forward: bool


def linearizable(history: Sequence[Request], initial: float) -> bool:
    """Tell whether a history of a value that was `initial` before is linearizable."""
    clusters: defaultdict[float, list[Request]] = defaultdict(list)
    clusters[initial].append(Request(True, initial, float("-inf"), float("-inf")))
    for request in history:
        clusters[request.value].append(request)
    if not all(map(_reads_follow_the_write, clusters.values())):
        return False
    zones = list(map(_zone, clusters.values()))
    forward = sorted((each for each in zones if each.forward), key=lambda each: each.low)
    if any(later.low < earlier.high for earlier, later in pairwise(forward)):
        return False
    backward = [each for each in zones if not each.forward]
    return not any(zone.low < each.low and each.high < zone.high for zone in forward for each in backward)


def _reads_follow_the_write(cluster: Sequence[Request]) -> bool:
    writes = [each for each in cluster if each.write]
    return len(writes) == 1 and all(each.end >= writes[0].begin for each in cluster)


def _zone(cluster: Sequence[Request]) -> _Zone:
    ends_first, begins_last = min(each.end for each in cluster), max(each.begin for each in cluster)
    return _Zone(min(ends_first, begins_last), max(ends_first, begins_last), ends_first < begins_last)
