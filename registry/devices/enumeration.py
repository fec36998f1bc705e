"""All devices, in the order of their creation, in blocks: memory stays flat however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from registry.devices.documents import node_iris
from registry.devices.reading import TRUTH
from registry.profile import Profile
from registry.vocabulary import CREATED
from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore
from sparql.terms import DATE_TIME, Iri, Literal, Triple, to_sparql

BLOCK = 10_000
"""Devices that are asked for at a time: the engine sorts what is left of them once a block."""

_FIRST = (Literal("-9999-01-01T00:00:00Z", DATE_TIME), "")


def count_devices(store: GraphStore) -> int:
    """Return how many devices there are."""
    query = f"SELECT (COUNT(?device) AS ?total) WHERE {{ ?device {to_sparql(CREATED)} ?created }}"
    ((total,),) = store.select(query, TRUTH)
    return int(total.lexical) if isinstance(total, Literal) else 0


def device_blocks(store: GraphStore, size: int, block: int = BLOCK) -> Iterator[Sequence[tuple[Iri, Literal]]]:
    """Yield all devices with their times of creation, in that order, at most `size` at a time.

    A device without a time of creation is none here. Devices that are added meanwhile are seen if they come last.
    """
    created, name = _FIRST
    while True:
        after = f"?created > {to_sparql(created)} || (?created = {to_sparql(created)} && STR(?device) > "
        rows = store.select(
            f"SELECT ?device ?created WHERE {{ ?device {to_sparql(CREATED)} ?created "
            f"FILTER({after}{to_sparql(Literal(name))})) }} ORDER BY ?created ?device LIMIT {block}",
            TRUTH,
        )
        found = [(Iri(str(device)), time) for device, time in rows if isinstance(time, Literal)]
        for start in range(0, len(found), size):
            yield found[start : start + size]
        if len(rows) < block:
            return
        name, created = str(found[-1][0]), found[-1][1]


def triples_in(store: GraphStore, profile: Profile, graph: Iri, devices: Iterable[Iri]) -> dict[Iri, frozenset[Triple]]:
    """Return device -> all its triples by what `graph` says of it, for those of which it says anything."""
    found = stored_triples_in(store, profile, graph, devices)
    return {device: profile.with_nodes(triples) for device, triples in found.items()}


def stored_triples_in(
    store: GraphStore, profile: Profile, graph: Iri, devices: Iterable[Iri]
) -> dict[Iri, frozenset[Triple]]:
    """Return device -> the triples in `graph` about it and the nodes that hold its values, as they stand there."""
    owners = {node: device for device in devices for node in node_iris(profile, device)}
    return triples_about(store, graph, owners)


def triples_about(store: GraphStore, graph: Iri, owners: Mapping[Iri, Iri]) -> dict[Iri, frozenset[Triple]]:
    """Return device -> the triples in `graph` about some of its nodes, for those of which there are any.

    Args:
        store: where they are.
        graph: the graph.
        owners: node -> its device.
    """
    values = " ".join(map(to_sparql, owners))
    query = f"SELECT ?s ?p ?o WHERE {{ VALUES ?s {{ {values} }} ?s ?p ?o }}"
    found: defaultdict[Iri, list[Triple]] = defaultdict(list)
    for row in store.select(query, DatasetDescription(default=(graph,))):
        triple = Triple(*row)  # type: ignore[arg-type]  # the pattern binds all three
        found[owners[triple.subject]].append(triple)
    return {device: frozenset(triples) for device, triples in found.items()}
