"""The service description: what this endpoint can do, and what one caller can ask about, as RDF.

Everything in it is taken from what is enabled and from the dataset given; it names no graph beyond that.
Nodes are fragments of the endpoint's IRI, as blank nodes have no identity across two answers.

Source: SPARQL 1.1 Service Description; triple counts as in VoID.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sparql.dataset import DatasetDescription
from sparql.media_types import SERIALISATIONS
from sparql.terms import INTEGER, TYPE, Iri, Literal, Namespace, Term, Triple

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")
GEOF = Namespace("http://www.opengis.net/def/function/geosparql/")
PREFIXES = {"sd": SD, "void": VOID, "geof": GEOF, "formats": "http://www.w3.org/ns/formats/"}

_TOPOLOGY = {
    "sf": ("Equals", "Disjoint", "Intersects", "Touches", "Crosses", "Within", "Contains", "Overlaps"),
    "eh": ("Equals", "Disjoint", "Meet", "Overlap", "Covers", "CoveredBy", "Inside", "Contains"),
    "rcc8": ("eq", "dc", "ec", "po", "tppi", "tpp", "ntpp", "ntppi"),
}
_OF_ONE = ("asGeoJSON", "centroid", "convexHull", "dimension", "coordinateDimension", "spatialDimension")
_OF_ONE_MORE = ("envelope", "getSRID", "isEmpty", "isSimple")
EXTENSION_FUNCTIONS = tuple(
    GEOF.term(name)
    for name in (
        "distance",
        *(f"{family}{relation}" for family, relations in _TOPOLOGY.items() for relation in relations),
        *_OF_ONE,
        *_OF_ONE_MORE,
    )
)
"""The functions of GeoSPARQL 1.1 that the engine knows; they work on WKT and GeoJSON literals."""


def service_description(endpoint: Iri, dataset: DatasetDescription, count: Callable[[Iri], int]) -> Iterator[Triple]:
    """Yield the triples that describe the service at `endpoint`.

    Args:
        endpoint: where queries are sent.
        dataset: what the caller's queries see when they ask for nothing else.
        count: returns how many triples a graph holds.
    """
    for predicate, value in _service(endpoint):
        yield Triple(endpoint, predicate, value)
    yield from (Triple(name, TYPE, SD.term("Function")) for name in EXTENSION_FUNCTIONS)
    whole, default = Iri(f"{endpoint}#dataset"), Iri(f"{endpoint}#default-graph")
    counts = {graph: count(graph) for graph in {*dataset.default, *dataset.named}}
    yield Triple(endpoint, SD.term("defaultDataset"), whole)
    yield Triple(whole, TYPE, SD.term("Dataset"))
    yield Triple(whole, SD.term("defaultGraph"), default)
    yield from _graph(default, sum(counts[graph] for graph in dataset.default))
    for number, name in enumerate(dataset.named, 1):
        named, graph = Iri(f"{endpoint}#named-{number}"), Iri(f"{endpoint}#graph-{number}")
        yield Triple(whole, SD.term("namedGraph"), named)
        yield Triple(named, TYPE, SD.term("NamedGraph"))
        yield Triple(named, SD.term("name"), name)
        yield Triple(named, SD.term("graph"), graph)
        yield from _graph(graph, counts[name])


def _service(endpoint: Iri) -> Iterator[tuple[Iri, Term]]:
    yield TYPE, SD.term("Service")
    yield SD.term("endpoint"), endpoint
    yield SD.term("supportedLanguage"), SD.term("SPARQL11Query")
    yield SD.term("defaultEntailmentRegime"), Iri("http://www.w3.org/ns/entailment/Simple")
    for each in SERIALISATIONS:
        yield SD.term("resultFormat"), each.iri
    for name in EXTENSION_FUNCTIONS:
        yield SD.term("extensionFunction"), name


def _graph(graph: Iri, triples: int) -> Iterator[Triple]:
    yield Triple(graph, TYPE, SD.term("Graph"))
    yield Triple(graph, VOID.term("triples"), Literal(str(triples), INTEGER))
