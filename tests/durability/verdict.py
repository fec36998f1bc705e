"""Is everything there that was acknowledged, once, and nothing by halves? Asked of a registry that has just started."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ledger import Attempt, Ledger
from stand import Stand

from registry.access import DEVICES
from registry.devices.enumeration import device_blocks, triples_in
from registry.devices.placement_audit import PlacementAudit
from registry.journal import Entry, Kind
from registry.journal.position import GRAPH, NODE, read_position
from registry.journal.state import text_of
from registry.model_graphs import model_change
from sparql.dataset import DatasetDescription
from sparql.terms import to_sparql

STEP = 2_000


def verify(stand: Stand, ledger: Ledger) -> dict[str, Any]:
    """Verify everything, and return what is known now.

    Raises:
        AssertionError: something is missing, there twice, there by halves, or not as it was acknowledged.
    """
    found = {device: _seen(stand, device) for device in _devices(ledger)}
    happened = [attempt for attempt in ledger.in_doubt.values() if _happened(attempt, ledger, found)]
    _require_acknowledged(ledger, found, happened)
    states, last = _journal_agrees(stand, ledger, happened)
    _store_agrees(stand, states)
    return {
        "tags": {device: tag for device, (tag, _) in found.items()},
        "states": states,
        "read": last,
        "model": _model(stand, ledger),
        "settled": len(happened),
    }


def _devices(ledger: Ledger) -> set[str]:
    doubtful = {device for attempt in ledger.in_doubt.values() for device in attempt.wanted}
    return {*ledger.tags, *doubtful}


def _seen(stand: Stand, device: str) -> tuple[str | None, str | None]:
    """Return the entity tag of a device and its mark; None twice where there is none."""
    answer = stand.get(f"/1/devices/{device}")
    if answer.status_code == 404:
        return None, None
    assert answer.status_code == 200, f"GET of {device}: {answer.status_code} {answer.text}"
    return answer.headers["ETag"], (answer.json or {})["device_name"]


def _happened(attempt: Attempt, ledger: Ledger, found: Mapping[str, tuple[str | None, str | None]]) -> bool:
    """Tell whether an attempt that nobody was told of has happened: wholly, or not at all."""
    if not attempt.wanted:
        return False
    outcomes = {
        found[device][1] == mark and found[device][0] != ledger.tags.get(device)
        for device, mark in attempt.wanted.items()
    }
    assert len(outcomes) == 1, f"of one change that was made together, a part is there: {attempt.wanted}"
    return outcomes.pop()


def _require_acknowledged(
    ledger: Ledger, found: Mapping[str, tuple[str | None, str | None]], happened: Sequence[Attempt]
) -> None:
    changed = {device for attempt in happened for device in attempt.wanted}
    for device, tag in ledger.tags.items():
        now = found[device][0]
        assert device in changed or now == tag, f"{device} was acknowledged as {tag} and is {now}"


def _journal_agrees(stand: Stand, ledger: Ledger, happened: Sequence[Attempt]) -> tuple[dict[str, Any], int]:
    """Verify that the journal has each change once, in its order, each beginning where the one before has ended."""
    journal, states = stand.components.recorder.journal, dict(ledger.states)
    marks: dict[str, list[str | None]] = {}
    for entry in _entries(stand, ledger.read):
        if entry.device is None:
            continue
        before, after = entry.state_before, entry.state_after
        assert before == states.get(entry.device), f"entry {entry.sequence} does not begin where {entry.device} was"
        states[entry.device] = after
        if entry.kind is not Kind.MIGRATE:
            marks.setdefault(entry.device, []).append(after["device_name"] if after else None)
    expected = {device: [*each] for device, each in ledger.marks.items()}
    for attempt in happened:
        for device, mark in attempt.wanted.items():
            expected.setdefault(device, []).append(mark)
    assert marks == expected, f"the journal has other changes than those acknowledged: {_differences(marks, expected)}"
    for name, count, least, most, last in journal.read(
        "SELECT name, COUNT(*), MIN(number), MAX(number), last FROM seen JOIN view ON view.id = view GROUP BY view"
    ):
        assert (least, most, last) == (1, count, count), f"the numbers of {name} have gaps"
    return states, journal.last


def _entries(stand: Stand, after: int) -> Iterator[Entry]:
    while found := stand.components.recorder.journal.entries(after, STEP):
        yield from found
        after = found[-1].sequence


def _differences(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[Any]:
    return [(each, left.get(each), right.get(each)) for each in {*left, *right} if left.get(each) != right.get(each)]


def _store_agrees(stand: Stand, states: Mapping[str, Any]) -> None:
    """Verify that the store has what the journal said last, in every placement, and knows where it stands."""
    store, profile = stand.components.store, stand.components.profile
    devices = [device for block in device_blocks(store, 500) for device, _ in block]
    stored = {
        device.removeprefix("urn:uuid:"): json.loads(text_of(profile, triples) or "null")
        for device, triples in triples_in(store, profile, DEVICES, devices).items()
    }
    alive = {device: state for device, state in states.items() if state is not None}
    assert stored == alive, f"the store is not as the journal says: {_differences(stored, alive)}"
    assert [key for key, times in Counter(devices).items() if times > 1] == []
    audit = PlacementAudit(store, profile)
    assert [found for block in audit.blocks() for found in block.differences] == []
    journal, position = stand.components.recorder.journal, read_position(store)
    assert position is not None
    assert (position.identity, position.sequence) == (journal.identity, journal.last)
    assert stand.components.recorder.applied == journal.last
    rows = store.select(f"SELECT ?p ?o WHERE {{ {to_sparql(NODE)} ?p ?o }}", DatasetDescription(default=(GRAPH,)))
    assert len(rows) == 2, f"the store stands at several places: {rows}"


def _model(stand: Stand, ledger: Ledger) -> str:
    """Verify that one model is in force everywhere, one that may be, and return its name."""
    components, name = stand.components, stand.components.in_force.edition.name
    possible = ledger.models | {attempt.model for attempt in ledger.in_doubt.values() if attempt.model}
    assert not possible or name in possible, f"the model {name} is in force instead of one of {possible}"
    assert not model_change(components.store, components.profile)
    assert components.recorder.journal.of_kind(Kind.PUBLISH)[-1].model == name
    return name
