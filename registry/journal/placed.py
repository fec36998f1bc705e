"""What the journal keeps beside devices, and where it stands in the store: one pure function for each resource.

A resource is added here with the function that says what its state is in the store, and nowhere else of the journal:
recording, replay and rebuilding follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from registry.contracts.placement import contract_quads
from registry.journal.entry import Resource, State
from registry.vpps.placement import vpp_quads
from sparql.terms import Iri, Quad

QuadsOf: TypeAlias = Callable[[Iri, State], frozenset[Quad]]
"""Returns the quads of a subject in some state, in all graphs in which it may be seen."""

PLACED: Mapping[Resource, QuadsOf] = {Resource.CONTRACT: contract_quads, Resource.VPP: vpp_quads}
"""Resource -> where it stands."""


def quads_of(resource: Resource, subject: str, state: State | None) -> frozenset[Quad]:
    """Return the quads of a subject; none when it is gone."""
    return PLACED[resource](Iri(subject), state) if state is not None else frozenset()
