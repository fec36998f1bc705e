"""`der-registry check`: every kind of damage is found and named, and --rebuild heals what the truth can heal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from device_strategies import created, documents
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph
from recorders import writer_of

from demo.households import devices
from registry.access import DEVICES, GRAPHS, account_graph, aggregator_graph, placement
from registry.cli.check import check
from registry.cli.import_ import import_
from registry.clock import Clock
from registry.devices.documents import device_iri, from_triples, node_iris, to_triples
from registry.devices.placement_audit import PlacementAudit
from registry.devices.reading import DeviceReader
from registry.model_graphs import publish_model
from registry.principal import Principal, Role
from registry.profile import Profile, compile_profile
from registry.profile.compilation import MODEL
from registry.vocabulary import CREATED, DEVICE, FLEX
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet, GraphStore
from sparql.terms import TYPE, Iri, Literal, Quad, Triple

DOCUMENTS = list(devices(30, 2, 7))
FIRST, OTHER = DOCUMENTS[0], DOCUMENTS[-1]
DEVICE_IRI = Iri(f"urn:uuid:{FIRST['device_id']}")
AGGREGATOR = aggregator_graph(FIRST["aggregator_id"])
ACCOUNT = account_graph(FIRST["aggregator_id"], FIRST["account_id"])
ELSEWHERE = account_graph(OTHER["aggregator_id"], OTHER["account_id"])
STRANGER = Iri("urn:uuid:00000000-0000-4000-8000-000000000009")


@contextmanager
def opened(data: Path) -> Iterator[GraphStore]:
    store = EmbeddedStore(data / "store")
    try:
        yield store
    finally:
        store.close()


def content(store: GraphStore, graph: Iri) -> set[Quad]:
    rows = store.select("SELECT ?s ?p ?o WHERE { ?s ?p ?o }", DatasetDescription(default=(graph,)))
    return {Quad(*Triple(*row), graph) for row in rows}  # type: ignore[arg-type]  # the pattern binds all three


def about(store: GraphStore, graph: Iri, predicate: Iri) -> list[Quad]:
    return [quad for quad in content(store, graph) if (quad.subject, quad.predicate) == (DEVICE_IRI, predicate)]


def removed(graph: Iri, predicate: Iri) -> Callable[[GraphStore], ChangeSet]:
    return lambda store: ChangeSet(removed=about(store, graph, predicate))


def added(*quads: Quad) -> Callable[[GraphStore], ChangeSet]:
    return lambda _: ChangeSet(added=quads)


def misplaced(store: GraphStore) -> ChangeSet:
    """Move a device's copy to the account of another."""
    copies = [quad for quad in content(store, ACCOUNT) if quad.subject.startswith(DEVICE_IRI)]
    return ChangeSet(removed=copies, added=[quad._replace(graph=ELSEWHERE) for quad in copies])


NAME = FLEX.term("deviceName")
IDENTIFIER = Iri("https://saref.etsi.org/core/hasIdentifier")
DAMAGES: dict[str, tuple[Callable[[GraphStore], ChangeSet], Iri, str]] = {
    "a_quad_is_missing_in_the_aggregators_graph": (removed(AGGREGATOR, NAME), AGGREGATOR, "missing"),
    "a_quad_is_missing_in_the_accounts_graph": (removed(ACCOUNT, NAME), ACCOUNT, "missing"),
    "a_quad_is_missing_in_the_first_graph": (removed(DEVICES, NAME), AGGREGATOR, "extra"),
    "a_quad_too_many": (added(Quad(DEVICE_IRI, NAME, Literal("x"), AGGREGATOR)), AGGREGATOR, "extra"),
    "a_predicate_of_no_field": (added(Quad(DEVICE_IRI, Iri("urn:x:p"), Literal("x"), ACCOUNT)), ACCOUNT, "extra"),
    "a_field_that_the_role_may_not_see": (
        added(Quad(DEVICE_IRI, FLEX.term("serialNumber"), Literal("1"), AGGREGATOR)),
        AGGREGATOR,
        "extra",
    ),
    "a_node_of_no_field": (added(Quad(Iri(f"{DEVICE_IRI}#x"), NAME, Literal("x"), ACCOUNT)), ACCOUNT, "extra"),
    "a_device_without_truth": (added(Quad(STRANGER, TYPE, DEVICE, AGGREGATOR)), AGGREGATOR, "extra"),
    "a_subject_that_is_no_device": (added(Quad(Iri("urn:x:s"), NAME, Literal("x"), ACCOUNT)), ACCOUNT, "extra"),
    "a_graph_of_nobody": (
        added(Quad(DEVICE_IRI, NAME, Literal("x"), Iri(f"{GRAPHS}aggregator/nobody"))),
        Iri(f"{GRAPHS}aggregator/nobody"),
        "extra",
    ),
    "a_device_in_another_account": (misplaced, ELSEWHERE, "extra"),
    "a_superclass_is_missing": (
        lambda store: ChangeSet(
            removed=[quad for quad in about(store, DEVICES, TYPE) if quad.object == FLEX.term("FlexibleLoad")]
        ),
        DEVICES,
        "missing",
    ),
    "a_class_that_does_not_follow": (
        added(*(Quad(DEVICE_IRI, TYPE, FLEX.term("Generator"), graph) for graph in (DEVICES, AGGREGATOR, ACCOUNT))),
        DEVICES,
        "extra",
    ),
    "a_super_property_is_missing": (removed(AGGREGATOR, IDENTIFIER), AGGREGATOR, "missing"),
    "a_super_property_is_missing_in_the_first_graph": (removed(DEVICES, IDENTIFIER), DEVICES, "missing"),
    "a_super_property_that_does_not_follow": (
        added(Quad(DEVICE_IRI, IDENTIFIER, Literal("x"), DEVICES)),
        DEVICES,
        "extra",
    ),
    "a_hidden_value_under_a_super_property": (
        added(Quad(DEVICE_IRI, IDENTIFIER, Literal("secret"), AGGREGATOR)),
        AGGREGATOR,
        "extra",
    ),
    "the_type_of_a_node_is_missing": (
        lambda store: ChangeSet(
            removed=[
                quad
                for quad in content(store, DEVICES)
                if (quad.subject, quad.predicate) == (Iri(f"{DEVICE_IRI}#location"), TYPE)
            ]
        ),
        DEVICES,
        "missing",
    ),
    "the_time_of_creation_is_missing": (removed(DEVICES, CREATED), AGGREGATOR, "extra"),
    "a_second_time_of_creation": (
        lambda store: ChangeSet(
            added=[quad._replace(object=_earlier(quad.object)) for quad in about(store, AGGREGATOR, CREATED)]
        ),
        AGGREGATOR,
        "extra",
    ),
}
"""Name -> what is done, in which graph it shows, and how."""


