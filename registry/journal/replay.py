"""Brings a store to where the journal is: it applies what the store lacks, or makes the store anew.

Entries say what a device's state is, not what changed in the store, so that applying one twice does no harm. What a
publish changed is kept as a text until the store has it on its disk. Only the entries after the last publish that the
store lacks are worked out, by the model in force.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from registry.access import DEVICES, placement
from registry.devices.documents import device_iri
from registry.devices.enumeration import triples_in
from registry.journal.entry import Entry, Resource
from registry.journal.journal import Journal, Pending
from registry.journal.placed import PLACED, quads_of
from registry.journal.position import position_change, read_position
from registry.journal.state import triples_of
from registry.profile import Profile
from sparql.graph_store import ChangeSet, GraphStore
from sparql.nquads import to_nquads
from sparql.terms import Iri, Quad, Triple
from sparql.updates import data_update, quad_data

Model: TypeAlias = Callable[[GraphStore], Profile]
"""Returns the model that the data of a store is of, compiled."""

STEP = 500
"""Entries that are read at a time, and devices that are changed in one transaction."""
LOAD = 2_500
"""Devices that are loaded in one step into a new store."""

logger = logging.getLogger(__name__)


def catch_up(store: GraphStore, journal: Journal, model: Model) -> int:
    """Apply what `store`, which has a position in `journal`, lacks of it; return how many entries that were."""
    position = read_position(store)
    start = position.sequence if position else 0
    if start < journal.last:
        logger.info("the store lacks %s entries of the journal", f"{journal.last - start:,}")
    done = start
    for pending in journal.pending(start):
        _apply_entries(store, journal, model, done, pending.first - 1)
        _apply_pending(store, journal, pending)
        done = pending.last
    _apply_entries(store, journal, model, done, journal.last)
    if start < journal.last:
        store.flush()
    return journal.last - start


def load_all(store: GraphStore, journal: Journal, profile: Profile, say: Callable[[int], None]) -> int:
    """Load every device of the journal into a store without any, by `profile`; return how many they are.

    Args:
        say: told of the number of devices so far.
    """
    total = 0
    states = ((entry.device, entry.state_after) for found in journal.latest(STEP) for entry in found)
    alive = ((_iri(device), state) for device, state in states if device is not None and state is not None)
    while block := list(islice(alive, LOAD)):
        quads = [quad for iri, state in block for quad in placement(profile, triples_of(profile, state, iri))]
        store.load_nquads(to_nquads(quads))
        total += len(block)
        say(total)
    for resource in PLACED:
        found = journal.latest_of(resource)
        quads = [quad for each in found for quad in quads_of(resource, each.subject or "", each.state_after)]
        store.load_nquads(to_nquads(quads))
    store.apply(position_change(store, journal.identity, journal.last))
    store.compact()
    store.flush()
    return total


def _apply_entries(store: GraphStore, journal: Journal, model: Model, done: int, until: int) -> None:
    if done >= until:
        return
    profile = model(store)
    for entries in _batches(journal, done, until):
        after = {_iri(entry.device): entry for entry in entries if entry.device is not None}
        changes = [
            _change(profile, triples_in(store, profile, DEVICES, after), after),
            *_changes_of_others(entries),
            position_change(store, journal.identity, entries[-1].sequence),
        ]
        removed = [quad for each in changes for quad in each.removed]
        store.apply(ChangeSet(removed, [quad for each in changes for quad in each.added]))


def _batches(journal: Journal, done: int, until: int) -> Iterator[Sequence[Entry]]:
    while done < until and (found := journal.entries(done, min(STEP, until - done))):
        yield found
        done = found[-1].sequence


def _change(profile: Profile, before: Mapping[Iri, frozenset[Triple]], entries: Mapping[Iri, Entry]) -> ChangeSet:
    """Return the change to the states after `entries`, the last one of each device."""
    removed: list[Quad] = []
    added: list[Quad] = []
    for iri, entry in entries.items():
        state = entry.state_after
        was = placement(profile, before.get(iri, ()))
        will = placement(profile, triples_of(profile, state, iri)) if state is not None else frozenset()
        removed += was - will
        added += will - was
    return ChangeSet(removed, added)


def _changes_of_others(entries: Sequence[Entry]) -> Iterator[ChangeSet]:
    """Yield the changes of what is no device, from the state before the first entry of each to that after the last."""
    first: dict[tuple[Resource, str], Entry] = {}
    last: dict[tuple[Resource, str], Entry] = {}
    for entry in entries:
        if entry.subject is not None:
            first.setdefault((entry.resource, entry.subject), entry)
            last[entry.resource, entry.subject] = entry
    for (resource, subject), entry in last.items():
        was = quads_of(resource, subject, first[resource, subject].state_before)
        will = quads_of(resource, subject, entry.state_after)
        yield ChangeSet(was - will, will - was)


def _apply_pending(store: GraphStore, journal: Journal, pending: Pending) -> None:
    moved = position_change(store, journal.identity, pending.last)
    store.update(f"{pending.text} ; {data_update(quad_data(moved.removed), quad_data(moved.added))}")


def _iri(device: str | None) -> Iri:
    found = device_iri(device)
    if found is None:
        raise ValueError(f"the journal names a device {device!r}, which is no UUID")
    return found
