"""Where a virtual power plant stands in the store: in the graphs of services and of its aggregator."""

from __future__ import annotations

from urllib.parse import quote

from registry.access import DEVICES, aggregator_graph
from registry.journal.entry import State
from registry.vocabulary import DCT, FLEX
from registry.vpps.vpp import from_state
from sparql.terms import TYPE, Iri, Literal, Namespace, Quad, Term

RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")


def vpp_quads(name: Iri, state: State) -> frozenset[Quad]:
    """Return the quads of a plant, whose IRI is a part of its state.

    A device is in it that has its `flex:plantId` as the value of its own field.
    """
    vpp = from_state(state)
    if vpp.iri != name:
        raise ValueError(f"<{name}> is not the plant {vpp.iri}")
    aggregator = Iri(f"https://w3id.org/flexcoop/aggregator/{quote(vpp.aggregator_id, safe='')}")
    stated: dict[Iri, Term] = {
        TYPE: FLEX.term("VirtualPowerPlant"),
        FLEX.term("plantId"): Literal(vpp.plant_id),
        FLEX.term("plantAggregator"): aggregator,
    }
    if vpp.name is not None:
        stated[RDFS.term("label")] = Literal(vpp.name)
    if vpp.description is not None:
        stated[DCT.term("description")] = Literal(vpp.description)
    graphs = (DEVICES, aggregator_graph(vpp.aggregator_id))
    return frozenset(Quad(vpp.iri, predicate, value, graph) for graph in graphs for predicate, value in stated.items())
