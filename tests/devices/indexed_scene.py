"""A registry's store of which one reader finds places by an index and another one by queries."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from device_strategies import created
from recorders import writer_of
from stand import ALICE, LOADER, A, B, device

from registry.access import placement
from registry.clock import Clock
from registry.devices.criteria import Listing
from registry.devices.documents import to_triples
from registry.devices.reading import DeviceReader, Page
from registry.devices.where import read_where
from registry.principal import Principal, Role
from registry.profile import load_profile
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_store import Row
from sparql.terms import Iri

PROFILE = load_profile()
FIELDS = {field.name: field for field in PROFILE.visible(Role.SERVICE)}
AGGREGATORS = {
    name: Principal(role=Role.AGGREGATOR, issuer="urn:x", subject="x", aggregator_id=name) for name in (A, B)
}
PROSUMER = Principal(role=Role.PROSUMER, issuer="urn:x", subject="x", aggregator_id=A, account_id=ALICE)
VIEWS = (LOADER, *AGGREGATORS.values(), PROSUMER)
PLACES = ((2.0, 41.0), (2.0, 41.001), (2.003, 41.0), (180.0, 10.0), (-179.999, 10.0), (0.0, 90.0))


class CountingStore(EmbeddedStore):
    """The embedded store, counting queries that read points and the rows that came back."""

    points = 0

    def select(self, query: str, dataset: DatasetDescription) -> Sequence[Row]:
        rows = super().select(query, dataset)
        self.points += len(rows) if "?point" in query else 0
        return rows


class ForgetfulStore(CountingStore):
    """One that can tell that something changed, and not what."""

    def changed_since(self, version: int, graph: Iri, predicates: Collection[Iri]) -> None:
        return None


class Scene:
    """A store whose devices are found with an index and without one."""

    def __init__(self, store: CountingStore | None = None) -> None:
        self.store = store or CountingStore()
        self.indexed = DeviceReader(self.store, PROFILE, indexed_from=0)
        self.plain = DeviceReader(self.store, PROFILE, indexed_from=10**9)
        self.writer = writer_of(self.store, PROFILE, self.plain, Clock())

    def add(self, *documents: Mapping[str, Any]) -> None:
        self.writer.create(LOADER, documents, single=False)

    def change(self, number: int, **changes: Any) -> None:
        self.writer.change(LOADER, device(number)["device_id"], changes, lambda _: True)

    def load(self, document: Mapping[str, Any]) -> None:
        triples = to_triples(PROFILE, created(dict(document), 1), Iri(f"urn:uuid:{document['device_id']}"))
        self.store.load(placement(PROFILE, triples))

    def delete(self, number: int) -> None:
        self.writer.delete(LOADER, device(number)["device_id"], lambda _: True)

    def same(self, listing: Listing, principals: Sequence[Principal] = VIEWS) -> list[Page]:
        """Return the pages, which both ways of finding them agree on."""
        pages = [self.indexed.page(each, listing) for each in principals]
        assert pages == [self.plain.page(each, listing) for each in principals]
        return pages


def at(longitude: float, latitude: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude]}


def near(
    longitude: float, latitude: float, metres: float, conditions: Mapping[str, Any] | None = None, **more: Any
) -> Listing:
    place = {"$near": {"$geometry": at(longitude, latitude), "$maxDistance": metres}}
    return Listing(criteria=read_where(json.dumps({"location": place, **(conditions or {})}), FIELDS), **more)


def ids(page: Page) -> str:
    return "".join(each.document["device_id"][-1] for each in page.devices)
