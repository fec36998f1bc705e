"""Windows in every copy of a device: the store, its audit, the journal, another model, and files agree."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from candidates import candidate, next_version
from click.testing import CliRunner
from stand import AGGREGATOR, ALICE, PROSUMER, A, Stand, device, running_stand

from registry.access import DEVICES, account_graph, aggregator_graph, placement
from registry.cli.export import export
from registry.cli.import_ import import_
from registry.devices.documents import device_iri, to_triples
from registry.devices.placement_audit import Difference, PlacementAudit
from registry.profile import Profile
from registry.publishing.founding import shipped_files
from registry.vocabulary import FLEX, TIME
from sparql.graph_store import ChangeSet
from sparql.terms import DATE_TIME, Iri, Literal, Quad

ONCE = {"begin": "2026-12-01T17:00:00Z", "end": "2026-12-01T19:30:00Z", "available_power": 3.5}
NIGHTS = {"days": ["monday", "friday"], "from": "22:00", "until": "06:00", "time_zone": "Europe/Zagreb"}
DOCUMENT = device(1, availability_windows=[ONCE, NIGHTS])
ID = DOCUMENT["device_id"]
IRI = Iri(f"urn:uuid:{ID}")
GRAPHS = (DEVICES, aggregator_graph(A), account_graph(A, ALICE))
AT = TIME.term("inXSDDateTimeStamp")


@pytest.fixture
def stand(stand: Stand) -> Stand:
    stand.add(DOCUMENT, device(2))
    return stand


@pytest.fixture
def own_stand(tmp_path: Path) -> Iterator[Stand]:
    """A registry that may get another model."""
    with running_stand(tmp_path / "data") as running:
        running.add(DOCUMENT, device(2))
        yield running


def differences(stand: Stand) -> list[Difference]:
    audit = PlacementAudit(stand.components.store, stand.components.profile)
    return [found for block in audit.blocks() for found in block.differences]


def heal(stand: Stand) -> None:
    audit = PlacementAudit(stand.components.store, stand.components.profile)
    for block in audit.blocks():
        stand.components.store.apply(audit.healing(block.differences))


def nodes(stand: Stand, graph: Iri) -> set[str]:
    """Return the fragments of the nodes of windows in a graph."""
    return {
        quad.subject.partition("#")[2] for quad in stand.dump() if quad.graph == graph and "#window" in quad.subject
    }


def test_nodes_stand_where_the_value_stands(stand: Stand) -> None:
    expected = {"window-1", "window-1-begin", "window-1-end", "window-2", "window-2-monday", "window-2-friday"}
    assert [nodes(stand, graph) for graph in GRAPHS] == [expected] * 3
    assert differences(stand) == []


CHANGES: list[Any] = [[NIGHTS], [ONCE], [NIGHTS, ONCE], [ONCE, ONCE, NIGHTS], None]


@pytest.mark.parametrize("windows", CHANGES)
def test_a_change_leaves_no_node_behind(stand: Stand, windows: Any) -> None:
    stand.patch(ID, {"availability_windows": windows}, PROSUMER)
    assert differences(stand) == []
    fresh = {quad for quad in stand.dump() if quad.subject.startswith(IRI)}
    whole = placement(stand.components.profile, {quad.triple for quad in fresh if quad.graph == DEVICES})
    assert fresh == whole
    assert len({name for name in nodes(stand, DEVICES) if name.count("-") == 1}) == len(windows or ())


def test_a_deleted_device_leaves_no_node(stand: Stand) -> None:
    assert stand.call("DELETE", f"/1/devices/{ID}", headers={"If-Match": stand.etag(ID)}).status_code == 204
    assert not any(quad.subject.startswith(IRI) for quad in stand.dump())


BEGIN, LEFT = Iri(f"{IRI}#window-1-begin"), Iri(f"{IRI}#window-9")
OTHER_TIME = Literal("2020-01-01T00:00:00Z", DATE_TIME)
DAMAGES: dict[str, Callable[[Quad], tuple[list[Quad], list[Quad]]]] = {
    "a_node_is_missing": lambda quad: ([quad], []),
    "a_node_says_more": lambda quad: ([], [quad._replace(object=OTHER_TIME)]),
    "a_node_says_something_else": lambda quad: ([quad], [quad._replace(object=OTHER_TIME)]),
    "a_node_is_left_over": lambda quad: ([], [quad._replace(subject=LEFT)]),
    "a_link_is_left_over": lambda quad: ([], [Quad(IRI, FLEX.term("availabilityWindow"), LEFT, quad.graph)]),
    "a_node_of_a_device_without_windows": lambda quad: (
        [],
        [quad._replace(subject=Iri(f"urn:uuid:{device(2)['device_id']}#window-1"))],
    ),
}


@pytest.mark.parametrize("graph", GRAPHS, ids=["truth", "aggregator", "account"])
@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_healed(stand: Stand, name: str, graph: Iri) -> None:
    whole = stand.dump()
    (quad,) = (each for each in whole if (each.subject, each.predicate, each.graph) == (BEGIN, AT, graph))
    removed, added = DAMAGES[name](quad)
    stand.components.store.apply(ChangeSet(removed=removed, added=added))
    found = differences(stand)
    assert {each.graph for each in found} == {graph}
    assert sum(len(each.missing) for each in found) == len(removed)
    assert sum(len(each.extra) for each in found) == len(added)
    heal(stand)
    assert stand.dump() == whole


def test_a_store_that_is_lost_is_made_good_from_the_journal(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_stand(data) as stand:
        stand.add(DOCUMENT)
        stand.patch(ID, {"availability_windows": [NIGHTS, ONCE]}, AGGREGATOR)
        before = stand.dump()
    (data / "store").rename(tmp_path / "lost")
    with running_stand(data) as stand:
        assert stand.dump() == before


def _shape(**edits: str) -> tuple[str, str]:
    """Return the property shape of the field, and the same with some texts in the place of others."""
    shapes = shipped_files().content["shapes/device.ttl"].decode()
    start = shapes.index("flexsh:availability_windows a sh:PropertyShape")
    old = new = shapes[start : shapes.index(" .\n", start) + 3]
    for text, other in edits.items():
        assert text in new
        new = new.replace(text, other)
    return old, new


def test_another_model_that_hides_the_windows_takes_their_nodes_out_of_view(own_stand: Stand) -> None:
    stand = own_stand
    rights = {
        "api:visibleTo": '"aggregator", "prosumer", "service"',
        "api:writableBy": '"aggregator", "prosumer", "service"',
    }
    edits = {f"{name} {value}": f'{name} "prosumer", "service"' for name, value in rights.items()}
    edit = _shape(**edits)
    outcome = stand.components.publisher.publish(candidate(next_version("major"), edits=(edit,)), "tests")
    assert outcome.rewritten == 1
    assert [bool(nodes(stand, graph)) for graph in GRAPHS] == [True, False, True]
    assert stand.get(f"/1/devices/{ID}/availability", PROSUMER).get_json() == {"windows": [ONCE, NIGHTS]}
    hidden = stand.get(f"/1/devices/{ID}/availability", AGGREGATOR)
    assert (hidden.status_code, "availability_windows" in hidden.text) == (404, False)
    assert differences(stand) == []


def test_an_axiom_about_windows_is_written_to_their_nodes(own_stand: Stand) -> None:
    stand = own_stand
    axioms = (
        'flex:during a owl:ObjectProperty ; rdfs:label "during"@en ; skos:definition "A time of a device."@en ;\n'
        "    rdfs:domain flex:Device ; rdfs:range time:ProperInterval .\n"
        "flex:availabilityWindow rdfs:subPropertyOf flex:during .\n"
        'flex:Offer a owl:Class ; rdfs:label "offer"@en ; skos:definition "What is offered."@en .\n'
        "flex:AvailabilityWindow rdfs:subClassOf flex:Offer .\n"
    )
    outcome = stand.components.publisher.publish(candidate(next_version("minor"), ontology=axioms), "tests")
    assert outcome.rewritten == 1
    found = {quad for quad in stand.dump() if quad.object == FLEX.term("Offer")}
    assert {(quad.subject, quad.graph) for quad in found} == {(Iri(f"{IRI}#window-1"), graph) for graph in GRAPHS}
    assert sum(quad.predicate == FLEX.term("during") for quad in stand.dump()) == 3
    assert differences(stand) == []


def test_validation_sees_windows_of_a_wrong_kind_in_the_triples(profile: Profile) -> None:
    iri = device_iri(ID)
    assert iri is not None
    field = profile.calendar_field
    assert field is not None
    wrong = to_triples(profile, {**DOCUMENT, field.name: "always"}, iri)
    assert {triple.object for triple in wrong if triple.predicate == field.predicate} == {Literal('"always"')}
    assert not any("#window" in triple.subject for triple in wrong)


@pytest.mark.parametrize("form", ["csv", "turtle"])
def test_files_carry_windows_from_one_registry_to_another(tmp_path: Path, form: str) -> None:
    runner, source, target = CliRunner(), tmp_path / "source.ndjson", tmp_path / f"copy.{form.replace('turtle', 'ttl')}"
    source.write_text(json.dumps(DOCUMENT))
    outputs = []
    for name, file in (("one", source), ("two", target)):
        data = ["--data", str(tmp_path / name)]
        loaded = runner.invoke(import_, [str(file), *data])
        assert loaded.exit_code == 0, loaded.output
        outputs.append(runner.invoke(export, ["--format", form, *data]).stdout)
        if name == "one":
            target.write_text(outputs[0])
    assert outputs[0] == outputs[1]
    assert "22:00" in outputs[0]
