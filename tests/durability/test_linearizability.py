"""The judge of histories judges as trying every order does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linearizability import Request, linearizable


def read(value: float, begin: float, end: float) -> Request:
    return Request(False, value, begin, end)


def write(value: float, begin: float, end: float) -> Request:
    return Request(True, value, begin, end)


@pytest.mark.parametrize(
    ("history", "verdict"),
    [
        ([], True),
        ([read(0, 1, 2)], True),
        ([write(1, 1, 2), read(1, 3, 4)], True),
        ([write(1, 1, 2), read(0, 3, 4)], False),
        ([write(1, 1, 4), read(0, 2, 3)], True),
        ([write(1, 1, 6), read(1, 2, 3), read(0, 4, 5)], False),
        ([write(1, 1, 2), write(2, 3, 4), read(1, 5, 6)], False),
        ([write(1, 1, 4), write(2, 1, 4), read(1, 5, 6), read(2, 7, 8)], False),
        ([write(1, 1, 4), write(2, 1, 9), read(1, 5, 6), read(2, 7, 8)], True),
        ([read(1, 1, 2), write(1, 3, 4)], False),
        ([read(7, 1, 2)], False),
    ],
)
def test_known_histories(history: Sequence[Request], verdict: bool) -> None:
    assert linearizable(history, 0) is verdict


def by_trying(history: Sequence[Request]) -> bool:
    def holds(order: Sequence[Request]) -> bool:
        value = 0.0
        for number, request in enumerate(order):
            if any(later.end < request.begin for later in order[number + 1 :]):
                return False
            if not request.write and request.value != value:
                return False
            value = request.value
        return True

    return any(map(holds, permutations(history)))


@st.composite
def histories(draw: st.DrawFn) -> list[Request]:
    moments = draw(st.permutations(range(12)))
    spans = [sorted(moments[at : at + 2]) for at in range(0, draw(st.integers(0, 6)) * 2, 2)]
    writes = draw(st.integers(0, len(spans)))
    values = [draw(st.integers(0, writes)) for _ in spans]
    return [
        Request(at < writes, float(at + 1 if at < writes else values[at]), float(begin), float(end))
        for at, (begin, end) in enumerate(spans)
    ]


@given(histories())
def test_it_judges_as_trying_every_order_does(history: list[Request]) -> None:
    assert linearizable(history, 0) is by_trying(history)
