"""Which states of devices meet a subscription's class and conditions, as a listing of the view would find.

The states are put into a store in memory, just as the view's graph would hold them, and the ordinary listing is asked.
So there is one meaning of conditions. States of different devices are asked about together, as that costs little more
than asking about one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from registry.access import placement, view
from registry.devices.criteria import All, Listing
from registry.devices.documents import device_iri
from registry.devices.reading import DeviceReader
from registry.devices.where import read_where
from registry.errors import BadRequest
from registry.events.subscription import Subscription
from registry.journal.state import triples_of
from registry.principal import Principal
from registry.profile import Profile
from registry.profile.codecs import CodeCodec
from sparql.embedded import EmbeddedStore
from sparql.terms import TYPE, Iri, Quad

TOGETHER = 100
"""States that are asked about at once."""
KEPT = 2_000
"""States of which the answer is kept: the state after a change is the one before the next."""


class Selection:
    """The class and the conditions of a subscription, read by one profile for one role.

    Args:
        profile: the profile.
        principal: in whose view states are looked at.
        subscription: what is asked for.

    Raises:
        BadRequest: there is no such class, or the conditions can't be read.
    """

    def __init__(self, profile: Profile, principal: Principal, subscription: Subscription) -> None:
        self._profile = profile
        self._principal = principal
        self._graph = view(principal)
        self._class = _class(profile, principal, subscription.class_name)
        visible = {field.name: field for field in profile.visible(principal.role)}
        self._criteria = read_where(subscription.where, visible) if subscription.where else None
        self._known: dict[str, bool] = {}

    def of(self, states: Iterable[str | None]) -> dict[str, bool]:
        """Return recorded state -> whether it is in view and meets the subscription; None is passed over."""
        wanted = {state for state in states if state is not None}
        known = self._known = self._known if len(self._known) < KEPT else {}
        found = {state: known[state] for state in wanted if state in known}
        for layer in _layers(sorted(wanted - found.keys())):
            found |= self._asked(layer)
        known.update(found)
        return found

    def _asked(self, layer: dict[Iri, str]) -> dict[str, bool]:
        """Ask about states of different devices."""
        placed = {state: self._seen(device, state) for device, state in layer.items()}
        inside = {state: bool(quads) and self._of_class(quads) for state, quads in placed.items()}
        if self._criteria is None:
            return inside
        chosen = {device for device, state in layer.items() if inside[state]}
        met = self._met([quad for device in chosen for quad in placed[layer[device]]])
        return {state: device in met for device, state in layer.items()}

    def _met(self, quads: list[Quad]) -> set[Iri]:
        if not quads:
            return set()
        store = EmbeddedStore()
        store.load(quads)
        listing = Listing(criteria=self._criteria or All(), size=TOGETHER)
        page = DeviceReader(store, self._profile).page(self._principal, listing)
        store.close()
        return {device.iri for device in page.devices}

    def _seen(self, device: Iri, state: str) -> list[Quad]:
        try:
            quads = placement(self._profile, triples_of(self._profile, json.loads(state), device))
        except (KeyError, ValueError, TypeError, AttributeError):  # of another model, and nothing by this one
            return []
        return [quad for quad in quads if quad.graph == self._graph]

    def _of_class(self, quads: list[Quad]) -> bool:
        return self._class is None or any(each.predicate == TYPE and each.object == self._class for each in quads)


def _layers(states: list[str]) -> Iterator[dict[Iri, str]]:
    """Yield states so that no two of one device come together."""
    layers: list[dict[Iri, str]] = []
    times: dict[Iri, int] = {}
    for state in states:
        device = device_iri(json.loads(state).get("device_id"))
        if device is None:
            continue
        number = times.get(device, 0)
        times[device] = number + 1
        if number == len(layers):
            layers.append({})
        layers[number][device] = state
    for layer in layers:
        pairs = list(layer.items())
        yield from (dict(pairs[at : at + TOGETHER]) for at in range(0, len(pairs), TOGETHER))


def _class(profile: Profile, principal: Principal, name: str | None) -> Iri | None:
    """Return the class that a code or an IRI names, of those that devices can be of.

    Raises:
        BadRequest: it names none.
    """
    if name is None:
        return None
    field = profile.class_field
    codes = {}
    if field is not None and principal.role in field.visible_to and isinstance(field.codec, CodeCodec):
        codes = {**field.codec.aliases, **field.codec.codes}
    if name in codes:
        return codes[name]
    if Iri(name) in device_classes(profile):
        return Iri(name)
    listed = f"; codes are {', '.join(codes)}" if codes else ""
    raise BadRequest(f"class: there is no class {name[:200]!r} of devices in this model{listed}")


def device_classes(profile: Profile) -> frozenset[Iri]:
    """Return all classes of which devices can be, by what their fields state."""
    rows = profile.entailment.consequences.values()
    by_value = (types for row in rows for types in row.value_types.values())
    return profile.entailment.device_types.union(*(row.subject_types for row in rows), *by_value)
