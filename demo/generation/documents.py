"""One device of a household as the document that the JSON REST facade takes.

A document is put together from facets: each adds the fields of one matter (power, storage, nameplate, …) to what
stands there already, and most do so for a share of the devices only, since real registries are never complete. What
is unknown is absent, never 0. Validity is judged by the shapes, not here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, TypeAlias

from demo.cooperatives import Household
from demo.generation.draws import between, happens, pick, uuid4
from demo.generation.kinds import DeviceKind

Document: TypeAlias = dict[str, Any]
Facet: TypeAlias = Callable[[Document, DeviceKind, Random], Document]

NOW = datetime(2026, 11, 23, 6, 39, 22, tzinfo=UTC)
"""The moment that the data describes. Fixed: the same seed gives the same documents on every day."""
DATE_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def device(kind: DeviceKind, household: Household, aggregator_id: str, rng: Random) -> Document:
    """Draw one device of the kind for the household."""
    document: Document = {
        "device_id": uuid4(rng),
        "device_name": pick(rng, kind.names),
        "account_id": household.account_id,
        "ven_id": household.ven_id,
        "aggregator_id": aggregator_id,
        "device_class": kind.device_class,
        "location": {"type": "Point", "coordinates": [household.longitude, household.latitude]},
    }
    for share, facet in FACETS:
        if happens(rng, share):
            document |= facet(document, kind, rng)
    return document


def availability(_document: Document, _kind: DeviceKind, rng: Random) -> Document:
    """Tell whether the member offers the device; "" where nobody has said yet."""
    return {"availability": pick(rng, ("yes", "no", ""), (70, 18, 12))}


def markets(document: Document, _kind: DeviceKind, rng: Random) -> Document:
    """Tell which uses the member agreed to; none without being available at all."""
    if document["availability"] != "yes":
        return {}
    return {
        "marketplace_availability": pick(rng, ("yes", "no"), (60, 40)),
        "dr_availability": pick(rng, ("yes", "no"), (75, 25)),
    }


def power(_document: Document, kind: DeviceKind, rng: Random) -> Document:
    """Give the type and the capacities, in kW; the one that is available is never above the other."""
    if not kind.device_type:
        return {}
    fields: Document = {"device_type": kind.device_type}
    if kind.capacity and happens(rng, 0.92):
        capacity = between(rng, *kind.capacity)
        fields["max_capacity"] = capacity
        if happens(rng, 0.8):
            fields["available_capacity"] = round(capacity * between(rng, 0.1, 1, 0.05), 3)
    return fields


def status(_document: Document, kind: DeviceKind, rng: Random) -> Document:
    """Give the last reported state, with the parts that such a device reports."""
    if not kind.device_type:
        return {}
    fields: Document = {"operationState": pick(rng, ("1", "0"), (65, 35))}
    if kind.set_point:
        fields["setPoint"] = between(rng, *kind.set_point)
    if kind.modes:
        fields["mode"] = pick(rng, kind.modes)
    if kind.fan:
        fields["x-fanspeed"] = float(pick(rng, (1, 2, 3)))
    return {"status": fields}


def storage(document: Document, kind: DeviceKind, rng: Random) -> Document:
    """Give a store its energy (kWh), its state of charge (%), and its rates (kW)."""
    if kind.device_type != "Storage":
        return {}
    fields: Document = {
        "usable_energy": between(rng, 5, 15, 0.5),
        "state_of_charge": between(rng, 5, 100, 1),
    }
    if "max_capacity" in document:
        fields["charge_rate"] = document["max_capacity"]
        fields["discharge_rate"] = round(document["max_capacity"] * between(rng, 0.8, 1, 0.05), 3)
    return fields


def rated_power(document: Document, kind: DeviceKind, _rng: Random) -> Document:
    """Give the limits of the nameplate, in kW; a store has one in each direction."""
    if "max_capacity" not in document:
        return {}
    names = {
        "Demand": ("rated_import_power",),
        "Generation": ("rated_export_power",),
        "Storage": ("rated_import_power", "rated_export_power"),
    }
    return dict.fromkeys(names[kind.device_type], document["max_capacity"])


def flexibility(_document: Document, kind: DeviceKind, rng: Random) -> Document:
    """Give FLEXCoop's demand-response attributes: a direction and times in s."""
    if not kind.directions:
        return {}
    return {
        "flexibility_direction": pick(rng, kind.directions),
        "ramp_up_time": between(rng, *kind.ramp_up),
        "delivery_period": between(rng, 900, 14400, 900),
        "deactivation_time": between(rng, 5, 60, 5),
    }


