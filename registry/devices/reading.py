"""Devices as principals see them: one, or a page of many. No way around the principal's dataset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from registry.access import DEVICES, dataset
from registry.devices.criteria import Listing
from registry.devices.device import Device
from registry.devices.device_cache import DeviceCache
from registry.devices.documents import device_iri, from_triples, node_iris
from registry.devices.nearby import Nearby
from registry.devices.paging import Paging
from registry.devices.point_index import FEWEST_POINTS, PointIndex
from registry.devices.recent import Recent
from registry.devices.view import Limits, View
from registry.errors import NotFound
from registry.principal import Principal
from registry.profile import Profile
from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore
from sparql.terms import Iri, Triple, to_sparql

MOST_PASSING_ANSWERS = 200
MOST_PASSING_ITEMS = 20_000
"""Bounds of what is kept of listings whose criteria pass: it must not drive out what is asked again and again."""

TRUTH = DatasetDescription(default=(DEVICES,))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing: its devices, and how many the whole listing has."""

    devices: Sequence[Device]
    total: int


class DeviceReader:
    """Reads devices.

    Args:
        store: where their triples are.
        profile: the profile in force.
        limits: at how many devices a listing is found in another way.
        indexed_from: how many points a view must have for these to be indexed in memory.
    """

    def __init__(
        self,
        store: GraphStore,
        profile: Profile,
        limits: Limits | None = None,
        indexed_from: int = FEWEST_POINTS,
    ) -> None:
        self._store = store
        self._profile = profile
        self._limits = limits or Limits()
        self._recent = Recent(store)
        self._passing = Recent(store, MOST_PASSING_ANSWERS, MOST_PASSING_ITEMS)
        self._cache = DeviceCache(store, self.read)
        self._nearby = Nearby(PointIndex(store, self._recent, indexed_from))

    def get(self, principal: Principal, device_id: str) -> Device:
        """Return one device as `principal` sees it.

        Raises:
            NotFound: it doesn't exist, or not for this principal.
        """
        iri = device_iri(device_id)
        found = [] if iri is None else self.read(dataset(principal), [iri])
        if not found:
            raise NotFound("There is no such device.")
        return found[0]

    def page(self, principal: Principal, listing: Listing) -> Page:
        """Return one page of the devices that `principal` sees and that meet the listing's criteria."""
        total, devices = self.find(principal, listing)
        return Page(self._cache.read(dataset(principal), devices), total)

    def find(self, principal: Principal, listing: Listing) -> tuple[int, list[Iri]]:
        """Return how many devices `principal` sees that meet the listing's criteria, and the names of one page."""
        recent = self._passing if listing.passing else self._recent
        view = View(self._store, recent, self._profile, dataset(principal), self._limits)
        total, devices = self._nearby.find(view, listing) or Paging(view).find(listing)
        return total, list(devices)

    def read(self, scope: DatasetDescription, devices: Sequence[Iri]) -> list[Device]:
        """Return those of `devices` that exist in `scope`, in the order asked for."""
        if not devices:
            return []
        owners = {node: device for device in devices for node in node_iris(self._profile, device)}
        values = " ".join(map(to_sparql, owners))
        rows = self._store.select(f"SELECT ?s ?p ?o WHERE {{ VALUES ?s {{ {values} }} ?s ?p ?o }}", scope)
        found: defaultdict[Iri, list[Triple]] = defaultdict(list)
        for row in rows:
            triple = Triple(*row)  # type: ignore[arg-type]  # the pattern binds all three
            found[owners[triple.subject]].append(triple)
        return [
            Device(device, from_triples(self._profile, found[device]), self._profile.with_nodes(found[device]))
            for device in devices
            if device in found
        ]