def _earlier(time: object) -> Literal:
    assert isinstance(time, Literal)
    return time._replace(lexical=f"2001{time.lexical[4:]}")


def run(data: Path, *options: str) -> Result:
    result = CliRunner().invoke(check, [*options, "--data", str(data)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "d.ndjson"
    file.write_text("".join(json.dumps(each) + "\n" for each in DOCUMENTS), encoding="utf-8")
    CliRunner().invoke(import_, [str(file), "--data", str(tmp_path)])
    return tmp_path


def test_sound_data_agree(data: Path) -> None:
    assert FIRST["device_class"] in ("evCharger", "heatPump", "hvacDevice", "dhwDevice", "lightingLoad", "otherLoad")
    result = run(data, "--validate")
    assert (result.exit_code, result.stdout) == (0, "30 devices checked: all copies agree\n")


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_healed(name: str, data: Path) -> None:
    damage, graph, how = DAMAGES[name]
    with opened(data) as store:
        change = damage(store)
        assert change, "there is nothing to damage"
        store.apply(change)
    found = run(data)
    assert found.exit_code == 1
    assert f"in <{graph}>" in found.stdout
    assert any(line.startswith(f"  {how}") for line in found.stdout.splitlines())
    healed = run(data, "--rebuild")
    assert (healed.exit_code, healed.stdout.splitlines()[-1]) == (0, "30 devices checked: all copies agree")
    assert run(data).exit_code == 0


OLDER = """
@prefix flex: <https://w3id.org/flexcoop/cim#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

flex:deviceName rdfs:subPropertyOf <urn:old:name> .
flex:serialNumber rdfs:subPropertyOf <urn:old:name> ; rdfs:domain <urn:old:Numbered> .
flex:FlexibleLoad rdfs:subClassOf <urn:old:Load> .
flex:status owl:inverseOf <urn:old:statusOf> .
"""
"""What an older ontology had more; it lacked the alignments."""


def older(profile: Profile) -> Profile:
    ontology = Graph(bind_namespaces="none").parse(MODEL / "ontology" / "flexcoop.ttl", format="turtle")
    return compile_profile(ontology.parse(data=OLDER, format="turtle"), profile.shapes)


def test_a_store_of_an_older_model_is_rebuilt(data: Path, profile: Profile) -> None:
    old = older(profile)
    with opened(data) as store:
        expected = {graph: content(store, graph) for graph in store.graphs() if graph.startswith(GRAPHS)}
        times = {each.subject: each.object for each in about_all(store, CREATED)}
        store.apply(ChangeSet(removed=[quad for quads in expected.values() for quad in quads]))
        for document in DOCUMENTS:
            iri = device_iri(document["device_id"]) or Iri()
            whole = placement(old, to_triples(old, from_triples(old, about_one(expected[DEVICES], iri, profile)), iri))
            assert Quad(iri, CREATED, times[iri], DEVICES) in whole
            store.load(whole)
        publish_model(store, old)
        assert {graph: content(store, graph) for graph in expected} != expected
    found = run(data, "--most", "2000")
    assert found.exit_code == 1
    assert "missing <" in found.stdout
    assert "extra   " in found.stdout
    for name in ("urn:old:name", "urn:old:Load", "urn:old:statusOf", "https://saref.etsi.org/core/Device"):
        assert f"<{name}>" in found.stdout
    assert run(data, "--rebuild").exit_code == 0
    with opened(data) as store:
        assert {graph: content(store, graph) for graph in expected} == expected


def about_all(store: GraphStore, predicate: Iri) -> list[Quad]:
    return [quad for quad in content(store, DEVICES) if quad.predicate == predicate]


def about_one(quads: set[Quad], device: Iri, profile: Profile) -> list[Triple]:
    nodes = node_iris(profile, device)
    return [quad.triple for quad in quads if quad.subject in nodes]


def test_a_change_of_a_device_of_an_older_model_brings_what_it_entails_now(data: Path, profile: Profile) -> None:
    """The truth is whole after a change; the copies are the rebuild's."""
    with opened(data) as store:
        store.apply(ChangeSet(removed=[quad for quad in content(store, DEVICES) if quad.predicate == IDENTIFIER]))
        writer = writer_of(store, profile, DeviceReader(store, profile), Clock(), data)
        service = Principal(role=Role.SERVICE, issuer="urn:x", subject="x")
        writer.change(service, FIRST["device_id"], {"device_name": "another"}, lambda _: True)
        assert about(store, DEVICES, IDENTIFIER)
    assert run(data, "--rebuild").exit_code == 0


def test_graphs_that_are_gone_are_rebuilt(data: Path) -> None:
    with opened(data) as store:
        before = {graph: content(store, graph) for graph in store.graphs() if graph.startswith(GRAPHS)}
        copies = [quad for graph, quads in before.items() if graph != DEVICES for quad in quads]
        store.apply(ChangeSet(removed=copies))
    result = run(data, "--rebuild", "--most", "3")
    assert result.exit_code == 0
    assert "… and 57 more" in result.stdout
    with opened(data) as store:
        assert {graph: content(store, graph) for graph in before} == before


@pytest.mark.parametrize(
    ("quad", "reason"),
    [
        (Quad(DEVICE_IRI, Iri("urn:x:p"), Literal("x"), DEVICES), "extra"),
        (Quad(Iri("urn:x:s"), NAME, Literal("x"), DEVICES), "is no device"),
        (Quad(DEVICE_IRI, FLEX.term("maxCapacity"), Literal("much"), DEVICES), "could not convert string to float"),
    ],
    ids=["of_no_field", "of_no_device", "of_no_value"],
)
def test_what_only_the_truth_says_is_reported_and_kept(quad: Quad, reason: str, data: Path) -> None:
    with opened(data) as store:
        store.apply(ChangeSet(removed=about(store, DEVICES, FLEX.term("maxCapacity")), added=[quad]))
        before = content(store, DEVICES)
    result = run(data, "--rebuild")
    assert result.exit_code == 1
    assert reason in result.stdout
    with opened(data) as store:
        assert content(store, DEVICES) == before


def test_the_copies_of_a_device_that_has_no_place_are_kept(data: Path) -> None:
    with opened(data) as store:
        store.apply(ChangeSet(removed=about(store, DEVICES, FLEX.term("aggregator"))))
        before = content(store, AGGREGATOR)
    result = run(data, "--rebuild")
    assert result.exit_code == 1
    assert "can't be read" in result.stdout
    with opened(data) as store:
        assert content(store, AGGREGATOR) == before


def test_validation_judges_by_the_shapes(data: Path) -> None:
    with opened(data) as store:
        wrong = [Quad(DEVICE_IRI, NAME, Literal("x", language="en"), graph) for graph in (DEVICES, AGGREGATOR, ACCOUNT)]
        names = [quad for graph in (DEVICES, AGGREGATOR, ACCOUNT) for quad in about(store, graph, NAME)]
        store.apply(ChangeSet(removed=names, added=wrong))
    result = run(data, "--validate")
    assert result.exit_code == 1
    assert f'{DEVICE_IRI}: {{"device_name": "must be of string type"}}' in result.stdout


def test_a_store_in_use_and_one_that_is_not_there_are_errors(data: Path, tmp_path: Path) -> None:
    with opened(data):
        assert "in use by another process" in run(data).stderr
    assert run(tmp_path / "none").exit_code == 2
    assert not (tmp_path / "none").exists()


@given(data=st.data())
def test_whatever_is_placed_agrees(data: st.DataObject, profile: Profile) -> None:
    found = data.draw(st.lists(documents(profile), min_size=1, max_size=4, unique_by=lambda each: each["device_id"]))
    store = EmbeddedStore()
    for number, document in enumerate(found):
        triples = to_triples(profile, created(document, number // 2), device_iri(document["device_id"]) or Iri())
        store.load(placement(profile, triples))
    blocks = list(PlacementAudit(store, profile).blocks())
    assert sum(len(block.devices) for block in blocks) == len(found)
    assert [difference for block in blocks for difference in block.differences] == []
