"""Plain JSON with the context says what the registry holds, for any device, role and profile; PyLD is the judge."""

from __future__ import annotations

import json
import math
import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import rdflib
from device_strategies import created, documents
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from json_ld_processing import by_value, comparable, fields_of, said, with_ids, with_names
from pyld.jsonld import JsonLdError
from pyld_reader import read_by_pyld, refuse

from registry.access import DEVICES, account_graph, aggregator_graph, placement
from registry.devices.documents import from_triples, to_triples
from registry.json_ld import Degree, device_context, express
from registry.principal import Role
from registry.profile import Profile, compile_profile, load_profile
from registry.profile.codecs import DATATYPES, CodeCodec
from registry.vocabulary import FLEX, SH
from sparql.graph_formats import to_node
from sparql.terms import DECIMAL, DOUBLE, INTEGER, Iri, Literal, Triple

PROFILE = load_profile()
CONTEXT = device_context(PROFILE)
FACADE = ["_items", "_links", "_meta", "_etag", "_id"]
READERS = [Role.SERVICE, Role.AGGREGATOR, Role.PROSUMER]


def kept(profile: Profile, document: Mapping[str, Any]) -> frozenset[Triple]:
    """Return all triples of a new device."""
    return to_triples(profile, created(document), Iri(f"urn:uuid:{document['device_id']}"))


def view(profile: Profile, document: Mapping[str, Any], role: Role) -> set[Triple]:
    """Return the triples of a new device that stand in the graph of `role`."""
    aggregator, account = document["aggregator_id"], document["account_id"]
    graph = {
        Role.SERVICE: DEVICES,
        Role.AGGREGATOR: aggregator_graph(aggregator),
        Role.PROSUMER: account_graph(aggregator, account),
    }[role]
    return {quad.triple for quad in placement(profile, kept(profile, document)) if quad.graph == graph}


