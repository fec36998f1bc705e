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
from registry.devices.listing_query import closer, count_query, page_query, predicates_of
from registry.devices.recent import Recent
from registry.errors import NotFound
from registry.principal import Principal
from registry.profile import Profile
from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore, Row
from sparql.terms import Iri, Literal, Triple, to_sparql

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
    """

    def __init__(self, store: GraphStore, profile: Profile) -> None:
        self._store = store
        self._profile = profile
        self._recent = Recent(store)
        self._cache = DeviceCache(store, self.read)

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
        scope = dataset(principal)
        used = predicates_of(self._profile, listing)
        counted = self._recent.rows(count_query(self._profile, listing.criteria), scope, used)
        ((total,),) = counted
        rows: Sequence[Row] = ()
        for part in closer(listing):
            rows = self._recent.rows(page_query(self._profile, part), scope, used)
            if len(rows) == listing.size:
                break
        devices = self._cache.read(scope, [Iri(str(row[0])) for row in rows])
        return Page(devices, int(total.lexical) if isinstance(total, Literal) else 0)

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
            Device(device, from_triples(self._profile, found[device]), frozenset(found[device]))
            for device in devices
            if device in found
        ]
