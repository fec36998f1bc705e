"""What makes no difference: files, order, prefixes, the labels of blank nodes, and the form of a number."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from edited_models import FILES, edited, model
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from registry.model_diff import Change, Model, ModelGraphs, compare
from registry.profile import Profile, load_profile

EX = Namespace("https://example.com/model#")
NEW = edited(
    FILES,
    {
        "sh:in ( ex:Boiler ex:Lamp ex:Pump )": "sh:in ( ex:Boiler ex:Pump )",
        "[ sh:path ex:end ; sh:maxCount 0 ]": "[ sh:path ex:end ; sh:maxCount 3 ]",
        "sh:maxLength 100": "sh:maxLength 90",
        "unit:KiloW": "unit:MegaW",
        "ex:Thermal a": "ex:Heating a",
        "rdfs:subClassOf ex:Thermal": "rdfs:subClassOf ex:Heating",
        'api:field "level"': 'api:field "height"',
        "": "exsh:tags ex:note [ ex:part [ ex:name 1.50 ] ; ex:part [ ex:name 2 ] ] .",
    },
)


def rearranged(given_model: ModelGraphs, random: Random, prefixes: bool) -> Model:
    """Return the same statements in other files, order and lines, with other labels and, if so wanted, prefixes."""
    triples = [*given_model.ontology, *given_model.shapes]
    labels: dict[Node, Node] = {node: BNode() for triple in triples for node in triple if isinstance(node, BNode)}
    random.shuffle(triples)
    graphs = Graph(bind_namespaces="none"), Graph(bind_namespaces="none")
    for graph, source in zip(graphs, (given_model.ontology, given_model.shapes), strict=True):
        for prefix, namespace in source.namespaces():
            graph.bind(f"{prefix}{random.randrange(9)}" if prefixes else prefix, namespace)
    for subject, predicate, value in triples:
        random.choice(graphs).add((labels.get(subject, subject), predicate, labels.get(value, value)))
    return Model(*graphs)


def without_words(changes: Sequence[Change]) -> list[tuple[str | None, ...]]:
    return [(each.kind, each.sort, each.subject, each.predicate, each.old, each.new) for each in changes]


@given(st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=10)
def test_a_model_is_the_same_however_it_is_written(random: Random, prefixes: bool) -> None:
    for files in (FILES, NEW):
        assert compare(model(files), rearranged(model(files), random, prefixes)).changes == ()


@given(st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_a_difference_is_told_the_same_however_the_models_are_written(random: Random) -> None:
    old, new = (rearranged(model(files), random, prefixes=False) for files in (FILES, NEW))
    assert compare(old, new) == compare(model(FILES), model(NEW))


@given(st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_prefixes_matter_for_words_alone(random: Random) -> None:
    told = compare(model(FILES), model(NEW))
    again = compare(*(rearranged(model(files), random, prefixes=True) for files in (FILES, NEW)))
    assert without_words(again.changes) == without_words(told.changes)
    assert again.versions == told.versions


def test_the_shipped_model_is_the_same_as_itself(profile: Profile) -> None:
    diff = compare(profile, load_profile())
    assert diff.changes == ()
    assert diff.is_admitted
    assert [step.findings for step in diff.versions] == [()] * 2


def test_neither_model_is_changed_by_comparing() -> None:
    old, new = model(FILES), model(NEW)
    before = [frozenset(graph) for graph in (old.ontology, old.shapes, new.ontology, new.shapes)]
    compare(old, new)
    assert [frozenset(graph) for graph in (old.ontology, old.shapes, new.ontology, new.shapes)] == before


def with_nodes(*triples: tuple[Node, URIRef, Node]) -> Model:
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    return Model(graph, Graph())


def circle(length: int) -> Model:
    nodes = [BNode() for _ in range(length)]
    links = [(one, EX.next, other) for one, other in zip(nodes, [*nodes[1:], nodes[0]], strict=True)]
    return with_nodes((EX.A, EX.of, nodes[0]), *links)


def shared(value: int) -> Model:
    """Return a model in which a description is used twice at each of forty levels: as a tree it has 2⁴⁰ leaves."""
    nodes = [BNode() for _ in range(40)]
    links = [(one, EX[name], other) for one, other in pairwise(nodes) for name in ("a", "b")]
    return with_nodes((EX.A, EX.of, nodes[0]), *links, (nodes[-1], EX.value, Literal(value)))


def deep(value: int) -> Model:
    nodes = [BNode() for _ in range(300)]
    links = [(one, EX.a, other) for one, other in pairwise(nodes)]
    return with_nodes((EX.A, EX.of, nodes[0]), *links, (nodes[-1], EX.value, Literal(value)))


def lonely(length: int) -> Model:
    """Return a model with blank nodes in a circle to which nothing else leads."""
    nodes = [BNode() for _ in range(length)]
    return with_nodes(*((one, EX.next, other) for one, other in zip(nodes, [*nodes[1:], nodes[0]], strict=True)))


def broken_list(member: int) -> Model:
    head = BNode()
    rest = URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#rest")
    first = URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#first")
    return with_nodes((EX.A, EX.of, head), (head, first, Literal(member)), (head, rest, head))


@pytest.mark.parametrize("made", [circle, shared, deep, lonely, broken_list], ids=lambda made: made.__name__)
def test_blank_nodes_that_are_no_tree_are_compared_by_their_canonical_form(made: object) -> None:
    assert callable(made)
    started = time.monotonic()
    assert compare(made(2), made(2)).changes == ()
    assert compare(made(2), made(3)).changes != ()
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.0e2", '"100.0"^^xsd:double'),
        ("1.50", '"1.5"^^xsd:decimal'),
        ("7", '"007"^^xsd:integer'),
        ("true", '"1"^^xsd:boolean'),
    ],
)
def test_a_value_is_the_same_in_each_of_its_forms(one: str, other: str) -> None:
    old, new = (model(edited(FILES, {"": f"exsh:tags ex:value {value} ."})) for value in (one, other))
    assert compare(old, new).changes == ()


@pytest.mark.parametrize(("one", "other"), [("1.0e2", "100.0"), ('"a"@en', '"a"'), ('"1"', "1")])
def test_a_value_of_another_type_is_another_value(one: str, other: str) -> None:
    old, new = (model(edited(FILES, {"": f"exsh:tags ex:value {value} ."})) for value in (one, other))
    assert len(compare(old, new).changes) == 1