def marked(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with the facade's marks, as an answer has it."""
    links = {"self": {"title": "devices", "href": f"devices/{document['device_id']}"}}
    return {**document, "_etag": "0a", "_id": "1b", "_links": links}


@pytest.mark.parametrize("role", READERS)
@given(document=documents(PROFILE))
def test_plain_json_says_what_stands_in_the_roles_graph(role: Role, document: dict[str, Any]) -> None:
    triples = view(PROFILE, document, role)
    seen = from_triples(PROFILE, triples)
    found, expected = comparable(PROFILE, seen, read_by_pyld(marked(seen), CONTEXT), triples)
    assert found == expected
    assert len(expected) >= 6


@given(document=documents(PROFILE))
def test_nodes_that_are_named_keep_their_names(document: dict[str, Any]) -> None:
    plain = created(document)
    found = read_by_pyld(with_ids(PROFILE, marked(plain)), CONTEXT)
    assert found == with_names(PROFILE, read_by_pyld(plain, CONTEXT))
    assert not any(term.startswith("_:") for triple in found for term in triple if isinstance(term, Iri))


@settings(max_examples=20)
@given(found=st.lists(documents(PROFILE), max_size=3, unique_by=lambda document: document["device_id"]))
def test_a_list_says_what_its_devices_say(found: list[dict[str, Any]]) -> None:
    plain = [created(document) for document in found]
    page = {"_items": [marked(each) for each in plain], "_links": {"self": {"href": "devices"}}, "_meta": {"page": 1}}
    each = [with_names(PROFILE, read_by_pyld(document, CONTEXT)) for document in plain]
    assert with_names(PROFILE, read_by_pyld(page, CONTEXT)) == set().union(*each)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@settings(max_examples=30)
@given(document=documents(PROFILE, aggregator_id=st.from_regex(r"[A-Za-z0-9._~-]{3,12}", fullmatch=True)))
def test_rdflib_reads_the_same(document: dict[str, Any]) -> None:
    plain = with_ids(PROFILE, created(document))
    found = rdflib.Graph().parse(data=json.dumps({**CONTEXT, **plain}), format="json-ld")
    expected = rdflib.Graph()
    for subject, predicate, term in read_by_pyld(plain, CONTEXT):
        expected.add((to_node(subject), to_node(predicate), to_node(term)))
    # the largest numbers, in 16 digits, are larger still
    assume(not any(abs(float(str(term))) == math.inf for term in expected.objects() if is_double(term)))
    assert values(found) == values(expected)


def values(graph: rdflib.Graph) -> set[tuple[Any, ...]]:
    """Return triples with values for literals: rdflib has its own forms of numbers and times."""
    return {(subject, predicate, value_of(term)) for subject, predicate, term in graph}


def is_double(term: Any) -> bool:
    return isinstance(term, rdflib.Literal) and term.datatype == rdflib.XSD.double


def value_of(term: Any) -> Any:
    if not isinstance(term, rdflib.Literal):
        return term
    value = float(str(term)) if is_double(term) else term.toPython()
    return str(term.datatype), f"{value:.15E}" if isinstance(value, float) else value


def test_the_context_has_the_fields_of_the_profile_and_no_others() -> None:
    assert list(fields_of(CONTEXT, PROFILE)) == [*FACADE, *PROFILE.fields]
    assert CONTEXT["@context"]["@version"] == 1.1


def test_the_context_is_the_profiles_alone() -> None:
    assert device_context(load_profile()) == CONTEXT
    assert device_context(PROFILE) is not CONTEXT


def test_nothing_is_asked_for_elsewhere() -> None:
    """The loader of all these tests refuses, and PyLD would ask it."""
    with pytest.raises(JsonLdError) as caught:
        read_by_pyld({"@context": "https://example.com/c"}, loader=refuse)
    assert "asked for https://example.com/c" in "".join(traceback.format_exception(caught.value))


SHAPES_TEXT = """
@prefix api: <https://w3id.org/flexcoop/api#> .
@prefix flex: <https://w3id.org/flexcoop/cim#> .
@prefix flexsh: <https://w3id.org/flexcoop/shapes#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

flexsh:DeviceShape sh:property flexsh:FIELD .
flexsh:FIELD api:visibleTo "aggregator" ; api:writableBy "aggregator" .
"""


def extended(*turtle: str) -> Profile:
    """Return the shipped profile with further Turtle, each with a field."""
    ontology, shapes = (rdflib.Graph(bind_namespaces="none") + graph for graph in (PROFILE.ontology, PROFILE.shapes))
    for number, text in enumerate(turtle):
        whole = (SHAPES_TEXT + text).replace("FIELD", f"field_{number}")
        added = rdflib.Graph(bind_namespaces="none").parse(data=whole, format="turtle")
        ontology, shapes = ontology + added, shapes + added
    return compile_profile(ontology, shapes)


def plain_device(**fields: Any) -> dict[str, Any]:
    return {
        "device_id": "6b59abd6-1129-46d7-a79e-08f03fb7529f",
        "device_name": "x",
        "device_class": "heatPump",
        "account_id": "326fc664-0fa5-4a51-90ba-83fe72dc1358",
        "ven_id": "326fc664-0fa5-4a51-90ba-83fe72dc1359",
        "aggregator_id": "energy.example.com",
        "availability": "",
        **fields,
    }


FIELDS: dict[str, tuple[str, Any, Degree]] = {
    "text": ("sh:path flex:new ; sh:datatype xsd:string ; sh:maxCount 1", "a: b/c", Degree.TERM),
    "texts": ("sh:path flex:new ; sh:datatype xsd:string", ["", "a", "@type"], Degree.TERM),
    "boolean": ("sh:path flex:new ; sh:datatype xsd:boolean ; sh:maxCount 1", False, Degree.TERM),
    "date": ("sh:path flex:new ; sh:datatype xsd:date ; sh:maxCount 1", "2026-02-28", Degree.TERM),
    "double": ("sh:path flex:new ; sh:datatype xsd:double ; sh:maxCount 1", 1e300, Degree.VALUE),
    "moments": (
        "sh:path flex:new ; sh:datatype xsd:dateTime",
        ["2026-02-28T00:00:00.000000Z", "2026-02-28T00:00:00.123456Z"],
        Degree.VALUE,
    ),
    "integer": ("sh:path flex:new ; sh:datatype xsd:integer ; sh:maxCount 1", 10**20, Degree.SOME),
    "decimal": ("sh:path flex:new ; sh:datatype xsd:decimal ; sh:maxCount 1", 2.5, Degree.NOTHING),
    "uuid": (
        'sh:path flex:new ; api:iriTemplate "urn:uuid:{value}" ; sh:maxCount 1',
        "326fc664-0fa5-4a51-90ba-83fe72dc1358",
        Degree.TERM,
    ),
    "template": (
        'sh:path flex:new ; api:iriTemplate "https://example.com/x?y={value}"',
        ["online", "new"],
        Degree.SOME,
    ),
    "template_with_an_end": ('sh:path flex:new ; api:iriTemplate "https://e.org/{value}/a"', ["x"], Degree.NOTHING),
    "codes": (
        "sh:path flex:new ; sh:in ( flex:A flex:B flex:C ) . "
        'flex:A skos:notation "new" . flex:B skos:notation "online" . flex:C skos:notation ""',
        ["", "new", "online"],
        Degree.TERM,
    ),
    "codes_that_are_no_terms": (
        "sh:path flex:new ; sh:in ( flex:A <urn:x:a/b> flex:C ) . "
        'flex:A skos:notation "a:b" . <urn:x:a/b> skos:notation "a/b" . flex:C skos:notation "c"',
        ["a/b", "c"],
        Degree.SOME,
    ),
    "value_on_a_node_of_its_own": ("sh:path ( flex:x flex:new ) ; sh:datatype xsd:string", ["x"], Degree.NOTHING),
}
"""Kinds of fields: what the shape says, a value, and how much of it the context says. The field is called `new`."""


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_added_in_turtle_is_said(kind: str) -> None:
    turtle, value, degree = FIELDS[kind]
    profile = extended(f'flexsh:FIELD api:field "new" . flexsh:FIELD {turtle} .')
    expression = express(profile, profile.fields["new"])
    assert (expression.degree, expression.reason == "") == (degree, degree is Degree.TERM)
    check(profile, plain_device(new=value), says=degree is not Degree.NOTHING)
    assert list(fields_of(device_context(profile), profile)).count("new") == 1


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_added_inside_an_object_is_said(kind: str) -> None:
    turtle, value, degree = FIELDS[kind]
    inside = turtle.replace("sh:path flex:new", "sh:path ( flex:status flex:new )")
    profile = extended(f'flexsh:FIELD api:field "status.new" . flexsh:FIELD {inside} .')
    if kind == "value_on_a_node_of_its_own":
        return
    assert express(profile, profile.fields["status.new"]).degree is degree
    check(profile, plain_device(status={"new": value}), says=degree is not Degree.NOTHING)


def check(profile: Profile, document: dict[str, Any], *, says: bool) -> None:
    """Check that the context says of `document` what it promises, of the field with flex:new too."""
    found = with_names(profile, read_by_pyld(created(document), device_context(profile)))
    expected = said(profile, created(document))
    assert by_value(found) == by_value(expected)
    assert any(predicate == FLEX.term("new") for _, predicate, _ in expected) == says


def test_a_class_and_a_code_added_in_turtle_are_said() -> None:
    ontology, shapes = (rdflib.Graph(bind_namespaces="none") + graph for graph in (PROFILE.ontology, PROFILE.shapes))
    members = rdflib.URIRef(SH.term("in"))
    for name, term, code in (("device_class", "Kettle", "kettle"), ("availability", "Perhaps", "availability")):
        node, head, shape = rdflib.URIRef(FLEX.term(term)), rdflib.BNode(), rdflib.URIRef(PROFILE.fields[name].shape)
        shapes.add((head, rdflib.RDF.first, node))
        shapes.add((head, rdflib.RDF.rest, shapes.value(shape, members) or rdflib.RDF.nil))
        shapes.set((shape, members, head))
        ontology.add((node, rdflib.SKOS.notation, rdflib.Literal(code)))
    ontology.add((rdflib.URIRef(FLEX.term("Kettle")), rdflib.RDF.type, rdflib.OWL.Class))
    profile = compile_profile(ontology, shapes)
    document = plain_device(device_class="kettle", availability="availability")
    found = with_names(profile, read_by_pyld(created(document), device_context(profile)))
    assert by_value(found) == by_value(said(profile, created(document)))
    terms = {predicate: term for _, predicate, term in found}
    assert terms[FLEX.term("deviceClass")] == FLEX.term("Kettle")
    assert terms[FLEX.term("availability")] == FLEX.term("Perhaps")


@pytest.mark.parametrize("name", ["a:b", "a/b", "https://example.com/x", "@type", "status.a:b", "a:b.c"])
def test_a_name_that_is_no_term_says_nothing(name: str) -> None:
    link = "( flex:x flex:new )" if "." in name and "/" not in name else "flex:new"
    link = link.replace("flex:x", "flex:status") if name.startswith("status") else link
    profile = extended(f'flexsh:FIELD api:field "{name}" ; sh:path {link} ; sh:datatype xsd:string ; sh:maxCount 1 .')
    (field,) = (each for each in profile.fields.values() if each.predicate == FLEX.term("new"))
    assert express(profile, field).degree is Degree.NOTHING
    device_context(profile)
    document = created(plain_device())
    assert read_by_pyld(document, device_context(profile)) == read_by_pyld(document, CONTEXT)


@pytest.mark.parametrize("name", ["a:b", "a/b", "https://example/x"])
def test_a_name_that_looks_like_an_iri_makes_no_triple(name: str) -> None:
    shape = f'flexsh:FIELD api:field "{name}" ; sh:path flex:new ; sh:datatype xsd:string ; sh:maxCount 1 .'
    context, document = device_context(extended(shape)), created(plain_device())
    assert read_by_pyld({**document, name: "x"}, context) == read_by_pyld(document, context)


CODES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters='"\\\ufffe\uffff'), max_size=6
)


