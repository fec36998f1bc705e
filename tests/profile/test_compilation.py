"""Compiling a profile: what the Turtle says becomes fields, and what can't be seen as fields is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph

from registry.principal import Role
from registry.profile import Field, Profile, ProfileError, compile_profile, load_profile
from registry.profile.codecs import CodeCodec, IriCodec
from registry.vocabulary import FLEX
from sparql.terms import TYPE, Iri

MODEL = (Path(__file__).parent / "model.ttl").read_text()
SHIPPED = load_profile()
EACH_FIELD = pytest.mark.parametrize("field", SHIPPED.fields.values(), ids=lambda field: field.name)


def compiled(text: str) -> Profile:
    graph = Graph(bind_namespaces="none").parse(data=text, format="turtle")
    return compile_profile(graph, graph)


def test_fields_stand_in_the_order_of_the_shapes() -> None:
    assert list(compiled(MODEL).fields) == [
        *("_created", "_updated", "status.mode", "tags"),
        *("device_id", "account_id", "aggregator_id", "device_class"),
    ]


def test_a_field_is_what_its_shape_says() -> None:
    profile = compiled(MODEL)
    inner, tags, kind = profile.fields["status.mode"], profile.fields["tags"], profile.fields["device_class"]
    assert inner.path == (FLEX.term("status"), FLEX.term("mode"))
    assert (inner.names, inner.predicate) == (("status", "mode"), FLEX.term("mode"))
    assert (inner.required, inner.multiple, inner.default) == (False, False, None)
    assert (tags.multiple, kind.multiple) == (True, False)
    assert kind.default == "lamp"
    assert (profile.identity.required, profile.identity.label) == (True, "identifier")
    assert profile.version == "https://example.com/model/7"


def test_a_service_sees_every_field_and_other_roles_those_that_name_them() -> None:
    profile = compiled(MODEL)
    assert {field.name for field in profile.visible(Role.SERVICE)} == set(profile.fields)
    assert [field.name for field in profile.visible(Role.PROSUMER)] == [
        "status.mode", "device_id", "account_id", "device_class",
    ]  # fmt: skip
    assert profile.visible(Role.ENGINEER) == ()
    assert profile.fields["status.mode"].writable_by == {Role.PROSUMER}
    assert profile.visible_predicates(Role.PROSUMER) == {
        *map(FLEX.term, ("status", "mode", "deviceId", "account", "deviceClass")),
    }


def test_objects_and_nodes_come_from_paths_of_two_steps() -> None:
    profile = compiled(MODEL)
    assert profile.objects == {"status": FLEX.term("status")}
    assert profile.nodes == ("status",)
    assert set(SHIPPED.nodes) == {"status", "location"}
    assert set(SHIPPED.objects) == {"status"}


def test_codes_are_notations_and_hidden_labels_are_understood() -> None:
    codec = compiled(MODEL).fields["device_class"].codec
    assert isinstance(codec, CodeCodec)
    boiler, lamp = FLEX.term("Boiler"), FLEX.term("Lamp")
    assert codec.codes == {"boiler": boiler, "lamp": lamp}
    assert codec.encode("kettle") == boiler
    assert codec.decode(boiler) == "boiler"
    assert codec.classes == {boiler, lamp}


def test_an_iri_template_can_have_text_behind_the_value() -> None:
    codec = compiled(MODEL).fields["aggregator_id"].codec
    assert isinstance(codec, IriCodec)
    assert codec.encode("a b/c") == Iri("https://example.com/a%20b%2Fc/about")
    assert codec.decode(codec.encode("a b/c")) == "a b/c"


BROKEN = {
    "no_node_shape": ("sh:targetClass flex:Device", "sh:targetClass flex:Boiler", "no node shape"),
    "node_shape_without_iri": ("ex:DeviceShape a sh:NodeShape", "[] a sh:NodeShape", "no node shape with an IRI"),
    "property_shape_without_iri": (
        "ex:updated , ex:other .",
        'ex:updated , [ sh:path flex:x ; sh:datatype xsd:string ; api:field "x" ] .',
        "the property shape of field x needs an IRI",
    ),
    "no_path": ("ex:tags sh:path flex:tag ;", "ex:tags", "sh:path of <https://example.com/shapes#tags>"),
    "path_of_three_steps": ("( flex:status flex:mode )", "( flex:a flex:b flex:c )", "a property or a list of two"),
    "path_backwards": ("sh:path flex:tag", "sh:path [ sh:inversePath flex:tag ]", "a property or a list of two"),
    "template_without_value": ("urn:uuid:{value}", "urn:uuid:", "must hold {value} once"),
    "template_with_two_values": ("urn:uuid:{value}", "urn:{value}:{value}", "must hold {value} once"),
    "no_datatype": ("sh:path flex:tag ; sh:datatype xsd:string", "sh:path flex:tag", "it has None"),
    "unknown_datatype": ("sh:path flex:tag ; sh:datatype xsd:string", "sh:path flex:tag ; sh:datatype xsd:hexBinary",
                         "it has http://www.w3.org/2001/XMLSchema#hexBinary"),
    "code_without_notation": ("( flex:Boiler flex:Lamp )", "( flex:Boiler flex:Load )", "Load, listed in the sh:in"),
    "code_that_is_a_literal": ("( flex:Boiler flex:Lamp )", '( flex:Boiler "lamp" )', "lamp, listed in the sh:in"),
    "notation_used_twice": ('skos:notation "lamp"', 'skos:notation "boiler"', '"boiler" is the skos:notation of two'),
    "field_named_twice": ('api:field "tags"', 'api:field "device_id"', "api:field clashes: device_id"),
    "predicate_used_twice": ("sh:path flex:tag", "sh:path flex:mode", "both use <https://w3id.org/flexcoop/cim#mode>"),
    "type_used_twice": ("sh:path flex:tag", "sh:path rdf:type", "both use"),
    "writable_by_the_blind": ('api:field "tags"', 'api:field "tags" ; api:writableBy "prosumer"',
                              "tags is writable by a role that may not see it"),
    "class_hidden": ('api:field "device_class" ; api:visibleTo "aggregator" ,',
                     'api:field "device_class" ; api:visibleTo', "so every role must see it"),
    "unknown_role": ('api:visibleTo "prosumer" ; api:writableBy', 'api:visibleTo "king" ; api:writableBy', "'king'"),
    "no_account": ('api:field "account_id"', 'api:field "account"', "api:field account_id"),
    "no_aggregator": ('api:field "aggregator_id"', 'api:field "aggregator"', "api:field aggregator_id"),
    "no_identity": ('api:field "device_id"', 'api:field "id"', "api:field device_id"),
    "no_time_of_creation": ('api:field "_created"', 'api:field "_c"', "api:field _created"),
    "no_time_of_change": ('api:field "_updated"', 'api:field "_u"', "api:field _updated"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_model_is_refused(case: str) -> None:
    old, new, words = BROKEN[case]
    assert MODEL.count(old) == 1
    text = MODEL.replace(old, new).replace("rdf:type", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>")
    with pytest.raises(ProfileError) as caught:
        compiled(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("axiom", "entailing", "entailed"),
    [
        ("flex:tag rdfs:subPropertyOf flex:mode", "tag", FLEX.term("mode")),
        ("flex:tag owl:equivalentProperty flex:mode", "mode", FLEX.term("tag")),
        ("flex:tag rdfs:subPropertyOf flex:any . flex:any rdfs:subPropertyOf flex:status", "tag", FLEX.term("status")),
        ("flex:status a owl:SymmetricProperty", "status", FLEX.term("status")),
        ("flex:any owl:inverseOf flex:status ; rdfs:subPropertyOf flex:tag", "status", FLEX.term("tag")),
        (f"flex:deviceClass rdfs:subPropertyOf <{TYPE}>", "deviceClass", TYPE),
        ("flex:tag rdfs:subPropertyOf flex:modifiedForProsumer", "tag", FLEX.term("modifiedForProsumer")),
    ],
)
def test_an_axiom_that_entails_what_a_field_states_is_refused(axiom: str, entailing: str, entailed: Iri) -> None:
    with pytest.raises(ProfileError) as caught:
        compiled(f"{MODEL} {axiom} .")
    assert f"<{FLEX.term(entailing)}> entails <{entailed}>, which the registry itself reads" in str(caught.value)


def test_a_folder_without_turtle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"holds no ontology/\*\.ttl"):
        load_profile(tmp_path)


def test_a_file_that_is_no_turtle_is_named(tmp_path: Path) -> None:
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "device.ttl").write_text("<a> <b>")
    with pytest.raises(ProfileError, match=r"device\.ttl is not Turtle"):
        load_profile(tmp_path)


def test_a_folder_is_compiled_from_its_files(tmp_path: Path) -> None:
    for name in ("ontology", "shapes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.ttl").write_text(MODEL)
    (tmp_path / "ontology" / "alignments").mkdir()
    (tmp_path / "ontology" / "alignments" / "saref.ttl").write_text(
        "<https://w3id.org/flexcoop/cim#Device> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <urn:Appliance> ."
    )
    assert Iri("urn:Appliance") in load_profile(tmp_path).entailment.device_types


@EACH_FIELD
def test_every_field_of_the_shipped_model_compiles(field: Field) -> None:
    assert field.label
    assert field.description
    assert field.message
    kinds = {"string", "float", "integer", "boolean", "datetime", "date", "uuid", "point", "calendar"}
    assert field.codec.kind in kinds
    assert SHIPPED.by_shape[field.shape] is field
    assert SHIPPED.by_predicate[field.predicate] is field
    assert field.group is not None


def test_a_new_field_needs_two_edits_in_turtle_and_no_python() -> None:
    shape = """
        ex:DeviceShape sh:property ex:colour .
        ex:colour sh:path flex:colour ; sh:datatype xsd:string ; sh:maxCount 1 ;
            api:field "colour" ; api:visibleTo "aggregator" ; api:writableBy "aggregator" .
    """
    field = compiled(MODEL + shape).fields["colour"]
    assert field.path == (FLEX.term("colour"),)
    assert field.visible_to == {Role.AGGREGATOR, Role.SERVICE}
    assert field.codec.encode("red") == SHIPPED.fields["device_name"].codec.encode("red")
