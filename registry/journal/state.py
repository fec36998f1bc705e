"""From a device's triples to the state that the journal keeps, and back.

Both ways go over the profile's fields alone. All that a device's triples say is in its document, but for the times at
which the views of some roles changed last, where these are older than the device's own (`registry.access.date`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from registry.access import BOOKKEEPING
from registry.devices.documents import from_triples, to_triples
from registry.journal.entry import State, What
from registry.profile import Profile
from registry.profile.codecs import DateTimeCodec
from registry.vocabulary import FLEX, MODIFIED
from sparql.terms import Iri, Quad, Triple

SEEN = "_seen"
"""The member that holds role's predicate -> time; no field has this name, as an underscore is the registry's."""

_CODEC = DateTimeCodec()


def local_name(predicate: Iri) -> str:
    """Return the name under which SEEN has the time that `predicate` states."""
    return predicate.removeprefix(FLEX.term(""))


_TIMES = {local_name(name): name for name in BOOKKEEPING - {MODIFIED}}


def state_of(profile: Profile, triples: Collection[Triple]) -> State:
    """Return what the journal keeps of a device with these triples, all of them."""
    state = from_triples(profile, triples)
    times = {each.predicate: _CODEC.decode(each.object) for each in triples if each.predicate in BOOKKEEPING}
    seen = {name: times[predicate] for name, predicate in _TIMES.items() if predicate in times}
    return {**state, SEEN: seen} if seen else state


def triples_of(profile: Profile, state: Mapping[str, Any], device: Iri) -> frozenset[Triple]:
    """Return all triples of the device that has this state."""
    document = {name: value for name, value in state.items() if name != SEEN}
    times = state.get(SEEN, {})
    kept = {Triple(device, _TIMES[name], _CODEC.encode(time)) for name, time in times.items() if name in _TIMES}
    return to_triples(profile, document, device) | kept


def text_of(profile: Profile, triples: Collection[Triple]) -> str | None:
    """Return the state of a device as JSON; None without triples."""
    return write(state_of(profile, triples)) if triples else None


def write(state: Mapping[str, Any]) -> str:
    """Write a state as JSON, in one line."""
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def views(was: Collection[Quad], will: Collection[Quad]) -> tuple[tuple[Iri, What], ...]:
    """Return the views, named by their graphs, that a change from one placement to another shows in, and how."""
    before, after = {quad.graph for quad in was}, {quad.graph for quad in will}
    touched = {quad.graph for quad in set(was) ^ set(will)}
    return tuple((graph, _what(graph in before, graph in after)) for graph in sorted(touched))


def _what(before: bool, after: bool) -> What:
    if before and after:
        return What.UPDATED
    return What.DELETED if before else What.CREATED
