"""The kinds of device that a household may own: how often, how strong, from which makers, and how they behave.

A table; `demo.generation.documents` draws from it. Makers and models are fictitious. Powers are in kW.
"""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float, float]
"""Lowest value, highest value, step."""


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """One row of the table.

    Args:
        device_class: the wire code of the class.
        share: how likely a household's next device is of this kind, in relation to the other rows that it may have.
        names: what members call such a device.
        models: pairs of maker and model.
        device_type: Demand, Generation or Storage; empty for what neither takes nor gives power.
        capacity: range of max_capacity; none for what has no capacity.
        set_point: range of status.setPoint (°C, or % for lamps); none for what can't be set.
        modes: the codes that status.mode may have.
        fan: whether the status tells the speed of a fan.
        directions: which ways its power can be shifted; none for what is not flexible.
        ramp_up: range of the ramping-up time, in s.
        needs: the class that must stand in the household already.
    """

    device_class: str
    share: float
    names: tuple[str, ...]
    models: tuple[tuple[str, str], ...]
    device_type: str = ""
    capacity: Range | None = None
    set_point: Range | None = None
    modes: tuple[str, ...] = ()
    fan: bool = False
    directions: tuple[str, ...] = ()
    ramp_up: Range = (10, 120, 5)
    needs: str = ""


KINDS: tuple[DeviceKind, ...] = (
    DeviceKind(
        "hvacDevice",
        share=17,
        names=("Living room AC", "Bedroom AC", "Office AC", "Attic AC"),
        models=(("Ventalia", "Brisa 25"), ("Ventalia", "Brisa 35"), ("Polaire", "Split S2")),
        device_type="Demand",
        capacity=(0.8, 5, 0.1),
        set_point=(18, 27, 0.5),
        modes=("1", "2", "3", "4", "5"),
        fan=True,
        directions=("up", "down", "both"),
        ramp_up=(30, 180, 10),
    ),
    DeviceKind(
        "lightingLoad",
        share=13,
        names=("Kitchen lights", "Living room lights", "Hall lights", "Garden lights"),
        models=(("Lumenta", "Strip 4"), ("Lumenta", "Panel 60")),
        device_type="Demand",
        capacity=(0.05, 0.5, 0.01),
        set_point=(0, 100, 5),
        directions=("down",),
        ramp_up=(1, 5, 1),
    ),
    DeviceKind(
        "dhwDevice",
        share=17,
        names=("Hot water boiler", "Bathroom boiler", "Kitchen boiler"),
        models=(("Calorix", "Tank 80"), ("Calorix", "Tank 120"), ("Warmwell", "E-150")),
        device_type="Demand",
        capacity=(1.5, 3, 0.1),
        set_point=(45, 65, 1),
        modes=("1", "2", "3"),
        directions=("up", "down", "both"),
        ramp_up=(5, 30, 5),
    ),
    DeviceKind(
        "otherLoad",
        share=8,
        names=("Washing machine", "Dishwasher", "Pool pump", "Freezer"),
        models=(("Hausmann", "W7"), ("Hausmann", "D4"), ("Acquaria", "P750")),
        device_type="Demand",
        capacity=(0.1, 2.4, 0.1),
        directions=("down",),
    ),
    DeviceKind(
        "pvDevice",
        share=16,
        names=("Roof PV", "Garage PV", "Barn PV"),
        models=(("Heliovar", "H3"), ("Heliovar", "H5"), ("Zonnekracht", "ZK-4000")),
        device_type="Generation",
        capacity=(2, 8, 0.1),
        directions=("down",),
        ramp_up=(1, 20, 1),
    ),
    DeviceKind(
        "batteryDevice",
        share=30,
        names=("Home battery", "Garage battery"),
        models=(("Accuvia", "Cell 5"), ("Accuvia", "Cell 10"), ("Stromspeicher", "Block 15")),
        device_type="Storage",
        capacity=(2.5, 7.5, 0.5),
        directions=("both",),
        ramp_up=(1, 10, 1),
        needs="pvDevice",
    ),
    DeviceKind(
        "evCharger",
        share=8,
        names=("Wallbox", "Driveway charger"),
        models=(("Carregador", "One"), ("Laadpunt", "L22")),
        device_type="Demand",
        capacity=(3.7, 22, 0.1),
        directions=("down", "both"),
        ramp_up=(5, 30, 5),
    ),
    DeviceKind(
        "heatPump",
        share=9,
        names=("Heat pump", "Ground-source heat pump"),
        models=(("Nordwarm", "Aero 6"), ("Nordwarm", "Aero 9"), ("Terraterm", "G12")),
        device_type="Demand",
        capacity=(2, 12, 0.5),
        set_point=(18, 24, 0.5),
        modes=("1", "2", "3"),
        directions=("up", "down", "both"),
        ramp_up=(60, 600, 30),
    ),
    DeviceKind(
        "meteringDevice",
        share=8,
        names=("Main meter", "PV meter"),
        models=(("Metron", "M3"), ("Metron", "M1")),
    ),
    DeviceKind(
        "sensingDevice",
        share=5,
        names=("Living room sensor", "Bedroom sensor", "Outdoor sensor"),
        models=(("Sensora", "Klima"), ("Sensora", "Mini")),
    ),
)
