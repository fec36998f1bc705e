"""Which quads of devices another model changes: what their values entail, and where these may be seen.

The truth of a device stays as it is, but for migrations and for what follows from its fields. Devices that the new
model places just as the old one are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from registry.access import BOOKKEEPING, DEVICES, date, placement
from registry.devices.documents import from_triples, to_triples
from registry.devices.enumeration import triples_in
from registry.devices.reading import TRUTH
from registry.journal.entry import What
from registry.journal.state import text_of, views
from registry.profile import Field, Profile
from registry.profile.codecs import CodeCodec
from registry.profile.entailment import Consequences
from registry.vocabulary import CREATED
from sparql.graph_store import ChangeSet, GraphStore
from sparql.terms import TYPE, Iri, Term, Triple, to_sparql


class Told(NamedTuple):
    """A change of what a device says: its states as the journal keeps them, and the views that it shows in."""

    before: str | None
    after: str | None
    seen: tuple[tuple[Iri, What], ...]


class Rewritten(NamedTuple):
    """A device's change as its texts: quads to delete and quads to insert, and what the journal is to say."""

    removed: str
    added: str
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a device.

    Attributes:
        triples: all that is true of it by the new model; empty when a migration has removed it.
        migrated: whether migrations say something else of it.
        readable: whether its fields can be read and tell where it belongs; else the triples are as they were found.
        quads: the difference, in all graphs.
        told: what the journal is to say of it; None where the device says the same as before.
    """

    triples: frozenset[Triple]
    migrated: bool
    readable: bool
    quads: ChangeSet
    told: Told | None = None


class Rewriting:
    """From one model to another.

    Args:
        store: with devices as the old model has them.
        migrated: with the same devices after migrations; the same store when there are none.
        old: the model in force.
        new: the candidate.
        now: the time of the change.
    """

    def __init__(self, store: GraphStore, migrated: GraphStore, old: Profile, new: Profile, now: Term) -> None:
        self._store = store
        self._migrated = migrated
        self._old = old
        self._new = new
        self._now = now

    def affected(self) -> list[Iri]:
        """Return the devices whose quads may change, in a stable order."""
        found: set[Iri] = set()
        if self._migrated is not self._store or not _same_everywhere(self._old, self._new):
            return sorted(self._with(f"?device {to_sparql(CREATED)} ?time"))
        for item in self._old.fields.values():
            after = next((each for each in self._new.fields.values() if each.path == item.path), None)
            if after is not None and not _placed_alike(self._old, self._new, item, after):
                found.update(self._with(_pattern(self._old, self._new, item, after)))
        return sorted(found)

    def changes(self, devices: Sequence[Iri]) -> Mapping[Iri, Change]:
        """Return what becomes of some devices."""
        before = triples_in(self._store, self._old, DEVICES, devices)
        after = before
        if self._migrated is not self._store:
            after = triples_in(self._migrated, self._new, DEVICES, devices)
        found = {}
        for device, triples in before.items():
            migrated = after.get(device, frozenset())
            try:
                whole, same = self._rewritten(device, triples, migrated) if migrated else (migrated, False)
                was, will = placement(self._old, triples), placement(self._new, whole)
                told = None if same else self._told(triples, whole, views(was, will))
            except (KeyError, ValueError, TypeError, AttributeError):
                found[device] = Change(migrated, True, False, ChangeSet())
            else:
                change = ChangeSet.between(was, will)
                found[device] = Change(whole, migrated != triples, True, change, told)
        return found

    def _told(self, before: frozenset[Triple], after: frozenset[Triple], seen: tuple[tuple[Iri, What], ...]) -> Told:
        return Told(text_of(self._old, before), text_of(self._new, after), seen)

    def _rewritten(
        self, device: Iri, before: frozenset[Triple], after: frozenset[Triple]
    ) -> tuple[frozenset[Triple], bool]:
        """Return the triples of a device by the new model, and whether it says the same as before.

        It is dated anew if anybody reads something else.
        """
        document = from_triples(self._new, after)
        whole = to_triples(self._new, document, device)
        if document == from_triples(self._old, before) and not self._seen_otherwise(before):
            return whole | {triple for triple in before if triple.predicate in BOOKKEEPING}, True
        return date(self._new, before, whole, device, self._now, self._old), False

    def _seen_otherwise(self, triples: Iterable[Triple]) -> bool:
        predicates = {triple.predicate for triple in triples}
        return any(
            self._old.by_predicate[name].visible_to != self._new.by_predicate[name].visible_to
            for name in predicates
            if name in self._old.by_predicate and name in self._new.by_predicate
        )

    def _with(self, pattern: str) -> Iterator[Iri]:
        rows = self._store.select(f"SELECT DISTINCT ?device WHERE {{ {pattern} }}", TRUTH)
        return (Iri(str(device)) for (device,) in rows)


def _same_everywhere(old: Profile, new: Profile) -> bool:
    """Tell whether the same follows for every device from its being one."""
    return old.entailment.consequences[TYPE] == new.entailment.consequences[TYPE]


def _placed_alike(old: Profile, new: Profile, was: Field, now: Field) -> bool:
    """Tell whether the values of a field are seen by the same roles and entail the same."""
    predicates = {*was.path}
    for codec in (was.codec, now.codec):
        predicates.update(codec.entailed_predicates, codec.node_predicates)
    rows = all(_row(old, name) == _row(new, name) for name in predicates)
    return rows and was.codec == now.codec and was.visible_to == now.visible_to


def _row(profile: Profile, predicate: Iri) -> Consequences:
    return profile.entailment.consequences.get(predicate, Consequences())


def _pattern(old: Profile, new: Profile, was: Field, now: Field) -> str:
    """Return the pattern of the devices with a value of the field that the new model places otherwise."""
    steps = " / ".join(map(to_sparql, was.path))
    before, after = _row(old, was.predicate), _row(new, was.predicate)
    by_value = isinstance(was.codec, CodeCodec) and before._replace(value_types={}) == after._replace(value_types={})
    if not by_value or was.visible_to != now.visible_to:
        return f"?device {steps} ?value"
    names = {*before.value_types, *after.value_types}
    other = [name for name in sorted(names) if before.value_types.get(name) != after.value_types.get(name)]
    return f"VALUES ?value {{ {' '.join(map(to_sparql, other))} }} ?device {steps} ?value"
