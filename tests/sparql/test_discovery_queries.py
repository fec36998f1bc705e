"""Every discovery query on the demo's devices, beside what plain Python finds in their documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from math import asin, cos, floor, radians, sin, sqrt
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from demo.households import sample_devices
from registry.access import aggregator_graph, placement
from registry.devices.documents import device_iri, to_triples
from registry.profile import Profile, load_profile
from registry.vocabulary import FLEX
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_formats import to_term
from sparql.graph_store import ChangeSet, Row
from sparql.scanner import scan
from sparql.terms import Iri, Literal, Quad

QUERIES = Path(__file__).parents[2] / "sparql" / "queries"
AGGREGATOR = "coop-girona.example"
ONTOLOGY, SHAPES = Iri("https://w3id.org/flexcoop/cim"), Iri("https://w3id.org/flexcoop/shapes")
TIME = "2026-11-23T06:39:22.000000Z"
SUBCLASSES = {
    "Device": {"FlexibleLoad", "Generator", "StorageDevice", "MonitoringDevice"},
    "FlexibleLoad": {"HvacDevice", "LightingLoad", "DhwDevice", "EvCharger", "OtherLoad"},
    "HvacDevice": {"HeatPump"},
    "Generator": {"PvDevice"},
    "StorageDevice": {"BatteryDevice"},
    "MonitoringDevice": {"MeteringDevice", "SensingDevice"},
}

Document: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


def with_windows(documents: Iterable[Document]) -> list[Document]:
    """Return documents with availability windows: most begin and end around the times that a query asks about."""
    return [
        {
            **document,
            "availability_windows": [
                {"days": ["tuesday"], "from": "18:00", "until": "20:00", "time_zone": "Europe/Madrid"},
                {"begin": f"2026-12-01T{15 + number % 4}:00:00Z", "end": f"2026-12-01T{18 + number % 3}:00:00Z"}
                | ({"available_power": number / 2} if number % 2 else {}),
            ],
        }
        if number % 5
        else document
        for number, document in enumerate(documents)
    ]


SAMPLES = with_windows(sample_devices())


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return [document for document in SAMPLES if document["aggregator_id"] == AGGREGATOR]


@pytest.fixture(scope="module")
def store(profile: Profile) -> EmbeddedStore:
    store = EmbeddedStore()
    quads: list[Quad] = []
    for document in SAMPLES:
        iri = device_iri(document["device_id"])
        assert iri is not None
        quads += placement(profile, to_triples(profile, {**document, "_created": TIME, "_updated": TIME}, iri))
    for name, graph in ((ONTOLOGY, profile.ontology), (SHAPES, profile.shapes)):
        for triple in graph:
            try:
                subject, predicate, value = map(to_term, triple)
            except ValueError:
                continue  # the lists of shapes are blank nodes, which no discovery query asks for
            assert isinstance(subject, Iri)
            assert isinstance(predicate, Iri)
            quads.append(Quad(subject, predicate, value, name))
    store.apply(ChangeSet(added=quads))
    return store


def dataset() -> DatasetDescription:
    graphs = (aggregator_graph(AGGREGATOR), ONTOLOGY, SHAPES)
    return DatasetDescription(default=graphs, named=graphs)


def plain(row: Row) -> tuple[Any, ...]:
    return tuple(_value(term) for term in row)


def _value(term: Iri | Literal | None) -> Any:
    if term is None:
        return None
    if isinstance(term, Iri):
        return str(term).removeprefix(FLEX).removeprefix("urn:uuid:")
    match str(term.datatype).rpartition("#")[2]:
        case "double" | "decimal" | "integer":
            return pytest.approx(float(term.lexical))
        case "boolean":
            return term.lexical == "true"
    return term.lexical


def rows(documents: Iterable[Document], holds: Callable[[Document], bool], *values: Callable[[Document], Any]) -> Rows:
    return [tuple(value(each) for value in values) for each in documents if holds(each)]


def field(name: str) -> Callable[[Document], Any]:
    return lambda document: document.get(name)


def class_of(document: Document) -> str:
    name: str = document["device_class"]
    return name[0].upper() + name[1:]


def classes(name: str) -> set[str]:
    """Return a class and all its subclasses."""
    return {name}.union(*(classes(each) for each in SUBCLASSES.get(name, ())))


def is_a(name: str) -> Callable[[Document], bool]:
    return lambda document: class_of(document) in classes(name)


def metres(document: Document, longitude: float, latitude: float) -> float:
    """Return the distance on a sphere, by the haversine formula."""
    east, north = document["location"]["coordinates"]
    half = sin(radians(north - latitude) / 2) ** 2
    half += cos(radians(north)) * cos(radians(latitude)) * sin(radians(east - longitude) / 2) ** 2
    return 2 * 6_371_008.8 * asin(sqrt(half))


def devices_of_a_class(documents: list[Document]) -> Rows:
    return rows(documents, is_a("HeatPump"), field("device_id"), field("device_name"), field("max_capacity"))


def devices_of_a_superclass(documents: list[Document]) -> Rows:
    return rows(documents, lambda _: True, field("device_id"), class_of, is_a("FlexibleLoad"))


def devices_within_a_distance(documents: list[Document]) -> Rows:
    def distance(document: Document) -> float:
        return metres(document, 2.8214, 41.9794)

    def near(document: Document) -> bool:
        return is_a("FlexibleLoad")(document) and distance(document) <= 5000

    return rows(documents, near, field("device_id"), field("device_name"), distance)


def devices_in_an_area(documents: list[Document]) -> Rows:
    def inside(document: Document) -> bool:
        east, north = document["location"]["coordinates"]
        return bool(2.7 < east < 2.9 and 41.9 < north < 42.05)

    def coordinate(index: int) -> Callable[[Document], float]:
        return lambda document: float(document["location"]["coordinates"][index])

    return rows(documents, inside, field("device_id"), class_of, coordinate(1), coordinate(0))


def free_power_in_time(documents: list[Document]) -> Rows:
    """No contracts are there; tests/contracts/test_free_capacity.py has some."""
    found = []
    for each in documents:
        power = each.get("available_capacity", each.get("max_capacity"))
        if power is not None and power > 0:
            found.append(
                (each["device_id"], class_of(each), pytest.approx(power), pytest.approx(0), pytest.approx(power))
            )
    return found


def devices_by_free_capacity(documents: list[Document]) -> Rows:
    def share(document: Document) -> float | None:
        maximum = document.get("max_capacity")
        return None if maximum is None else document["available_capacity"] / maximum

    def free(document: Document) -> bool:
        return bool(document.get("available_capacity", 0) >= 1)

    return rows(documents, free, field("device_id"), class_of, field("available_capacity"), share)


def capacity_by_class(documents: list[Document]) -> Rows:
    groups: defaultdict[str, list[Document]] = defaultdict(list)
    for document in documents:
        groups[class_of(document)].append(document)
    return [
        (
            name,
            len(members),
            sum("max_capacity" in each for each in members),
            sum(each.get("max_capacity", 0) for each in members),
            sum(each.get("available_capacity", 0) for each in members),
        )
        for name, members in groups.items()
    ]


def capacity_by_area(documents: list[Document]) -> Rows:
    cells: defaultdict[tuple[float, float], list[float]] = defaultdict(list)
    for document in documents:
        if "available_capacity" in document:
            east, north = document["location"]["coordinates"]
            cells[floor(north * 10) / 10, floor(east * 10) / 10].append(document["available_capacity"])
    return [(*cell, len(members), sum(members)) for cell, members in cells.items()]


def unknown_capacity(documents: list[Document]) -> Rows:
    def unknown(document: Document) -> bool:
        return "max_capacity" not in document and not is_a("MonitoringDevice")(document)

    return rows(documents, unknown, class_of, field("device_id"), field("device_name"))


def flexibility_in_time(documents: list[Document]) -> Rows:
    def quick(document: Document) -> bool:
        upwards = document.get("flexibility_direction") in ("up", "both")
        return upwards and document["ramp_up_time"] <= 30 and not document.get("manual_override")

    available = field("available_capacity")
    return rows(
        documents, quick, field("device_id"), class_of, field("ramp_up_time"), field("delivery_period"), available
    )


def on_the_marketplace_and_available(documents: list[Document]) -> Rows:
    names = ("marketplace_availability", "dr_availability", "availability")

    def offered(document: Document) -> bool:
        return all(document.get(name) == "yes" for name in names)

    return rows(documents, offered, field("device_id"), field("account_id"), class_of, field("available_capacity"))


def stale_status(documents: list[Document]) -> Rows:
    before = datetime.fromisoformat("2026-11-23T06:00:00Z")

    def stale(document: Document) -> bool:
        seen = document.get("last_seen")
        return seen is not None and (datetime.fromisoformat(seen) < before or document.get("online") is False)

    def seen(document: Document) -> str:
        return str(document["last_seen"]).replace(".000000", "")

    return rows(documents, stale, field("device_id"), field("ven_id"), seen, field("online"))


def stale_devices(documents: list[Document]) -> Rows:
    now = datetime.now(UTC)

    def limit(document: Document) -> str:
        return "P1D" if class_of(document) == "SensingDevice" else "PT30M"

    def stale(document: Document) -> bool:
        seen = document.get("last_seen")
        longest = timedelta(days=1) if limit(document) == "P1D" else timedelta(minutes=30)
        return seen is None or datetime.fromisoformat(seen) < now - longest

    def seen(document: Document) -> str | None:
        return str(document["last_seen"]).replace(".000000", "") if "last_seen" in document else None

    return rows(documents, stale, field("device_id"), field("ven_id"), class_of, seen, limit)


def devices_available_in_a_time(documents: list[Document]) -> Rows:
    def window(document: Document) -> Mapping[str, Any]:
        single = [each for each in document.get("availability_windows", ()) if "begin" in each]
        return single[0] if single else {"begin": "9999", "end": ""}

    def covers(document: Document) -> bool:
        begin, end = str(window(document)["begin"]), str(window(document)["end"])
        return begin <= "2026-12-01T17:00:00Z" and end >= "2026-12-01T19:00:00Z"

    values = [lambda document, name=name: window(document).get(name) for name in ("begin", "end", "available_power")]
    return rows(documents, covers, field("device_id"), class_of, *values)


def nameplates_in_saref(documents: list[Document]) -> Rows:
    found = [each for each in documents if each.get("manufacturer") == "Ventalia"]
    return [
        (each["device_id"], each.get("model"), identifier)
        for each in found
        for identifier in (each["device_id"], *each.get("external_ids", []))
    ]


def classes_with_labels(documents: list[Document]) -> Rows:
    labels = {
        "Device": "dispositivo",
        "FlexibleLoad": "carga flexible",
        "Generator": "generador",
        "StorageDevice": "dispositivo de almacenamiento",
        "MonitoringDevice": "dispositivo de monitorización",
        "HvacDevice": "dispositivo de climatización",
        "HeatPump": "bomba de calor",
        "LightingLoad": "carga de iluminación",
        "DhwDevice": "dispositivo de agua caliente sanitaria",
        "EvCharger": "cargador de vehículos eléctricos",
        "OtherLoad": "otra carga",
        "PvDevice": "instalación fotovoltaica",
        "BatteryDevice": "batería",
        "MeteringDevice": "dispositivo de medida",
        "SensingDevice": "sensor",
    }
    parents = {child: parent for parent, children in SUBCLASSES.items() for child in children}
    return [(name, label, parents.get(name), sum(map(is_a(name), documents))) for name, label in labels.items()]


EXPECTED: dict[str, Callable[[list[Document]], Rows]] = {
    each.__name__: each
    for each in (
        devices_of_a_class,
        devices_of_a_superclass,
        devices_within_a_distance,
        devices_in_an_area,
        devices_by_free_capacity,
        free_power_in_time,
        capacity_by_class,
        capacity_by_area,
        unknown_capacity,
        flexibility_in_time,
        on_the_marketplace_and_available,
        stale_status,
        stale_devices,
        devices_available_in_a_time,
        nameplates_in_saref,
        classes_with_labels,
    )
}


def test_every_file_is_expected() -> None:
    assert {path.stem for path in QUERIES.glob("*.rq")} == set(EXPECTED)


def _by_names(row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(str(value) for value in row if isinstance(value, str) or value is None) or tuple(
        f"{value.expected if hasattr(value, 'expected') else value:.4f}" for value in row
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_query(name: str, store: EmbeddedStore, documents: list[Document]) -> None:
    text = (QUERIES / f"{name}.rq").read_text()
    found = [plain(row) for row in store.select(text, dataset())]
    wanted = EXPECTED[name](documents)
    assert found
    assert sorted(wanted, key=_by_names) == sorted(found, key=_by_names)


@pytest.mark.parametrize("name", EXPECTED)
def test_file(name: str) -> None:
    text = (QUERIES / f"{name}.rq").read_text()
    title, answers, *_ = text.splitlines()
    assert title.startswith("# ")
    assert answers.startswith("# ")
    assert "arameter" in text.partition("PREFIX")[0]
    assert scan(text).form == "SELECT"


ORDERS: dict[str, Callable[[tuple[Any, ...]], Any]] = {
    "devices_within_a_distance": lambda row: row[2].expected,
    "devices_by_free_capacity": lambda row: -row[2].expected,
    "free_power_in_time": lambda row: -row[4].expected,
    "capacity_by_area": lambda row: -row[3].expected,
    "stale_status": lambda row: row[2],
}


@pytest.mark.parametrize("name", ORDERS)
def test_order(name: str, store: EmbeddedStore) -> None:
    found = [plain(row) for row in store.select((QUERIES / f"{name}.rq").read_text(), dataset())]
    keys = [ORDERS[name](row) for row in found]
    assert keys == sorted(keys)


def test_another_aggregators_devices_are_not_found(store: EmbeddedStore) -> None:
    others = {each["device_id"] for each in sample_devices() if each["aggregator_id"] != AGGREGATOR}
    for path in QUERIES.glob("*.rq"):
        for row in store.select(path.read_text(), dataset()):
            assert not others.intersection(value for value in plain(row) if isinstance(value, str))


def test_the_documentation_lists_every_query_and_prefix(profile: Profile) -> None:
    documentation = (QUERIES.parents[1] / "docs" / "sparql.md").read_text()
    links = [f"[{path.stem}](../sparql/queries/{path.name})" for path in QUERIES.glob("*.rq")]
    prefixes = [f"| `{prefix}` | `{name}` |" for prefix, name in profile.prefixes.items()]
    assert [each for each in links + prefixes if each not in documentation] == []
