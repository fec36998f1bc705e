"""The same requests to Eve itself and to this registry: the same answers, except for the written repairs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from devices import devices
from exchange import Both, Request
from former_registry import FormerRegistry
from generated_requests import HOW_MANY, READS, WRITES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repairs import REPAIRS, Repair, diverges, unexplained
from stand import Stand

GUIDE = Path(__file__).parents[2] / "docs" / "migrating-from-eve.md"
SAME = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
NAMED = pytest.mark.parametrize("repair", REPAIRS, ids=lambda repair: repair.name)


@pytest.fixture(scope="module")
def both(shared_stand: Stand) -> Both:
    return Both(FormerRegistry(), shared_stand)


@pytest.fixture(scope="module")
def many(both: Both) -> Both:
    both.clear()
    both.add(devices(HOW_MANY))
    return both


@settings(SAME, max_examples=400)
@given(request=READS)
def test_reads(many: Both, request: Request) -> None:
    exchange = many.ask(request)
    assert unexplained(exchange) == {}, str(exchange.request)


@settings(SAME, max_examples=150)
@given(requests=st.lists(WRITES, min_size=1, max_size=3))
def test_writes(both: Both, requests: Sequence[Request]) -> None:
    both.clear()
    both.add(devices(2))
    for number, request in enumerate(requests):
        if request.method == "PUT" and request.body in [each.body for each in requests[:number]]:
            continue  # within one second the stand-in takes replacing a device by itself for a conflict
        exchange = both.ask(request)
        assert unexplained(exchange) == {}, str(exchange.request)
        if diverges(exchange):
            return
    exchange = both.ask(Request())
    assert unexplained(exchange) == {}, str(exchange.request)


@NAMED
def test_each_repair_is_seen(both: Both, repair: Repair) -> None:
    both.clear()
    both.add(devices(2))
    exchange = both.ask(repair.example)
    found = set(exchange.differences())
    assert found, exchange
    assert repair.holds(exchange), exchange
    assert repair.parts is None or found & set(repair.parts), exchange
    assert exchange.ours.status < 500


def test_the_guide_names_each_repair() -> None:
    assert re.findall(r"^### (.+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE) == [each.name for each in REPAIRS]
