"""Records contracts on a store of its own and is killed at a point: `python agree_and_die.py DATA POINT`.

POINT is `prepare`, to make the store, or where the process kills itself as by kill -9: before the journal has the
contract, between the journal and the store, or after the store.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from agreements import asset, contract, put
from stand import running_stand

from registry.contracts.commitments import Commitments
from registry.journal import Journal
from sparql.embedded import EmbeddedStore

PLACES: dict[str, tuple[Any, str]] = {
    "journal": (Journal, "append"),
    "store": (EmbeddedStore, "apply"),
    "memory": (Commitments, "put"),
}


def main(data: Path, point: str) -> None:
    with running_stand(data) as stand:
        if point == "prepare":
            stand.add(asset(1))
            return
        owner, attribute = PLACES[point]
        setattr(owner, attribute, deadly)
        put(stand, contract(maximum_power=4))


def deadly(*_: Any, **__: Any) -> None:
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
