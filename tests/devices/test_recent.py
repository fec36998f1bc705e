"""Answers that are kept: for how long, and what ends them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pytest
from recorders import writer_of
from stand import ALICE, BOB, LOADER, A, B, device

from registry.access import account_graph, aggregator_graph
from registry.clock import Clock
from registry.devices.criteria import Listing
from registry.devices.reading import DeviceReader
from registry.devices.recent import Recent
from registry.devices.where import read_where
from registry.devices.writing import DeviceWriter
from registry.principal import Principal, Role
from registry.profile import load_profile
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet, Row
from sparql.terms import Iri, Literal, Quad

PROFILE = load_profile()
FIELDS = {field.name: field for field in PROFILE.visible(Role.SERVICE)}
AGGREGATOR = Principal(role=Role.AGGREGATOR, issuer="urn:x", subject="x", aggregator_id=A)
G, P, Q = Iri("urn:g"), Iri("urn:p"), Iri("urn:q")
SEEN = DatasetDescription(default=(G,))


class CountingStore(EmbeddedStore):
    """The embedded store, counting the queries that order a listing or count one."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self.asked = 0

    def select(self, query: str, dataset: DatasetDescription) -> Sequence[Row]:
        self.asked += "VALUES ?s" not in query
        return super().select(query, dataset)


class ForgetfulStore(CountingStore):
    """One that can't tell its versions, as a server of another make."""

    def version(self, graph: Iri, predicates: Collection[Iri] | None = None) -> int:
        return None  # type: ignore[return-value]  # what GraphStore allows


@pytest.fixture
def store() -> Iterator[CountingStore]:
    made = CountingStore()
    yield made
    made.close()


@pytest.fixture
def writer(store: CountingStore) -> DeviceWriter:
    writer = writer_of(store, PROFILE, DeviceReader(store, PROFILE), Clock())
    writer.create(LOADER, [device(1), device(2), device(3, aggregator_id=B, account_id=BOB)], single=False)
    return writer


def asked_again(store: CountingStore, reader: DeviceReader, principal: Principal, listing: Listing) -> int:
    before = store.asked
    reader.page(principal, listing)
    return store.asked - before


def test_a_repeated_page_does_not_ask_the_store_again(store: CountingStore, writer: DeviceWriter) -> None:
    reader = DeviceReader(store, PROFILE)
    listing = Listing(criteria=read_where('{"max_capacity":{"$gt":1}}', FIELDS))
    assert asked_again(store, reader, LOADER, listing) == 2
    assert asked_again(store, reader, LOADER, listing) == 0
    assert asked_again(store, reader, AGGREGATOR, listing) == 2
    assert asked_again(store, reader, LOADER, Listing(page=2)) == 1  # how many there are in all is known by now


@pytest.mark.parametrize(
    ("number", "change", "again"),
    [
        (1, {"max_capacity": 5}, 1),
        (1, {"device_name": "other"}, 0),
        (1, {"status": {"mode": "1"}}, 0),
        (1, {"serial_number": "x"}, 0),
        (3, {"max_capacity": 5}, 0),
        (1, {}, 0),
    ],
)
def test_a_change_ends_the_answers_that_depend_on_it(
    store: CountingStore, writer: DeviceWriter, number: int, change: dict[str, object], again: int
) -> None:
    reader = DeviceReader(store, PROFILE)
    listing = Listing(criteria=read_where('{"max_capacity":{"$gt":1}}', FIELDS))
    reader.page(AGGREGATOR, listing)
    writer.change(LOADER, str(device(number)["device_id"]), change, lambda _: True)
    assert asked_again(store, reader, AGGREGATOR, listing) == again


@pytest.mark.parametrize("verb", ["create", "delete", "move"])
def test_devices_that_come_and_go_end_every_answer(store: CountingStore, writer: DeviceWriter, verb: str) -> None:
    reader = DeviceReader(store, PROFILE)
    assert reader.page(AGGREGATOR, Listing()).total == 2
    match verb:
        case "create":
            writer.create(LOADER, [device(4)], single=True)
        case "delete":
            writer.delete(LOADER, device(1)["device_id"], lambda _: True)
        case "move":
            writer.change(LOADER, device(1)["device_id"], {"aggregator_id": B}, lambda _: True)
    assert reader.page(AGGREGATOR, Listing()).total == (3 if verb == "create" else 1)


def test_answers_are_as_fresh_as_the_values(store: CountingStore, writer: DeviceWriter) -> None:
    reader = DeviceReader(store, PROFILE)
    reader.page(AGGREGATOR, Listing())
    writer.change(LOADER, device(1)["device_id"], {"device_name": "renamed"}, lambda _: True)
    names = [each.document["device_name"] for each in reader.page(AGGREGATOR, Listing()).devices]
    assert names == ["renamed", "device 2"]


def test_a_load_ends_every_answer(store: CountingStore) -> None:
    kept = Recent(store)
    query = "SELECT ?s WHERE { ?s ?p ?o }"
    assert kept.rows(query, SEEN, [P]) == []
    store.load([Quad(Iri("urn:s"), P, Literal("x"), G)])
    assert kept.rows(query, SEEN, [P]) == [(Iri("urn:s"),)]


def test_a_store_without_versions_is_asked_every_time() -> None:
    store = ForgetfulStore()
    kept = Recent(store)
    for number in range(1, 4):
        kept.rows("SELECT ?s WHERE { ?s ?p ?o }", SEEN, [P])
        assert store.asked == number


def test_answers_belong_to_a_dataset(store: CountingStore) -> None:
    store.apply(ChangeSet(added=[Quad(Iri("urn:s"), P, Literal("x"), G)]))
    kept = Recent(store)
    query = "SELECT ?s WHERE { ?s ?p ?o }"
    assert len(kept.rows(query, SEEN, [P])) == 1
    assert kept.rows(query, DatasetDescription(), [P]) == []
    assert kept.rows(query, DatasetDescription(default=(Q,)), [P]) == []


def test_the_oldest_answers_are_dropped(store: CountingStore) -> None:
    kept = Recent(store, most_answers=2)

    def ask(name: str) -> int:
        before = store.asked
        kept.rows(f"SELECT ?{name} WHERE {{ ?{name} ?p ?o }}", SEEN, [P])
        return store.asked - before

    assert [ask(name) for name in "aabacab"] == [1, 0, 1, 0, 1, 0, 1]


def test_graphs_of_views_are_apart() -> None:
    names = [
        aggregator_graph(A),
        aggregator_graph(B),
        account_graph(A, ALICE),
        account_graph(A, BOB),
        account_graph(B, BOB),
    ]
    assert len(set(names)) == len(names)
    assert account_graph("a/account", "b") != account_graph("a", "account/b")
