"""Devices that the former schema knows, with few different values, so that many filters meet some of them."""

from __future__ import annotations

import random
from typing import Any

from stand import ALICE, BOB, VEN, A, B

NAMES = ["boiler", "Boiler 2", "lamp", "heat pump", "NO NAME"]
NUMBERS = [0.0, 1.5, 2.0, 50.0, -3.25]
CHOICES: dict[str, list[Any]] = {
    "device_name": NAMES,
    "account_id": [ALICE, BOB],
    "aggregator_id": [A, B],
    "device_class": ["hvacDevice", "lightingLoad", "dhwDevice", "otherLoad"],
    "availability": ["yes", "no", ""],
}
OPTIONAL: dict[str, list[Any]] = {
    "marketplace_availability": ["yes", "no"],
    "dr_availability": ["yes", "no"],
    "device_type": ["Demand", "Generation", "Storage"],
    "max_capacity": NUMBERS,
    "available_capacity": NUMBERS,
    "vpp_id": ["vpp-1", "vpp-2"],
    "cluster_id": ["c"],
    "status": [{"mode": "1"}, {"mode": "2", "setPoint": 21.0}, {"operationState": "0", "x-fanspeed": 1.0}],
    "location": [{"type": "Point", "coordinates": [2.82, 41.98]}, {"type": "Point", "coordinates": [4.35, 50.85]}],
}
WHOLE: dict[str, Any] = {
    "device_name": "put",
    "account_id": CHOICES["account_id"][0],
    "ven_id": CHOICES["account_id"][1],
    "aggregator_id": CHOICES["aggregator_id"][0],
    "device_class": "otherLoad",
    "availability": "no",
}
"""A document that lacks its id alone."""


def device_id(number: int) -> str:
    """Return the id of a numbered device."""
    return f"00000000-0000-4000-8000-{number:012x}"


def devices(how_many: int, seed: int = 1) -> list[dict[str, Any]]:
    """Return numbered devices, the same ones for the same seed."""
    chance = random.Random(seed)
    found = []
    for number in range(how_many):
        document = {"device_id": device_id(number), "ven_id": VEN}
        document |= {name: chance.choice(values) for name, values in CHOICES.items()}
        document |= {name: chance.choice(values) for name, values in OPTIONAL.items() if chance.random() < 0.6}
        found.append(document)
    return found
