"""The shapes of devices: sound SHACL, complete, in agreement with the ontology, and right about the examples."""

from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import OWL, RDF, RDFS, SH, SKOS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from registry.model_check.examples import expected_violation

ROOT = Path(__file__).parents[2]
EXAMPLES = Path(__file__).parent / "examples"
API = Namespace("https://w3id.org/flexcoop/api#")
FLEX = Namespace("https://w3id.org/flexcoop/cim#")
FLEXSH = Namespace("https://w3id.org/flexcoop/shapes#")
ROLES = {"aggregator", "prosumer", "service"}
PUBLISHED = [
    "device_id",
    "device_name",
    "status.setPoint",
    "status.mode",
    "status.x-fanspeed",
    "status.operationState",
    "account_id",
    "ven_id",
    "aggregator_id",
    "device_class",
    "availability",
    "marketplace_availability",
    "dr_availability",
    "location",
    "device_type",
    "max_capacity",
    "available_capacity",
    "vpp_id",
    "cluster_id",
    "cluster_type",
    "_created",
    "_updated",
]
REQUIRED = [
    "device_id",
    "device_name",
    "account_id",
    "ven_id",
    "aggregator_id",
    "device_class",
    "availability",
    "_created",
    "_updated",
]
CLIENTS_COULD_CHANGE = [
    "device_name",
    "availability",
    "location",
    "device_type",
    "max_capacity",
    "available_capacity",
    "cluster_id",
    "cluster_type",
    "vpp_id",
    "marketplace_availability",
    "dr_availability",
]
SERVICE_ALONE = [
    "device_id",
    "account_id",
    "ven_id",
    "aggregator_id",
    "device_class",
    "status.setPoint",
    "status.mode",
    "status.x-fanspeed",
    "status.operationState",
    "online",
    "last_seen",
    "state_of_charge",
]


def parse(*files: Path) -> Graph:
    graph = Graph()
    for file in files:
        graph.parse(file, format="turtle")
    return graph


SHAPES = parse(*ROOT.glob("shapes/*.ttl"))
ONTOLOGY = parse(*ROOT.glob("ontology/*.ttl"))
FIELDS = {str(name): shape for shape, name in SHAPES.subject_objects(API.field)}
EACH_FIELD = pytest.mark.parametrize("field", sorted(FIELDS))


def roles(field: str, predicate: URIRef) -> set[str]:
    return {str(role) for role in SHAPES.objects(FIELDS[field], predicate)}


def path(field: str) -> list[Node]:
    head = SHAPES.value(FIELDS[field], SH.path)
    assert head is not None
    return list(Collection(SHAPES, head)) if isinstance(head, BNode) else [head]


def test_shapes_conform_to_the_shapes_of_shacl() -> None:
    conforms, _, text = validate(Graph(), shacl_graph=parse(*ROOT.glob("shapes/*.ttl")), meta_shacl=True)
    assert conforms, text


def test_field_names_are_unique_and_every_property_shape_is_a_field_of_the_device() -> None:
    assert len(FIELDS) == len(list(SHAPES.subject_objects(API.field)))
    assert set(FIELDS.values()) == set(SHAPES.objects(FLEXSH.DeviceShape, SH.property))
    others = {shape for owner, shape in SHAPES.subject_objects(SH.property) if owner != FLEXSH.DeviceShape}
    assert set(FIELDS.values()) == set(SHAPES.subjects(RDF.type, SH.PropertyShape)) - others


@EACH_FIELD
def test_shape_is_named_after_its_field_and_says_what_people_need(field: str) -> None:
    shape = FIELDS[field]
    assert shape == FLEXSH[field.replace(".", "_").replace("-", "_")]
    for predicate in (SH.description, SH.message):
        (text,) = SHAPES.objects(shape, predicate)
        assert isinstance(text, Literal)
        assert text.language == "en"
    assert field in str(SHAPES.value(shape, SH.message))
    assert (SHAPES.value(shape, SH.group), RDF.type, SH.PropertyGroup) in SHAPES


@EACH_FIELD
def test_names_for_people_are_the_labels_of_the_property(field: str) -> None:
    # a location is named for the geometry, not for the WKT at the end of its path
    expected = set(ONTOLOGY.objects(path(field)[0 if field == "location" else -1], RDFS.label))
    assert set(SHAPES.objects(FIELDS[field], SH.name)) == expected


