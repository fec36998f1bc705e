"""The schemas of devices say what the shapes say, hold for what is sent and read, and follow a change in Turtle."""

from __future__ import annotations

from typing import Any

import pytest
from device_strategies import documents
from hypothesis import given
from openapi_schema_validator import OAS31Validator
from rdflib import SH, Graph
from rdflib.term import URIRef
from stand import HOLDERS, Stand

from demo.households import sample_devices
from registry.access_matrix import ROLES
from registry.openapi import document
from registry.openapi.fields import field_schema
from registry.profile import Field, Profile, compile_profile, load_profile
from registry.profile.codecs import CodeCodec, IriCodec

PROFILE = load_profile()
DOCUMENT = document(PROFILE)
EACH_FIELD = pytest.mark.parametrize("field", PROFILE.fields.values(), ids=lambda field: field.name)
KEYWORDS = {
    "minInclusive": "minimum",
    "maxInclusive": "maximum",
    "minLength": "minLength",
    "maxLength": "maxLength",
    "pattern": "pattern",
}
NEW = """
@prefix api: <https://w3id.org/flexcoop/api#> .
@prefix flex: <https://w3id.org/flexcoop/cim#> .
@prefix flexsh: <https://w3id.org/flexcoop/shapes#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix qudt: <http://qudt.org/schema/qudt/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

flex:flowTemperature qudt:hasUnit unit:DEG_C .
flex:phase a owl:ObjectProperty .
flex:ThreePhase skos:notation "3" ; rdfs:label "drei Phasen"@de , "three phases"@en .
flexsh:DeviceShape sh:property flexsh:flow_temperature , flexsh:phase .
flexsh:flow_temperature sh:path flex:flowTemperature ; sh:name "flow temperature"@en ; sh:maxCount 1 ; sh:order 50 ;
    sh:datatype xsd:double ; sh:minInclusive -20.0e0 ; sh:maxExclusive 95.5e0 ;
    api:field "flow_temperature" ; api:visibleTo "prosumer", "service" ; api:writableBy "service" .
flexsh:phase sh:path ( flex:status flex:phase ) ; sh:in ( flex:ThreePhase ) ; sh:maxCount 1 ; sh:order 51 ;
    api:field "status.phase" ; api:visibleTo "service" ; api:writableBy "service" .
"""


def validator(name: str, found: dict[str, Any] = DOCUMENT) -> Any:
    schema = {"$ref": f"#/components/schemas/{name}", "components": found["components"]}
    return OAS31Validator(schema)


def errors(name: str, value: Any) -> list[str]:
    return [f"{each.json_path}: {each.message}" for each in validator(name).iter_errors(value)]


def schema_at(name: str, field: Field, found: dict[str, Any] = DOCUMENT) -> dict[str, Any]:
    schema = found["components"]["schemas"][name]
    for each in field.names:
        schema = schema["properties"][each]
    return dict(schema)


@EACH_FIELD
def test_a_field_says_who_sees_and_changes_it_and_what_it_means(field: Field) -> None:
    schema = schema_at("Device", field)
    assert schema["title"] == field.label
    assert field.description in schema["description"]
    assert field.message in schema["description"]
    assert schema["x-visible-to"] == [role for role in ROLES if role in field.visible_to]
    assert schema["x-writable-by"] == [role for role in ROLES if role in field.writable_by]
    assert schema.get("readOnly", False) == (not field.writable_by)
    assert schema.get("default") == field.default
    assert schema.get("x-unit") == (None if field.unit is None else str(field.unit))


@EACH_FIELD
def test_a_field_has_the_constraints_of_its_shape(field: Field) -> None:
    schema = field_schema(PROFILE, field)
    value = schema["items"] if field.multiple else schema
    unsaid = (
        {"pattern"} if "$ref" in value or (isinstance(field.codec, IriCodec) and field.codec.kind != "uuid") else set()
    )
    for name, keyword in KEYWORDS.items():
        wanted = PROFILE.shapes.value(URIRef(field.shape), SH[name])
        assert (keyword in value) == (wanted is not None and name not in unsaid), (name, value)
        if keyword in value and keyword != "pattern":
            assert value[keyword] == float(wanted)  # type: ignore[arg-type]  # there is one
    if isinstance(field.codec, CodeCodec):
        assert value["enum"] == list(field.codec.codes)
        assert all(f"- `{code or ' '}`" in schema["description"] for code in field.codec.codes)