def cluster(document: Document, kind: DeviceKind, rng: Random) -> Document:
    """Put a device that is available into its aggregator's clusters, half of these into a VPP as well."""
    if document["availability"] != "yes" or not kind.directions:
        return {}
    fields: Document = {
        "cluster_id": f"{kind.device_class}-{1 + int(rng.random() * 6)}",
        "cluster_type": pick(rng, ("technology", "location")),
    }
    if happens(rng, 0.5):
        fields["vpp_id"] = f"vpp-{1 + int(rng.random() * 3)}"
    return fields


def nameplate(_document: Document, kind: DeviceKind, rng: Random) -> Document:
    """Give maker, model and serial number; the firmware only where it was read out."""
    manufacturer, model = pick(rng, kind.models)
    fields: Document = {
        "manufacturer": manufacturer,
        "model": model,
        "serial_number": f"{manufacturer[:2].upper()}{int(rng.random() * 10**9):09d}",
    }
    if happens(rng, 0.6):
        fields["firmware_version"] = f"{1 + int(rng.random() * 4)}.{int(rng.random() * 12)}.{int(rng.random() * 20)}"
    return fields


def lifecycle(_document: Document, _kind: DeviceKind, rng: Random) -> Document:
    """Give the day of commissioning, and for few that of decommissioning: those are offered no more."""
    commissioned = date(2012, 1, 1) + timedelta(days=int(rng.random() * 5000))
    fields: Document = {"commissioned": commissioned.isoformat()}
    if happens(rng, 0.04):
        rest = (NOW.date() - commissioned).days
        end = commissioned + timedelta(days=1 + int(rng.random() * rest))
        fields |= {"decommissioned": end.isoformat(), "availability": "no"}
    return fields


def liveness(document: Document, _kind: DeviceKind, rng: Random) -> Document:
    """Give what OpenADR reports tell: most are online and were seen within minutes, some not for weeks."""
    online = "decommissioned" not in document and happens(rng, 0.93)
    silence = timedelta(seconds=int(rng.random() * (300 if online else 3_000_000)))
    return {
        "online": online,
        "manual_override": online and happens(rng, 0.05),
        "last_seen": (NOW - silence).strftime(DATE_FORMAT),
    }


def grid(_document: Document, _kind: DeviceKind, rng: Random) -> Document:
    """Give the metering point, in the form of a code of 18 digits."""
    return {"metering_point_id": f"87{int(rng.random() * 10**8):08d}{int(rng.random() * 10**8):08d}"}


def external_ids(_document: Document, _kind: DeviceKind, rng: Random) -> Document:
    """Give the device's names in one or two other systems."""
    systems = ("crm", "scada")[: 1 + int(rng.random() * 2)]
    return {"external_ids": [f"{system}:{int(rng.random() * 10**6):06d}" for system in systems]}


FACETS: tuple[tuple[float, Facet], ...] = (
    (1.0, availability),
    (1.0, power),
    (0.9, status),
    (1.0, storage),
    (0.3, lifecycle),
    (0.8, markets),
    (0.4, cluster),
    (0.4, nameplate),
    (0.3, rated_power),
    (0.35, flexibility),
    (0.5, liveness),
    (0.25, grid),
    (0.1, external_ids),
)
"""Every facet in order, with the share of devices that it is recorded for; later ones see what earlier ones wrote."""