@given(codes=st.lists(CODES | st.sampled_from(["", "@id", "@type", "new", "a/b", "//", "?", "#", ".."]), unique=True))
def test_codes_of_any_kind_become_what_is_promised(codes: list[str]) -> None:
    codec = CodeCodec({code: Iri(f"https://example.com/code/{number}") for number, code in enumerate(codes)})
    field = replace(PROFILE.fields["external_ids"], name="new", path=(FLEX.term("new"),), codec=codec)
    profile = replace(PROFILE, fields={**PROFILE.fields, "new": field})
    expression = express(profile, field)
    promised = [code for code in codes if expression.says(code)]
    check(profile, plain_device(new=promised), says=promised != [])
    unsaid = [code for code in codes if not expression.says(code)]
    assert all(code == "" or ":" in code or "/" in code or code.startswith("@") for code in unsaid)
    assert (expression.degree is Degree.TERM) == (unsaid == [])


@pytest.mark.parametrize(
    "value", ["energy.example.com", "model", "aggregator_id", "a~b-c_d", "...", "é", "a b", "a:b", "@id"]
)
def test_an_aggregator_is_said_if_its_id_needs_no_encoding(value: str) -> None:
    expression = express(PROFILE, PROFILE.fields["aggregator_id"])
    aggregator = PROFILE.fields["aggregator_id"]
    found = read_by_pyld(plain_device(aggregator_id=value), CONTEXT)
    terms = {term for _, predicate, term in found if predicate == aggregator.predicate}
    assert (terms == {aggregator.codec.encode(value)}) == expression.says(value)