@EACH_FIELD
def test_null_removes_exactly_what_is_optional(field: Field) -> None:
    if field.is_record:
        assert field.names[0] not in DOCUMENT["components"]["schemas"]["DevicePatch"]["properties"]
        return
    patch: Any = None
    for name in reversed(field.names):
        patch = {name: patch}
    assert (errors("DevicePatch", patch) == []) == (not field.required)
    assert "default" not in schema_at("DevicePatch", field)


def test_what_a_new_device_must_have_is_what_the_shapes_demand_and_no_default_gives() -> None:
    demanded = {field.name for field in PROFILE.fields.values() if field.required and not field.is_record}
    assert set(DOCUMENT["components"]["schemas"]["NewDevice"]["required"]) == demanded - {"device_name"}
    assert PROFILE.fields["device_name"].default is not None
    replacement = DOCUMENT["components"]["schemas"]["DeviceReplacement"]["required"]
    assert set(replacement) == demanded - {"device_name", "device_id"}


@given(found=documents(PROFILE))
def test_what_the_shapes_allow_the_schemas_allow(found: dict[str, Any]) -> None:
    assert errors("NewDevice", found) == []
    assert errors("DeviceReplacement", found) == []
    assert errors("DevicePatch", found) == []
    assert errors("DevicePatch", {"status.mode": "1", "_etag": "x", **found}) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "red"},
        {"status": {"colour": "red"}},
        {"max_capacity": "much"},
        {"state_of_charge": 100.5},
        {"device_class": "toaster"},
        {"account_id": "0B7C1F5E"},
        {"manufacturer": "x" * 257},
        {"external_ids": ["x", "x"]},
        {"location": {"type": "Point", "coordinates": [181, 0]}},
        {"location": {"type": "Point", "coordinates": [0, 0, 0]}},
    ],
    ids=str,
)
def test_what_the_shapes_refuse_the_schemas_refuse(wrong: dict[str, Any]) -> None:
    assert errors("DevicePatch", wrong)


@pytest.mark.parametrize("role", HOLDERS)
def test_what_each_role_reads_is_as_described(stand: Stand, role: Any) -> None:
    stand.add(*sample_devices()[:150])
    page = stand.get("/1/devices?max_results=300", HOLDERS[role]).json
    assert page is not None
    assert errors("DevicePage", page) == []


def changed(text: str) -> Profile:
    ontology, shapes = (Graph(bind_namespaces="none") + graph for graph in (PROFILE.ontology, PROFILE.shapes))
    addition = Graph().parse(data=text, format="turtle")
    return compile_profile(ontology + addition, shapes + addition)


def test_a_field_that_is_added_in_turtle_alone_is_described() -> None:
    found = document(changed(NEW))
    for name in ("Device", "NewDevice", "DeviceReplacement", "DevicePatch"):
        number = found["components"]["schemas"][name]["properties"]["flow_temperature"]
        assert number["type"] == (["number", "null"] if name == "DevicePatch" else "number")
        assert (number["minimum"], number["exclusiveMaximum"]) == (-20, 95.5)
        assert number["x-unit"] == "http://qudt.org/vocab/unit/DEG_C"
        assert (number["x-visible-to"], number["x-writable-by"]) == (["prosumer", "service"], ["service"])
        code = found["components"]["schemas"][name]["properties"]["status"]["properties"]["phase"]
        assert code["enum"] == (["3", None] if name == "DevicePatch" else ["3"])
        assert "- `3`: three phases" in code["description"]
    assert list(validator("DevicePatch", found).iter_errors({"status.phase": "3", "flow_temperature": 95.4})) == []
    assert list(validator("DevicePatch", found).iter_errors({"flow_temperature": 95.5}))
    assert list(validator("DevicePatch", found).iter_errors({"status.phase": "2"}))


def test_a_code_that_is_added_in_turtle_alone_is_described() -> None:
    shapes = PROFILE.shapes.serialize(format="turtle").replace("flex:SensingDevice", "flex:SensingDevice flex:Kettle")
    ontology = PROFILE.ontology + Graph().parse(
        data="@prefix flex: <https://w3id.org/flexcoop/cim#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
        'flex:Kettle skos:notation "kettle" ; skos:definition "Boils water."@en .',
        format="turtle",
    )
    profile = compile_profile(ontology, Graph().parse(data=shapes, format="turtle"))
    schema = schema_at("NewDevice", profile.fields["device_class"], document(profile))
    assert schema["enum"][-1] == "kettle"
    assert "- `kettle`: Boils water." in schema["description"]
