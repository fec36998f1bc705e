"""A class and a property added in Turtle alone: what was asked before finds them at once, through both doors."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from rdflib import RDF, Graph, URIRef
from sparql_stand import sparql_stand
from stand import AGGREGATOR, ALICE, BOB, PROSUMER, SERVICE, A, Caller, Stand, device

from registry.principal import Role
from registry.profile.compilation import MODEL
from registry.publishing import founding
from registry.settings import SandboxSection
from registry.vocabulary import FLEX

POOL = """
@prefix flex: <https://w3id.org/flexcoop/cim#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ex: <https://example.com/pools#> .

flex:PoolPump a owl:Class ; rdfs:subClassOf flex:FlexibleLoad, ex:Pump ;
    rdfs:label "pool pump"@en ; skos:notation "poolPump" .
ex:Circulator owl:equivalentClass flex:PoolPump .
flex:maxCapacity rdfs:subPropertyOf ex:power .
flex:serialNumber rdfs:subPropertyOf ex:mark .
flex:model rdfs:subPropertyOf ex:mark .
"""
PUMP = device(1, device_class="poolPump", max_capacity=1.5, serial_number="secret", model="Aqua")
HEATER = device(2)
ID = PUMP["device_id"]
OTHER = Caller(role=Role.PROSUMER, host=A, account=BOB)


def extended(folder: Path) -> Path:
    """Write the shipped model with a class more to `folder`."""
    for name in ("ontology", "shapes"):
        shutil.copytree(MODEL / name, folder / name)
    (folder / "ontology" / "pool.ttl").write_text(POOL)
    shapes = folder / "shapes" / "device.ttl"
    text = shapes.read_text()
    assert text.count("flex:SensingDevice\n") == 1
    shapes.write_text(text.replace("flex:SensingDevice\n", "flex:SensingDevice flex:PoolPump\n"))
    return folder


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = extended(tmp_path_factory.mktemp("model"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(founding, "MODEL", folder)
        section = SandboxSection(workers=1, memory=512 * 2**20)
        with sparql_stand(tmp_path_factory.mktemp("registry"), sandbox=section) as made:
            made.add(PUMP, HEATER, device(3, device_class="pvDevice"))
            yield made


def ask(stand: Stand, text: str, caller: Caller) -> set[str]:
    """Return the values of the only variable of a query."""
    headers = {"Accept": "text/csv"}
    answer = stand.get(f"/sparql?{urlencode({'query': text})}", caller, headers=headers, buffered=True)
    assert answer.status_code == 200, answer.text
    return set(answer.text.split()[1:])


@pytest.mark.parametrize("caller", [SERVICE, AGGREGATOR, PROSUMER], ids=lambda caller: caller.role)
@pytest.mark.parametrize(
    "superclass",
    [
        "flex:FlexibleLoad",
        "saref:Device",
        "openadr:Resource",
        "<https://example.com/pools#Pump>",
        "<https://example.com/pools#Circulator>",
    ],
)
def test_queries_for_a_superclass_find_the_new_class(stand: Stand, caller: Caller, superclass: str) -> None:
    found = ask(stand, f"SELECT ?id {{ ?device a {superclass} ; flex:deviceId ?id }}", caller)
    assert ID in found
    assert (HEATER["device_id"] in found) == ("pools" not in superclass)


def test_who_does_not_see_the_device_finds_nothing(stand: Stand) -> None:
    assert ask(stand, "SELECT ?device { ?device a flex:FlexibleLoad }", OTHER) == set()


@pytest.mark.parametrize("caller", [SERVICE, AGGREGATOR, PROSUMER], ids=lambda caller: caller.role)
def test_the_rest_door_lists_the_new_class_and_says_its_superclasses(stand: Stand, caller: Caller) -> None:
    listed = stand.get("/1/devices", caller).json
    assert listed is not None
    assert {item["device_class"] for item in listed["_items"]} == {"poolPump", "dhwDevice", "pvDevice"}
    chosen = stand.get('/1/devices?where={"device_class":"poolPump"}', caller).json
    assert chosen is not None
    assert [item["device_id"] for item in chosen["_items"]] == [ID]
    turtle = stand.get(f"/1/devices/{ID}", caller, headers={"Accept": "text/turtle"}).text
    types = set(Graph().parse(data=turtle, format="turtle").objects(URIRef(f"urn:uuid:{ID}"), RDF.type))
    wanted = {
        FLEX.term("PoolPump"),
        FLEX.term("FlexibleLoad"),
        FLEX.term("Device"),
        "https://saref.etsi.org/core/Device",
    }
    assert set(map(URIRef, wanted)) <= types


def test_a_super_property_is_asked_for_like_the_property(stand: Stand) -> None:
    text = "SELECT ?power { ?device <https://example.com/pools#power> ?power }"
    assert ask(stand, text, AGGREGATOR) == {"1.5"}
    stand.patch(ID, {"max_capacity": 2.5}, PROSUMER)
    assert ask(stand, text, AGGREGATOR) == {"2.5"}
    stand.patch(ID, {"max_capacity": 1.5}, PROSUMER)


@pytest.mark.parametrize(
    ("caller", "marks"),
    [(SERVICE, {"secret", "Aqua"}), (PROSUMER, {"secret", "Aqua"}), (AGGREGATOR, {"Aqua"})],
    ids=["service", "prosumer", "aggregator"],
)
def test_a_super_property_tells_nothing_of_hidden_fields(stand: Stand, caller: Caller, marks: set[str]) -> None:
    assert ask(stand, "SELECT ?mark { ?device <https://example.com/pools#mark> ?mark }", caller) == marks
    turtle = stand.get(f"/1/devices/{ID}", caller, headers={"Accept": "text/turtle"}).text
    assert ("secret" in turtle) == ("secret" in marks)


def test_a_deleted_device_leaves_nothing_of_what_it_entailed(stand: Stand) -> None:
    before = stand.dump()
    stand.add(device(9, device_class="poolPump", account_id=ALICE, status={"mode": "1"}, serial_number="x", model="y"))
    path = f"/1/devices/{device(9)['device_id']}"
    answer = stand.call("DELETE", path, headers={"If-Match": stand.etag(device(9)["device_id"])})
    assert answer.status_code == 204
    assert stand.dump() == before
