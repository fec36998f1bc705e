"""Believable devices, as NDJSON documents of the JSON REST facade: any number for a load, a few hundred for the demo.

The same arguments give the same documents in the same order on every day and every version of Python. Nothing is kept
in memory but the household at hand. Nothing here writes a file or speaks HTTP.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count as numbers
from itertools import islice
from random import Random
from typing import Any

from demo.cooperatives import COOPERATIVES, Household
from demo.generation.documents import device
from demo.generation.draws import pick, uuid4
from demo.generation.kinds import KINDS, DeviceKind
from demo.generation.places import REGIONS, Region, place_near

SAMPLE_SEED = 768747
SIZES = (1, 2, 3, 4, 5)
SIZE_WEIGHTS = (10, 24, 34, 20, 12)
"""How many households of a hundred own one, two, … devices: three on average."""


def devices(count: int, aggregators: int, seed: int) -> Iterator[dict[str, Any]]:
    """Draw `count` devices of the households of `aggregators` cooperatives.

    Cooperatives are called coop-001.example, coop-002.example, … and take households in turn, so that they grow
    alike; each lies in one region. A longer run with the same seed begins with the documents of a shorter one.

    Raises:
        ValueError: when count is negative or there is no aggregator.
    """
    if count < 0 or aggregators < 1:
        message = f"need a count of 0 or more and at least 1 aggregator, not {count} and {aggregators}"
        raise ValueError(message)
    return islice(_endless(aggregators, Random(seed)), count)  # noqa: S311 - fictitious data, not a secret


def sample_devices() -> list[dict[str, Any]]:
    """Give the devices of the demo's two cooperatives: about three a household."""
    rng = Random(SAMPLE_SEED)  # noqa: S311 - fictitious data, not a secret
    return [
        document
        for cooperative in COOPERATIVES
        for household in cooperative.households
        for document in household_devices(household, cooperative.aggregator_id, rng)
    ]


def household_devices(household: Household, aggregator_id: str, rng: Random) -> Iterator[dict[str, Any]]:
    """Draw what one household owns: one to five devices, each of another kind."""
    owned: list[DeviceKind] = []
    for _ in range(pick(rng, SIZES, SIZE_WEIGHTS)):
        classes = {kind.device_class for kind in owned}
        candidates = [
            kind for kind in KINDS if kind.device_class not in classes and (not kind.needs or kind.needs in classes)
        ]
        owned.append(pick(rng, candidates, [kind.share for kind in candidates]))
        yield device(owned[-1], household, aggregator_id, rng)


def _endless(aggregators: int, rng: Random) -> Iterator[dict[str, Any]]:
    for number in numbers():
        cooperative = number % aggregators
        household = _household(number, REGIONS[cooperative % len(REGIONS)], rng)
        yield from household_devices(household, f"coop-{cooperative + 1:03d}.example", rng)


def _household(number: int, region: Region, rng: Random) -> Household:
    town = pick(rng, region.towns, [town.thousands for town in region.towns])
    longitude, latitude = place_near(town, rng)
    return Household(uuid4(rng), uuid4(rng), f"Household {number + 1}", longitude, latitude)
