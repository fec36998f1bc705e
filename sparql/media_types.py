"""The media types of SPARQL results and RDF graphs: the one table of what is on offer and how clients call it.

It says nothing about how anything is serialised: that is the engine's.

Sources: SPARQL 1.1 Query Results JSON, CSV and TSV, XML formats; RDF 1.1 Turtle, N-Triples, N-Quads, TriG, XML;
JSON-LD 1.1; the file formats at http://www.w3.org/ns/formats/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparql.query_engine import ResultKind
from sparql.terms import Iri, Namespace

FORMATS = Namespace("http://www.w3.org/ns/formats/")
_ROWS = frozenset({ResultKind.BINDINGS, ResultKind.BOOLEAN})
_GRAPH = frozenset({ResultKind.GRAPH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Serialisation:
    """One way to write a result.

    Attributes:
        media_type: its registered name.
        kinds: the results that it can hold.
        names: what clients call it in the parameter `format`.
        aliases: other media types under which clients ask for it, and then expect the answer.
        iri: what a service description calls it.
    """

    media_type: str
    kinds: frozenset[ResultKind]
    names: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    iri: Iri


SERIALISATIONS = (
    Serialisation(
        media_type="application/sparql-results+json",
        kinds=_ROWS,
        names=("json", "srj"),
        aliases=("application/json",),
        iri=FORMATS.term("SPARQL_Results_JSON"),
    ),
    Serialisation(
        media_type="application/sparql-results+xml",
        kinds=_ROWS,
        names=("xml", "srx"),
        aliases=("application/xml", "text/xml"),
        iri=FORMATS.term("SPARQL_Results_XML"),
    ),
    Serialisation(media_type="text/csv", kinds=_ROWS, names=("csv",), iri=FORMATS.term("SPARQL_Results_CSV")),
    Serialisation(
        media_type="text/tab-separated-values",
        kinds=_ROWS,
        names=("tsv",),
        aliases=("text/tsv",),
        iri=FORMATS.term("SPARQL_Results_TSV"),
    ),
    Serialisation(
        media_type="text/turtle",
        kinds=_GRAPH,
        names=("turtle", "ttl", "n3"),
        aliases=("application/turtle", "application/x-turtle", "text/n3", "text/rdf+n3"),
        iri=FORMATS.term("Turtle"),
    ),
    Serialisation(
        media_type="application/n-triples",
        kinds=_GRAPH,
        names=("nt", "ntriples", "n-triples"),
        aliases=("text/plain",),
        iri=FORMATS.term("N-Triples"),
    ),
    Serialisation(
        media_type="application/ld+json",
        kinds=_GRAPH,
        names=("jsonld", "json-ld", "json"),
        aliases=("application/json",),
        iri=FORMATS.term("JSON-LD"),
    ),
    Serialisation(
        media_type="application/rdf+xml",
        kinds=_GRAPH,
        names=("rdfxml", "rdf+xml", "rdf", "xml"),
        aliases=("application/xml", "text/xml"),
        iri=FORMATS.term("RDF_XML"),
    ),
    Serialisation(
        media_type="application/n-quads",
        kinds=_GRAPH,
        names=("nq", "nquads", "n-quads"),
        aliases=("text/x-nquads",),
        iri=FORMATS.term("N-Quads"),
    ),
    Serialisation(
        media_type="application/trig",
        kinds=_GRAPH,
        names=("trig",),
        aliases=("application/x-trig",),
        iri=FORMATS.term("TriG"),
    ),
)
"""On offer, for each kind of result the preferred first."""


def offers(kind: ResultKind) -> Mapping[str, Serialisation]:
    """Return for `kind` the media types that can be asked for, aliases last, with what each one stands for."""
    able = [each for each in SERIALISATIONS if kind in each.kinds]
    registered = {each.media_type: each for each in able}
    return registered | {alias: each for each in able for alias in each.aliases}


def on_offer(*kinds: ResultKind) -> tuple[str, ...]:
    """Return the registered media types for `kinds`, or for all of them, the preferred first."""
    return tuple(each.media_type for each in SERIALISATIONS if not kinds or each.kinds.intersection(kinds))


def content_type(media_type: str) -> str:
    """Return the Content-Type under which `media_type` is sent: text is UTF-8 and says so."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
