"""What each device of a contract contributes: what is asked of it, or its part of the rest by its free power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from registry.contracts.contract import Asset
from registry.contracts.free_power import NOTHING

STEP = Decimal("0.000001")
"""Shares are whole multiples of a milliwatt, but for what is needed to reach the maximum power exactly."""


def shared(maximum: Decimal, assets: Sequence[Asset], free: Sequence[Decimal]) -> tuple[Asset, ...]:
    """Return the assets with the power of each; none is given more than is free.

    Args:
        maximum: the contract's maximum power, which the outcome adds up to as far as the free power goes.
        assets: the devices, some with a power that is asked of them.
        free: the free power of each, in the same order.
    """
    rest = maximum - sum((each.power for each in assets if each.power is not None), NOTHING)
    open_ones = [number for number, each in enumerate(assets) if each.power is None]
    total = sum((free[number] for number in open_ones), NOTHING)
    powers = dict.fromkeys(open_ones, NOTHING)
    if rest > NOTHING and total > NOTHING:
        part = min(rest, total)
        for number in open_ones:
            powers[number] = min(free[number], (part * free[number] / total).quantize(STEP, ROUND_DOWN))
        left = part - sum(powers.values(), NOTHING)
        for number in open_ones:
            more = min(left, free[number] - powers[number])
            powers[number] += more
            left -= more
    return tuple(replace(each, power=powers.get(number, each.power)) for number, each in enumerate(assets))
