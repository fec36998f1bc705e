"""Which devices reach a target power: the fewest that do, or those that keep the largest reserve.

Pure arithmetic on what is free of each device; where that comes from is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from registry.contracts.free_power import NOTHING

Name = TypeVar("Name", bound=str)


class Prefer(StrEnum):
    """What makes one proposal better than another.

    FEWEST: as few devices as reach the target, and of such choices one with the least power beyond it by exchanging the
    smallest device. RESERVE: up to a number of devices, those with the most free power, so that what is left beyond the
    target is the most that so many devices can leave.
    """

    FEWEST = "fewest"
    RESERVE = "reserve"


@dataclass(frozen=True, slots=True)
class Chosen(Generic[Name]):
    """A proposal.

    Attributes:
        devices: device -> its free power, in kW, the greatest first.
        target: what was to be reached.
    """

    devices: Mapping[Name, Decimal]
    target: Decimal

    @property
    def power(self) -> Decimal:
        """What they have together."""
        return sum(self.devices.values(), NOTHING)

    @property
    def reserve(self) -> Decimal:
        """What they have beyond the target; below 0 if they don't reach it."""
        return self.power - self.target

    @property
    def reached(self) -> bool:
        """Whether they reach the target."""
        return self.reserve >= 0


def propose(free: Mapping[Name, Decimal], target: Decimal, prefer: Prefer, most: int | None = None) -> Chosen[Name]:
    """Return the best choice of devices; all that may be taken if even they don't reach the target.

    Args:
        free: device -> its free power, in kW.
        target: the power to reach, in kW.
        prefer: what is best.
        most: how many devices may be taken; None for any number.
    """
    ordered = sorted(((power, name) for name, power in free.items() if power > 0), key=lambda each: (-each[0], each[1]))
    ordered = ordered if most is None else ordered[:most]
    if prefer is Prefer.RESERVE:
        return Chosen({name: power for power, name in ordered}, target)
    total, count = NOTHING, 0
    while total < target and count < len(ordered):
        total += ordered[count][0]
        count += 1
    taken = ordered[:count]
    if total >= target and taken:
        missing = target - (total - taken[-1][0])
        taken[-1] = next(each for each in reversed(ordered[count - 1 :]) if each[0] >= missing)
    return Chosen({name: power for power, name in taken}, target)
