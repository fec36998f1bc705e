"""Brings a store to where the journal is: it applies what the store lacks, or makes the store anew.

Entries say what a device's state is, not what changed in the store, so that applying one twice does no harm. What a
publish changed is kept as a text until the store has it on its disk. Only the entries after the last publish that the
store lacks are worked out, by the model in force.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from sparql.terms import Iri, Triple
from sparql.updates import data_update, quad_data

Model: TypeAlias = Callable[[GraphStore], Profile]
"""Returns the model that the data of a store is of, compiled."""

STEP = 500
"""Entries that are read at a time, and devices that are changed in one transaction."""
LOAD = 2_500
"""Devices that are loaded in one step into a new store."""

logger = logging.getLogger(__name__)


def catch_up(store: GraphStore, journal: Journal, model: Model) -> int:
    """Apply what `store`, which has a position in `journal`, lacks of it; return how many entries that were.

    A store that stands before the first entry may be half made: then it is brought to the latest state of each device.
    """
    position = read_position(store)
    start = position.sequence if position else 0
    if start == journal.last:
        return 0
    logger.info("the store lacks %s entries of the journal", f"{journal.last - start:,}")
    if start == 0:
        load_all(store, journal, model(store))
    else:
        _apply(store, journal, model, start)
        store.flush()
        journal.settle()
    return journal.last - start


def load_all(store: GraphStore, journal: Journal, profile: Profile, say: Callable[[int], None] = lambda _: None) -> int:
    """Have the store hold what the journal says last of each device, by `profile`; return how many devices there are.

    What the store holds of them already is taken into account, so that this can be done again when it was cut short.

    Args:
        store: with the model, and a position on its disk.
        journal: the journal.
        profile: the model that the last entries are of.
        say: told of the number of devices so far.
    """
    total = 0
    for found in journal.latest(LOAD):
        entries = {_iri(entry.device): entry for entry in found}
        before = triples_in(store, profile, DEVICES, entries)
        _load(store, ChangeSet.together(_changes_of_devices(profile, before, entries)))
        total += sum(entry.after is not None for entry in found)
        say(total)
    for resource in PLACED:
        latest = journal.latest_of(resource)
        quads = {quad for each in latest for quad in quads_of(resource, each.subject or "", each.state_after)}
        _load(store, ChangeSet(added=quads))
    store.apply(position_change(store, journal.identity, journal.last))
    store.compact()
    store.flush()
    return total


def _load(store: GraphStore, change: ChangeSet) -> None:
    """Make a change, by the engine's fastest way if it only adds."""
    if change.removed:
        store.apply(change)
    elif change.added:
        store.load_nquads(to_nquads(change.added))


def _apply(store: GraphStore, journal: Journal, model: Model, done: int) -> None:
    for pending in journal.pending(done):
        _apply_entries(store, journal, model, done, pending.first - 1)
        _apply_pending(store, journal, pending)
        done = pending.last
    _apply_entries(store, journal, model, done, journal.last)
    store.apply(position_change(store, journal.identity, journal.last))  # also where the last numbers were taken back


def _apply_entries(store: GraphStore, journal: Journal, model: Model, done: int, until: int) -> None:
    if done >= until:
        return
    profile = model(store)
    for entries in _batches(journal, done, until):
        after = {_iri(entry.device): entry for entry in entries if entry.device is not None}
        changes = [
            *_changes_of_devices(profile, triples_in(store, profile, DEVICES, after), after),
            *_changes_of_others(entries),
            position_change(store, journal.identity, entries[-1].sequence),
        ]
        store.apply(ChangeSet.together(changes))


def _batches(journal: Journal, done: int, until: int) -> Iterator[Sequence[Entry]]:
    while done < until and (found := journal.entries(done, min(STEP, until - done))):
        yield found
        done = found[-1].sequence


def _changes_of_devices(
    profile: Profile, before: Mapping[Iri, frozenset[Triple]], entries: Mapping[Iri, Entry]
) -> Iterator[ChangeSet]:
    """Yield the changes to the states after `entries`, the last one of each device."""
    for iri, entry in entries.items():
        state = entry.state_after
        was = placement(profile, before.get(iri, ()))
        will = placement(profile, triples_of(profile, state, iri)) if state is not None else frozenset()
        yield ChangeSet.between(was, will)


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
        yield ChangeSet.between(was, will)


def _apply_pending(store: GraphStore, journal: Journal, pending: Pending) -> None:
    moved = position_change(store, journal.identity, pending.last)
    store.update(f"{pending.text} ; {data_update(quad_data(moved.removed), quad_data(moved.added))}")


def _iri(device: str | None) -> Iri:
    found = device_iri(device)
    if found is None:
        raise ValueError(f"the journal names a device {device!r}, which is no UUID")
    return found