@pytest.mark.parametrize(
    ("value", "says"), [(0.1, True), (3.0, True), (0.0, True), (5e-324, True), (0.1 + 0.2, False), (1 / 3e5, False)]
)
def test_a_double_is_said_with_16_digits(value: float, says: bool) -> None:
    expression = express(PROFILE, PROFILE.fields["max_capacity"])
    assert expression.says(value) == says
    (found,) = (
        each.object
        for each in read_by_pyld(plain_device(max_capacity=value), CONTEXT)
        if each.predicate == PROFILE.fields["max_capacity"].predicate
    )
    assert isinstance(found, Literal)
    assert found.datatype == DOUBLE
    assert (float(found.lexical) == value) == says


@pytest.mark.parametrize(("datatype", "value"), [(DECIMAL, 2.5), (INTEGER, 1e21)])
def test_what_is_not_said_would_be_wrong(datatype: Iri, value: float) -> None:
    """The reason for the exceptions: a processor makes no literal of the datatype of these numbers."""
    context = {"@context": {"new": {"@id": str(FLEX.term("new")), "@type": str(datatype)}}}
    ((_, _, found),) = read_by_pyld({"new": value}, context)
    assert isinstance(found, Literal)
    assert (found.datatype, "E" in found.lexical) == (datatype, True)


def test_an_empty_object_is_said() -> None:
    document = created(plain_device(status={}))
    found = with_names(PROFILE, read_by_pyld(document, CONTEXT))
    device = Iri(f"urn:uuid:{document['device_id']}")
    assert Triple(device, PROFILE.objects["status"], Iri(f"{device}#status")) in found
    assert by_value(found) == by_value(said(PROFILE, document))


def test_every_datatype_of_the_codecs_has_a_rule() -> None:
    for datatype, codec in DATATYPES.items():
        field = replace(PROFILE.fields["device_name"], codec=codec)
        expression = express(PROFILE, field)
        assert (expression.definition is None) == (expression.degree is Degree.NOTHING), datatype
        assert (expression.reason == "") == (expression.degree is Degree.TERM), datatype
