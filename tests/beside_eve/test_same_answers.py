"""The same requests to Eve itself and to this registry: the same answers, except for the written repairs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import generated_reads as reads
import generated_writes as writes
import pytest
from devices import devices
from exchange import Both, Request
from former_registry import FormerRegistry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from repair import Repair
from repairs import REPAIRS, diverges, unexplained
from stand import Stand

GUIDE = Path(__file__).parents[2] / "docs" / "migrating-from-eve.md"
SAME = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
NAMED = pytest.mark.parametrize("repair", REPAIRS, ids=lambda repair: repair.name)
READS = {
    "listings": (reads.LISTINGS, 300),
    "odd_parameters": (reads.ODD_LISTINGS, 300),
    "conditional_requests": (reads.CONDITIONAL, 300),
    "media_types": (reads.MEDIA, 300),
    "methods_and_paths": (reads.METHODS, 300),
    "tokens": (reads.TOKENS, 200),
}
WRITES = {
    "documents": (writes.DOCUMENTS, 150),
    "documents_in_xml_and_json": (writes.SHOWN, 150),
    "forms": (writes.FORMS, 150),
    "overridden_methods": (writes.OVERRIDDEN, 150),
    "malformed_bodies": (writes.MALFORMED, 200),
}


@pytest.fixture(scope="module")
def both(shared_stand: Stand) -> Both:
    return Both(FormerRegistry(), shared_stand)


def each_of(requests: SearchStrategy[Request], how_many: int, check: Callable[[Request], None]) -> None:
    """Check as many drawn requests, the same ones in each run."""
    settings(SAME, max_examples=how_many)(given(requests)(check))()


@pytest.mark.parametrize("kind", READS)
def test_reads(both: Both, kind: str) -> None:
    both.clear()
    both.add(devices(reads.HOW_MANY))

    def check(request: Request) -> None:
        assert unexplained(both.ask(request)) == {}, str(request)

    each_of(*READS[kind], check)


@pytest.mark.parametrize("kind", WRITES)
def test_writes(both: Both, kind: str) -> None:
    fresh = False

    def check(request: Request) -> None:
        nonlocal fresh
        if not fresh:
            both.clear()
            both.add(devices(2))
        fresh = assert_same(both, [request])

    each_of(*WRITES[kind], check)


@settings(SAME, max_examples=40)
@given(requests=st.lists(st.one_of(writes.DOCUMENTS, writes.OVERRIDDEN), min_size=2, max_size=4))
def test_writes_in_a_row(both: Both, requests: Sequence[Request]) -> None:
    both.clear()
    both.add(devices(2))
    assert_same(both, requests)


def assert_same(both: Both, requests: Sequence[Request]) -> bool:
    """Assert that requests have the same answers, and that both hold the same devices afterwards.

    Returns:
        whether both refused all of them, and so have the devices that they had.
    """
    refused = True
    for number, request in enumerate(requests):
        if request.method != "PATCH" and request.body in [each.body for each in requests[:number]]:
            continue  # within one second the stand-in takes replacing a device by itself for a conflict
        exchange = both.ask(request)
        assert unexplained(exchange) == {}, str(exchange.request)
        refused = refused and 400 <= exchange.former.status < 500 and exchange.ours.status >= 400
        if diverges(exchange):
            return refused
    exchange = both.ask(Request())
    assert unexplained(exchange) == {}, str(exchange.request)
    return refused


@NAMED
def test_each_repair_is_seen(both: Both, repair: Repair) -> None:
    both.clear()
    both.add(devices(2))
    exchange = both.ask(repair.example)
    found = set(exchange.differences())
    assert found, exchange
    assert repair.holds(exchange), exchange
    assert repair.parts is None or found & set(repair.parts), exchange
    assert unexplained(exchange) == {}
    assert exchange.ours.status < 500


def test_a_304_has_no_last_modified_on_either_side(both: Both) -> None:
    both.clear()
    both.add(devices(1))
    path = f"/1/devices/{devices(1)[0]['device_id']}"
    exchange = both.ask(Request(path=path, headers={"If-Modified-Since": reads.LATER}))
    for answer in (exchange.former, exchange.ours):
        assert answer.status == 304
        assert "Last-Modified" not in answer.headers
        assert {"ETag", "Cache-Control", "Expires"} <= set(answer.headers)


def test_the_guide_names_each_repair() -> None:
    assert re.findall(r"^### (.+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE) == [each.name for each in REPAIRS]
