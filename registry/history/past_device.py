"""A device as one view showed it in a recorded state, by the model in force now.

What the model has no word for any more is absent: a field that is gone, a value of another kind than it has now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.access import placement
from registry.devices.device import Device
from registry.devices.documents import ABSENT, from_triples, put, value_at
from registry.journal.entry import State
from registry.journal.state import SEEN, triples_of
from registry.profile import Field, Profile
from sparql.terms import Iri, Triple


def triples_in_view(profile: Profile, state: State | None, device: Iri, view: Iri) -> frozenset[Triple]:
    """Return what stands in the graph of a view while a device has this state; nothing if it is out of view."""
    if state is None:
        return frozenset()
    said = readable(profile, state)
    if not all(name in said for name in ("aggregator_id", "account_id")):
        return frozenset()
    quads = placement(profile, triples_of(profile, said, device))
    return frozenset(quad.triple for quad in quads if quad.graph == view)


def device_in_view(profile: Profile, state: State | None, device: Iri, view: Iri) -> Device | None:
    """Return the device as a view shows it in this state; None if it is out of view."""
    triples = triples_in_view(profile, state, device, view)
    return Device(device, from_triples(profile, triples), triples) if triples else None


def readable(profile: Profile, state: Mapping[str, Any]) -> State:
    """Return what the model in force understands of a state, which may be one by another model."""
    said: State = {name: {} for name in profile.objects if isinstance(state.get(name), dict)}
    for field in profile.fields.values():
        value = value_at(state, field.names)
        if value is not ABSENT and _is_understood(field, value):
            put(said, field.names, value)
    return {**said, SEEN: state[SEEN]} if SEEN in state else said


def _is_understood(field: Field, value: Any) -> bool:
    """Tell whether a value comes back as it was: one of another kind is encoded as what breaks the field's shape."""
    values = value if field.multiple and isinstance(value, list) else [value]
    try:
        return all(field.codec.decode(field.codec.encode(each)) == each for each in values)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
