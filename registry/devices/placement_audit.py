"""Verifies that the placements of all devices agree with the first of them, and tells what would make them agree.

Every device in the graph of devices is read with its copies in its other graphs, in blocks. What else these graphs
hold is then found by counting: a graph that has more triples than were accounted for holds a stray. What an older
ontology entailed is told from what only the first graph says by the ontology that was published in the store last.
Contracts stand in the same graphs; they are the journal's to make good, and passed over here.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from registry.access import AGREEMENTS, BOOKKEEPING, DEVICES, GRAPHS, placement
from registry.devices.documents import from_triples, node_iris, to_triples
from registry.devices.enumeration import device_blocks, stored_triples_in, triples_about
from registry.model_graphs import published_ontology
from registry.principal import Role
from registry.profile import Profile
from registry.profile.entailment import Axioms, Entailment
from registry.vocabulary import CREATED, MODIFIED
from sparql.dataset import DatasetDescription
from sparql.graph_store import ChangeSet, GraphStore
from sparql.terms import DATE_TIME, Iri, Literal, Quad, Triple, to_sparql

BLOCK = 250
"""Devices that are compared at a time, and healed in one atomic change."""

_DEVICE = re.compile(r"(urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(#.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Difference:
    """What is wrong with a device in one graph.

    Attributes:
        subject: the device, or a subject that is none.
        graph: where.
        missing: what should stand there.
        extra: what should not.
        reason: why, where that is not plain.
    """

    subject: Iri
    graph: Iri
    missing: frozenset[Triple] = frozenset()
    extra: frozenset[Triple] = frozenset()
    reason: str = ""


@dataclass(slots=True)
class Block:
    """The outcome for some devices: their triples in the first graph, and what is wrong in any."""

    devices: dict[Iri, frozenset[Triple]] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)


class PlacementAudit:
    """One pass over a store that nobody else is writing to.

    Args:
        store: what to verify.
        profile: the profile in force.
    """

    def __init__(self, store: GraphStore, profile: Profile) -> None:
        self._store = store
        self._profile = profile
        links = {item.path[0] for item in profile.fields.values() if len(item.path) > 1}
        former = Entailment(Axioms(published_ontology(store)), profile.fields.values()).predicates
        self._derived = profile.derived_predicates | links | (former - profile.visible_predicates(Role.SERVICE))
        self._accounted: Counter[Iri] = Counter()
        self._unplaceable: set[Iri] = set()

    def blocks(self) -> Iterator[Block]:
        """Yield what is found, block by block; a block's differences may be healed before the next is asked for."""
        for rows in device_blocks(self._store, BLOCK):
            times = dict(reversed(rows))
            found = stored_triples_in(self._store, self._profile, DEVICES, times)
            # A device with two times of creation comes twice: it counts where it came first.
            yield self._compared({iri: found[iri] for iri in times if _first_time(found[iri]) == times[iri]})
        if self._surplus(DEVICES):
            yield from self._undated()
        for graph in self._store.graphs():
            if graph.startswith(GRAPHS) and self._surplus(graph):
                yield from self._strays(graph)

    def healing(self, differences: Iterable[Difference]) -> ChangeSet:
        """Return the change that makes the other placements, and what is entailed, agree with the first graph.

        In the first graph itself only what follows from the fields is changed: the rest is nowhere else.
        """
        removed: list[Quad] = []
        added: list[Quad] = []
        for each in differences:
            added += [Quad(*triple, each.graph) for triple in each.missing]
            removed += [Quad(*triple, each.graph) for triple in each.extra if self._removable(each, triple)]
        return ChangeSet(removed=removed, added=added)

    def _removable(self, difference: Difference, triple: Triple) -> bool:
        if difference.graph == DEVICES:
            return triple.predicate in self._derived and difference.subject not in self._unplaceable
        return difference.subject not in self._unplaceable

    def _compared(self, devices: Mapping[Iri, frozenset[Triple]]) -> Block:
        """Compare `devices`, given as the first graph has them, with what they entail and with their copies."""
        block = Block(dict(devices))
        expected: defaultdict[Iri, dict[Iri, set[Triple]]] = defaultdict(dict)
        for device, triples in devices.items():
            self._accounted[DEVICES] += len(triples)
            try:
                whole = self._whole(device, triples)
                quads = placement(self._profile, whole)
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                self._unplaceable.add(device)
                reason = f"can't be read: {type(error).__name__} {error}"
                block.differences.append(Difference(device, DEVICES, reason=reason))
                continue
            for quad in quads:
                expected[quad.graph].setdefault(device, set()).add(quad.triple)
        for graph, copies in expected.items():
            found = devices if graph == DEVICES else self._copies(graph, copies)
            further = self._further(graph, copies)
            for device, triples_expected in copies.items():
                actual = found.get(device, frozenset()) | further.get(device, frozenset())
                if actual != triples_expected:
                    missing, extra = triples_expected - actual, actual - triples_expected
                    block.differences.append(Difference(device, graph, frozenset(missing), frozenset(extra)))
        return block

    def _whole(self, device: Iri, triples: frozenset[Triple]) -> frozenset[Triple]:
        """Return what the fields of a device say with all that it entails, and when it changed for whom."""
        times = {triple for triple in triples if triple.predicate in BOOKKEEPING - {MODIFIED}}
        return to_triples(self._profile, from_triples(self._profile, triples), device) | times

    def _further(self, graph: Iri, expected: Mapping[Iri, Iterable[Triple]]) -> dict[Iri, frozenset[Triple]]:
        """Return what `graph` says of the nodes that follow from devices' fields, beside those that hold values."""
        owners = {
            subject: device
            for device, triples in expected.items()
            for subject in {triple.subject for triple in triples}.difference(node_iris(self._profile, device))
        }
        found = triples_about(self._store, graph, owners) if owners else {}
        self._accounted[graph] += sum(map(len, found.values()))
        return found

    def _copies(self, graph: Iri, devices: Iterable[Iri]) -> dict[Iri, frozenset[Triple]]:
        found = stored_triples_in(self._store, self._profile, graph, devices)
        self._accounted[graph] += sum(map(len, found.values()))
        return found

    def _undated(self) -> Iterator[Block]:
        """Compare the devices that have no time of creation to be found by, and report what is no device."""
        owners: set[Iri] = set()
        others: list[Iri] = []
        for subject in self._subjects(DEVICES):
            owner = _owner(subject)
            if owner is None or subject not in node_iris(self._profile, owner):
                others.append(subject)
            else:
                owners.add(owner)
        for subjects in _cut(others):
            following = self._following({owner for subject in subjects if (owner := _owner(subject)) is not None})
            for subject in subjects:
                if subject not in following:
                    extra = self._triples(DEVICES, subject)
                    self._accounted[DEVICES] += len(extra)
                    yield Block({}, [Difference(subject, DEVICES, extra=extra, reason="is no device")])
        for names in _cut(sorted(owners)):
            found = stored_triples_in(self._store, self._profile, DEVICES, names)
            yield self._compared({iri: triples for iri, triples in found.items() if _first_time(triples) is None})

    def _strays(self, graph: Iri) -> Iterator[Block]:
        """Report what `graph` holds of devices that don't belong there, and of what is no device."""
        if graph == DEVICES:
            return
        for subjects in _cut(self._subjects(graph)):
            owners = {subject: Iri(subject.partition("#")[0]) for subject in subjects}
            at_home = self._at_home(graph, {owner for owner in owners.values() if _DEVICE.fullmatch(owner)})
            strays = [each for each in subjects if each not in at_home]
            yield Block(
                {},
                [
                    Difference(owners[each], graph, extra=self._triples(graph, each), reason="doesn't belong here")
                    for each in strays
                ],
            )

    def _following(self, devices: Iterable[Iri]) -> set[Iri]:
        """Return the nodes that follow from what the first graph says of devices, beside those that hold values."""
        found = stored_triples_in(self._store, self._profile, DEVICES, devices)
        return {each.subject for triples in found.values() for each in self._profile.with_nodes(triples) - triples}

    def _at_home(self, graph: Iri, devices: Iterable[Iri]) -> set[Iri]:
        """Return the nodes of those of `devices` whose placement includes `graph`."""
        nodes: set[Iri] = set()
        for device, triples in stored_triples_in(self._store, self._profile, DEVICES, devices).items():
            if device in self._unplaceable:
                continue
            placed = {
                quad.subject for quad in placement(self._profile, self._whole(device, triples)) if quad.graph == graph
            }
            if placed:
                nodes.update(node_iris(self._profile, device), placed)
        return nodes

    def _subjects(self, graph: Iri) -> list[Iri]:
        rows = self._store.select("SELECT DISTINCT ?s WHERE { ?s ?p ?o }", DatasetDescription(default=(graph,)))
        return [name for name in (Iri(str(row[0])) for row in rows) if not name.startswith(AGREEMENTS)]

    def _triples(self, graph: Iri, subject: Iri) -> frozenset[Triple]:
        query = f"SELECT ?p ?o WHERE {{ {to_sparql(subject)} ?p ?o }}"
        rows = self._store.select(query, DatasetDescription(default=(graph,)))
        return frozenset(Triple(subject, *row) for row in rows)  # type: ignore[arg-type]  # the pattern binds both

    def _surplus(self, graph: Iri) -> int:
        """Return how many triples of a graph are neither accounted for nor those of agreements."""
        surplus = self._count(graph, "?s ?p ?o") - self._accounted[graph]
        if surplus > 0:
            surplus -= self._count(graph, f'?s ?p ?o FILTER(STRSTARTS(STR(?s), "{AGREEMENTS}"))')
        return max(0, surplus)

    def _count(self, graph: Iri, pattern: str) -> int:
        query = f"SELECT (COUNT(*) AS ?total) WHERE {{ {pattern} }}"
        ((total,),) = self._store.select(query, DatasetDescription(default=(graph,)))
        return int(total.lexical) if isinstance(total, Literal) else 0


def _owner(subject: Iri) -> Iri | None:
    """Return the device of which a subject is a node, by its name; None if it is none."""
    match = _DEVICE.fullmatch(subject)
    return Iri(match[1]) if match else None


def _first_time(triples: Iterable[Triple]) -> Literal | None:
    """Return the time of creation by which a device is found first; None when it can't be found so."""
    times = [triple.object for triple in triples if triple.predicate == CREATED]
    dated = [time for time in times if isinstance(time, Literal) and time.datatype == DATE_TIME]
    return min(dated, key=lambda time: time.lexical, default=None)


def _cut(items: Sequence[Iri]) -> Iterator[Sequence[Iri]]:
    return (items[start : start + BLOCK] for start in range(0, len(items), BLOCK))
