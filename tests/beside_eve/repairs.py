"""Where this registry answers otherwise than Eve on purpose; docs/migrating-from-eve.md tells clients, name by name.

A difference is let pass only by a repair whose predicate holds for that exchange and that covers what differs.
Every repair has an example that must still show it.
"""

from __future__ import annotations

from typing import Any

from exchange import Exchange
from repaired_reads import READS
from repaired_writes import WRITES

REPAIRS = [*READS, *WRITES]


def unexplained(exchange: Exchange) -> dict[str, tuple[Any, Any]]:
    """Return the differences that no repair covers."""
    found = exchange.differences()
    for repair in REPAIRS:
        if found and repair.holds(exchange):
            covered = found if repair.parts is None else repair.parts
            found = {name: both for name, both in found.items() if name not in covered}
    return found


def diverges(exchange: Exchange) -> bool:
    """Tell whether the two may now hold different devices by a repair, so that nothing further can be compared."""
    if (exchange.former.status < 300) != (exchange.ours.status < 300):
        return True
    return any(repair.parts is None and repair.holds(exchange) for repair in REPAIRS)