def test_orders_are_distinct() -> None:
    for kind in (SH.PropertyShape, SH.PropertyGroup):
        shapes = list(SHAPES.subjects(RDF.type, kind))
        assert len({SHAPES.value(shape, SH.order) for shape in shapes}) == len(shapes)


@EACH_FIELD
def test_path_has_defined_properties(field: str) -> None:
    for step in path(field):
        assert {OWL.ObjectProperty, OWL.DatatypeProperty} & set(ONTOLOGY.objects(step, RDF.type)), step
        assert [getattr(text, "language", "") for text in ONTOLOGY.objects(step, SKOS.definition)] == ["en"]


def test_the_last_step_of_a_path_belongs_to_one_field_alone() -> None:
    assert len({path(field)[-1] for field in FIELDS}) == len(FIELDS)


@EACH_FIELD
def test_datatype_is_the_range_of_the_property(field: str) -> None:
    datatype, stated = SHAPES.value(FIELDS[field], SH.datatype), ONTOLOGY.value(path(field)[-1], RDFS.range)
    if datatype is not None and stated is not None:
        assert datatype == stated


@EACH_FIELD
def test_codes_are_defined_and_unique_within_their_list(field: str) -> None:
    head = SHAPES.value(FIELDS[field], SH["in"])
    codes = [] if head is None else list(Collection(SHAPES, head))
    wire = [str(text) for code in codes for text in ONTOLOGY.objects(code, SKOS.notation)]
    assert len(wire) == len(set(wire)) == len(codes)
    assert all(ONTOLOGY.value(code, SKOS.definition) for code in codes)


def test_device_class_lists_every_class_with_a_code() -> None:
    head = SHAPES.value(FLEXSH.device_class, SH["in"])
    assert head is not None
    classes = {name for name in ONTOLOGY.subjects(SKOS.notation) if (name, RDF.type, OWL.Class) in ONTOLOGY}
    assert set(Collection(SHAPES, head)) == classes


def test_every_field_of_the_published_schema_is_there() -> None:
    assert set(PUBLISHED) <= set(FIELDS)


def test_exactly_these_are_required() -> None:
    assert {field for field in FIELDS if SHAPES.value(FIELDS[field], SH.minCount)} == set(REQUIRED)


def test_only_external_ids_is_a_list() -> None:
    assert [field for field in FIELDS if SHAPES.value(FIELDS[field], SH.maxCount) is None] == ["external_ids"]


@EACH_FIELD
def test_roles_are_known_and_nobody_writes_what_they_cannot_see(field: str) -> None:
    hidden_from = {"serial_number": {"aggregator"}, "external_ids": {"prosumer"}}.get(field, set())
    assert roles(field, API.visibleTo) == ROLES - hidden_from
    assert roles(field, API.writableBy) <= roles(field, API.visibleTo)
    assert ("service" in roles(field, API.writableBy)) == (not field.startswith("_"))


@pytest.mark.parametrize("field", CLIENTS_COULD_CHANGE)
def test_what_clients_could_change_every_role_can(field: str) -> None:
    assert roles(field, API.writableBy) == ROLES


@pytest.mark.parametrize("field", SERVICE_ALONE)
def test_what_the_service_alone_changes(field: str) -> None:
    assert roles(field, API.writableBy) == {"service"}


def report(file: Path) -> tuple[bool, Graph, str]:
    conforms, graph, text = validate(parse(file), shacl_graph=parse(*ROOT.glob("shapes/*.ttl")))
    assert isinstance(graph, Graph)
    return conforms, graph, text


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("conforms/*.ttl")), ids=lambda file: file.stem)
def test_conforms(file: Path) -> None:
    conforms, _, text = report(file)
    assert conforms, text


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("fails/*.ttl")), ids=lambda file: file.stem)
def test_fails_by_the_rule_in_its_name_alone(file: Path) -> None:
    expected = expected_violation(FIELDS, file.stem)
    assert expected is not None
    field, component = expected[0], SH[expected[1]]
    _, graph, text = report(file)
    assert set(graph.objects(None, SH.sourceShape)) == {FIELDS[field]}, text
    assert set(graph.objects(None, SH.sourceConstraintComponent)) == {component}, text
    assert set(graph.objects(None, SH.resultMessage)) == set(SHAPES.objects(FIELDS[field], SH.message))
