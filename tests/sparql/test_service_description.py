"""The service description says what is enabled, and nothing beyond the dataset it is given."""

from __future__ import annotations

import pytest
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.term import Node

from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_formats import GRAPH_FORMATS, GraphFormat, write_graph
from sparql.media_types import SERIALISATIONS
from sparql.service_description import EXTENSION_FUNCTIONS, PREFIXES, service_description
from sparql.terms import Iri, Literal, Triple
from sparql.triple_counts import TripleCounts

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")
ENDPOINT = Iri("http://registry.example/sparql")
SERVICE = URIRef(ENDPOINT)
A, B, HIDDEN = Iri("urn:a"), Iri("urn:b"), Iri("urn:hidden")
COUNTS = {A: 3, B: 5, HIDDEN: 4711}


def described(dataset: DatasetDescription) -> Graph:
    graph = Graph()
    form = next(form for form in GRAPH_FORMATS if form.name == "nt11")
    graph.parse(data=write_graph(service_description(ENDPOINT, dataset, COUNTS.__getitem__), form, {}), format="nt")
    return graph


@pytest.fixture
def description() -> Graph:
    return described(DatasetDescription((A, B), (B, A)))


def one(graph: Graph, subject: Node, predicate: Node) -> Node:
    (value,) = graph.objects(subject, predicate)
    return value


def test_it_describes_one_service_at_its_endpoint(description: Graph) -> None:
    assert list(description.subjects(RDF.type, SD.Service)) == [SERVICE]
    assert one(description, SERVICE, SD.endpoint) == SERVICE
    assert one(description, SERVICE, SD.supportedLanguage) == SD.SPARQL11Query
    assert set(description.objects(SERVICE, SD.resultFormat)) == {URIRef(each.iri) for each in SERIALISATIONS}
    assert len(set(description.objects(SERVICE, SD.extensionFunction))) == len(EXTENSION_FUNCTIONS)


def test_updates_and_federation_are_not_claimed(description: Graph) -> None:
    everything = set(description.all_nodes())
    assert not everything.intersection({SD.SPARQL11Update, SD.BasicFederatedQuery, SD.DereferencesURIs})


def test_it_describes_the_default_dataset_with_its_sizes(description: Graph) -> None:
    dataset = one(description, SERVICE, SD.defaultDataset)
    assert one(description, dataset, RDF.type) == SD.Dataset
    default = one(description, dataset, SD.defaultGraph)
    assert int(str(one(description, default, VOID.triples))) == 8
    sizes = {
        str(one(description, named, SD.name)): int(
            str(one(description, one(description, named, SD.graph), VOID.triples))
        )
        for named in description.objects(dataset, SD.namedGraph)
    }
    assert sizes == {"urn:a": 3, "urn:b": 5}


def test_nothing_outside_of_the_dataset_is_named(description: Graph) -> None:
    text = description.serialize(format="nt")
    assert "hidden" not in text
    assert "4711" not in text


def test_an_empty_dataset_can_be_described() -> None:
    graph = described(DatasetDescription())
    default = one(graph, one(graph, SERVICE, SD.defaultDataset), SD.defaultGraph)
    assert int(str(one(graph, default, VOID.triples))) == 0


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser uses it
@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
def test_it_says_the_same_in_every_format(description: Graph, form: GraphFormat) -> None:
    triples = service_description(ENDPOINT, DatasetDescription((A, B), (B, A)), COUNTS.__getitem__)
    written = Graph().parse(data=write_graph(triples, form, PREFIXES), format=form.media_type)
    assert set(written) == set(description)


POINTS = '"POINT(24 38)"^^geo:wktLiteral, "POINT(25 39)"^^geo:wktLiteral'
SQUARE = '"POLYGON((0 0,4 0,4 4,0 4,0 0))"^^geo:wktLiteral'
ARGUMENTS = (f"{POINTS}, <http://www.opengis.net/def/uom/OGC/1.0/metre>", POINTS, f"{SQUARE}, {SQUARE}", SQUARE)


@pytest.mark.parametrize("function", EXTENSION_FUNCTIONS)
def test_every_function_that_is_claimed_is_enabled(function: Iri) -> None:
    store = EmbeddedStore()
    prologue = "PREFIX geo: <http://www.opengis.net/ont/geosparql#>"
    found = [
        row
        for arguments in ARGUMENTS
        for row in store.select(f"{prologue} SELECT (<{function}>({arguments}) AS ?x) WHERE {{}}", DatasetDescription())
    ]
    assert any(value is not None for (value,) in found)


def test_triples_are_counted_again_when_their_graph_changed() -> None:
    store = EmbeddedStore()
    counts = TripleCounts(store)
    assert counts.of(A) == 0
    store.load_nquads(b"<urn:s> <urn:p> <urn:o> <urn:a> .\n<urn:s> <urn:p> <urn:o> <urn:b> .\n")
    assert (counts.of(A), counts.of(B)) == (1, 1)
    store.replace_graph(A, "<urn:s> <urn:p> 1, 2, 3 .")
    assert (counts.of(A), counts.of(A), counts.of(B)) == (3, 3, 1)


def test_the_triples_are_plain_terms() -> None:
    for triple in service_description(ENDPOINT, DatasetDescription((A,), (A,)), COUNTS.__getitem__):
        assert isinstance(triple, Triple)
        assert isinstance(triple.object, Iri | Literal)
