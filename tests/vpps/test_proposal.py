"""A proposal is the best one: by comparison with every choice there is."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.vpps.proposal import Prefer, propose

POWERS = st.decimals(0, 10, places=1)
FREE = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), POWERS, max_size=8)
TARGETS = st.decimals("0.1", 30, places=1)


@given(FREE, TARGETS, st.none() | st.integers(1, 9))
def test_no_fewer_devices_reach_the_target(free: dict[str, Decimal], target: Decimal, most: int | None) -> None:
    chosen = propose(free, target, Prefer.FEWEST, most)
    reaching = [
        size
        for size in range(1, min(len(free), most or 99) + 1)
        if any(sum(each) >= target for each in combinations(free.values(), size))
    ]
    assert chosen.reached == bool(reaching)
    if reaching:
        assert len(chosen.devices) == reaching[0]


@given(FREE, TARGETS, st.none() | st.integers(1, 9))
def test_exchanging_the_smallest_device_leaves_no_less_beyond(
    free: dict[str, Decimal], target: Decimal, most: int | None
) -> None:
    chosen = propose(free, target, Prefer.FEWEST, most)
    if chosen.reached:
        *others, last = chosen.devices.items()
        missing = target - sum((power for _, power in others), Decimal(0))
        rest = [power for name, power in free.items() if name not in dict(others)]
        if most is None:
            assert last[1] == min(power for power in rest if power >= missing)


@given(FREE, TARGETS, st.none() | st.integers(1, 9))
def test_no_choice_of_so_many_devices_leaves_a_larger_reserve(
    free: dict[str, Decimal], target: Decimal, most: int | None
) -> None:
    chosen = propose(free, target, Prefer.RESERVE, most)
    size = min(len(free), most or 99)
    best = max((sum(each, Decimal(0)) for each in combinations(free.values(), size)), default=Decimal(0))
    assert chosen.power == best
    assert len(chosen.devices) <= size


@pytest.mark.parametrize("prefer", Prefer)
def test_what_has_nothing_to_give_is_never_taken(prefer: Prefer) -> None:
    chosen = propose({"a": Decimal(0), "b": Decimal(2)}, Decimal(5), prefer)
    assert chosen.devices == {"b": Decimal(2)}
    assert not chosen.reached
    assert chosen.reserve == -3


def test_devices_that_are_alike_are_taken_in_the_order_of_their_names() -> None:
    free = {name: Decimal(1) for name in "dbca"}
    assert list(propose(free, Decimal(2), Prefer.FEWEST).devices) == ["a", "d"]
    assert list(propose(free, Decimal(9), Prefer.RESERVE, 2).devices) == ["a", "b"]
