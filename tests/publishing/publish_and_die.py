"""Publishes on a store of its own and is killed at a point of it: `python publish_and_die.py DATA POINT`.

POINT is a function of the way, with `before` or `after`: the process kills itself there as by kill -9. `prepare` makes
the store; a number of seconds lets the parent kill.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import candidates
from candidates import candidate, next_version
from stand import A, B, device, running_stand

from registry.devices.writing import DeviceWriter
from registry.publishing import publisher, step
from registry.publishing.library import ModelLibrary
from sparql.embedded import EmbeddedStore

PLACES: dict[str, tuple[Any, str]] = {
    "checkpoint": (EmbeddedStore, "checkpoint"),
    "rehearse": (step, "rehearse"),
    "keep": (ModelLibrary, "add"),
    "look_again": (step.Step, "look_again"),
    "commit": (publisher, "data_update"),
    "adopt": (DeviceWriter, "adopt"),
}
COMFORT = candidate(
    next_version("major"),
    ontology=candidates.COMFORT,
    edits=(("flexsh:model a sh:PropertyShape ;", 'flexsh:model a sh:PropertyShape ; sh:pattern "^.{0,5}$" ;'),),
    migrations=('DELETE { ?d flex:model ?m } INSERT { ?d flex:model "short" } WHERE { ?d flex:model ?m }',),
)


def main(data: Path, point: str) -> None:
    with running_stand(data) as stand:
        if point == "prepare":
            stand.add(*(_device(number) for number in range(40)))
            return
        if point in {f"{when} {name}" for name in PLACES for when in ("before", "after")}:
            when, name = point.split()
            owner, attribute = PLACES[name]
            setattr(owner, attribute, deadly(getattr(owner, attribute), when))
        stand.components.publisher.publish(COMFORT, "tests", say=lambda text: print(text, flush=True))


def deadly(work: Callable[..., Any], when: str) -> Callable[..., Any]:
    """Kill this process before or after the work."""

    def wrapped(*arguments: Any, **options: Any) -> Any:
        if when == "after":
            work(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    return wrapped


def _device(number: int) -> dict[str, Any]:
    return device(
        number,
        device_class="heatPump" if number % 2 else "pvDevice",
        aggregator_id=A if number % 3 else B,
        model="a long name",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
