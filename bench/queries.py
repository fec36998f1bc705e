"""The queries that are measured: short ones about one thing, and discovery queries that look at many devices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.stand import Known

FOLDER = Path(__file__).parents[1] / "sparql" / "queries"
HERE = "POINT(2.8214 41.9794)"
"""Where the query of devices within a distance looks from."""
PROLOGUE = "PREFIX flex: <https://w3id.org/flexcoop/cim#>\n"


@dataclass(frozen=True, slots=True)
class MeasuredQuery:
    """A query with a name; its text may be about a device."""

    name: str
    text: Callable[[Known], str]


def one_device(device: Known) -> str:
    """Ask for all that is said of one device itself."""
    return f"SELECT ?property ?value {{ <urn:uuid:{device.device_id}> ?property ?value }}"


def household(device: Known) -> str:
    """Ask for the devices of one account, with their capacities where they are known."""
    return (
        f"{PROLOGUE}SELECT ?device ?class ?maximum {{ ?device flex:account <urn:uuid:{device.account_id}> ; "
        "flex:deviceClass ?class OPTIONAL { ?device flex:maxCapacity ?maximum } }"
    )


def manageable(device: Known) -> str:
    """Ask whether one device is a flexible load that is available, and what it has to spare."""
    return (
        f"{PROLOGUE}SELECT ?name ?available {{ VALUES ?device {{ <urn:uuid:{device.device_id}> }} "
        "?device a flex:FlexibleLoad ; flex:deviceName ?name ; flex:availability flex:Available "
        "OPTIONAL { ?device flex:availableCapacity ?available } }"
    )


def nearby(device: Known) -> str:
    """Ask for the flexible loads within 5 km of one device."""
    return _read("devices_within_a_distance").replace(HERE, f"POINT({device.longitude} {device.latitude})")


def _discovery(name: str) -> MeasuredQuery:
    text = _read(name)
    return MeasuredQuery(name, lambda _: text)


def _read(name: str) -> str:
    return (FOLDER / f"{name}.rq").read_text(encoding="utf-8")


QUERIES = (
    MeasuredQuery("one_device", one_device),
    MeasuredQuery("household", household),
    MeasuredQuery("manageable", manageable),
    _discovery("devices_of_a_class"),
    _discovery("devices_by_free_capacity"),
    MeasuredQuery("devices_within_a_distance", nearby),
    _discovery("capacity_by_class"),
)
