"""RDF graphs as text: which media types there are, and how to write and read them.

Uses rdflib, but where it changes literals: its Turtle rounds doubles to seven digits and misquotes some texts of
several lines, its JSON-LD writes the double 3 as a number, which JSON-LD reads as an integer, and its RDF/XML loses
parts of lists. A blank node stands as `Iri("_:…")`, as engines return it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import rdflib
from rdflib import BNode, Graph
from rdflib.compare import to_canonical_graph
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.term import Node, URIRef

from sparql.rdf_xml import NotWritable, write_rdf_xml
from sparql.terms import BOOLEAN, INTEGER, RDF, STRING, TYPE, Iri, Literal, Term, Triple, to_sparql

__all__ = [
    "GRAPH_FORMATS",
    "GraphFormat",
    "NotWritable",
    "read_turtle",
    "to_node",
    "to_term",
    "to_triples",
    "write_graph",
]


@dataclass(frozen=True, slots=True)
class GraphFormat:
    """A serialisation of RDF graphs: its media type and rdflib's name for it."""

    media_type: str
    name: str


GRAPH_FORMATS = (
    GraphFormat("text/turtle", "turtle"),
    GraphFormat("application/ld+json", "json-ld"),
    GraphFormat("application/n-triples", "nt11"),
    GraphFormat("application/rdf+xml", "xml"),
)
"""On offer, the preferred first."""
_BARE = {BOOLEAN: re.compile("true|false"), INTEGER: re.compile("[+-]?[0-9]+")}
"""Lexical forms that Turtle reads as they are (RDF 1.1 Turtle, section 2.5)."""


def write_graph(triples: Iterable[Triple], form: GraphFormat, prefixes: Mapping[str, str]) -> bytes:
    """Serialise `triples`, shortening IRIs by those of `prefixes` that they use, where the format can.

    Raises:
        NotWritable: the format has no form for one of them.
    """
    lines = {f"{' '.join(map(_to_n_triples, triple))} .\n": triple for triple in triples}
    ordered = [lines[line] for line in sorted(lines)]
    if form.name == "nt11":
        return "".join(sorted(lines)).encode()
    used = {each.datatype if isinstance(each, Literal) else each for triple in ordered for each in triple}
    needed = {
        prefix: str(name)
        for prefix, name in {"rdf": RDF, **prefixes}.items()
        if name == RDF or any(iri.startswith(name) for iri in used)
    }
    if form.name == "xml":
        return write_rdf_xml(ordered, needed)
    if form.name == "json-ld":
        schemes = {iri.partition(":")[0] for iri in (*used, *needed.values())}
        return _json_ld(ordered, {prefix: name for prefix, name in needed.items() if prefix not in schemes})
    return _turtle(ordered, needed)


def to_triples(graph: Graph) -> list[Triple]:
    """Return the triples of rdflib's graph. Blank nodes get labels that depend on what is said of them alone."""
    return [Triple(*map(_labelled, triple)) for triple in to_canonical_graph(graph)]  # type: ignore[arg-type]


def read_turtle(data: bytes) -> list[Triple]:
    """Parse Turtle.

    Raises:
        ValueError: it is none, or holds a blank node in the place of a subject or object.
    """
    graph = Graph(bind_namespaces="none")
    try:
        graph.parse(data=data, format="turtle")
    except Exception as error:
        raise ValueError(f"no Turtle: {' '.join(str(error).split())[:300]}") from error
    return [Triple(_iri(subject), _iri(predicate), to_term(value)) for subject, predicate, value in graph]


def to_node(term: Term) -> Node:
    """Return rdflib's form of a term."""
    if isinstance(term, Iri):
        return BNode(term[2:]) if term.startswith("_:") else URIRef(term)
    if term.language is not None:
        return rdflib.Literal(term.lexical, lang=term.language)
    datatype = None if term.datatype == STRING else URIRef(term.datatype)
    return rdflib.Literal(term.lexical, datatype=datatype, normalize=False)


def to_term(node: Node) -> Term:
    """Return a term from rdflib's form.

    Raises:
        ValueError: it is a blank node.
    """
    if isinstance(node, rdflib.Literal):
        return Literal(str(node), Iri(node.datatype) if node.datatype else STRING, node.language)
    return _iri(node)


def _labelled(node: Node) -> Term:
    return Iri(f"_:{node}") if isinstance(node, BNode) else to_term(node)


def _to_n_triples(term: Term) -> str:
    return str(term) if isinstance(term, Iri) and term.startswith("_:") else to_sparql(term)


def _turtle(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> bytes:
    graph = Graph(bind_namespaces="none")
    for prefix, name in prefixes.items():
        graph.bind(prefix, name)
    for subject, predicate, value in triples:
        graph.add((to_node(subject), to_node(predicate), to_node(value)))
    stream = io.BytesIO()
    _TurtleWriter(graph).serialize(stream, spacious=True)
    return stream.getvalue()


class _TurtleWriter(TurtleSerializer):
    """rdflib's Turtle with exact literals."""

    def label(self, node: Node, position: int) -> str:
        """Return a term's text; whole numbers, true and false stand without quotes."""
        if not isinstance(node, rdflib.Literal):
            return super().label(node, position)
        term = to_term(node)
        if not isinstance(term, Literal) or term.datatype == STRING or term.language:
            return to_sparql(term)
        if term.datatype in _BARE and _BARE[term.datatype].fullmatch(term.lexical):
            return term.lexical
        name = self.get_pname(URIRef(term.datatype), gen_prefix=False)
        return f"{to_sparql(Literal(term.lexical))}^^{name}" if name else to_sparql(term)


def _json_ld(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> bytes:
    """Return a flattened document; no prefix may be the scheme of an IRI, which then would read as a compact one."""
    nodes: dict[Iri, dict[str, Any]] = {}
    for subject, predicate, value in triples:
        node = nodes.setdefault(subject, {"@id": _compact(subject, prefixes)})
        if predicate == TYPE and isinstance(value, Iri):
            name, each = "@type", _compact(value, prefixes)
        else:
            name, each = _compact(predicate, prefixes), _json_value(value, prefixes)
        node.setdefault(name, []).append(each)
    document = {"@context": dict(prefixes), "@graph": list(nodes.values())}
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def _json_value(term: Term, prefixes: Mapping[str, str]) -> Any:
    """Return a term as a JSON-LD value; of the native types only those that are exact."""
    if isinstance(term, Iri):
        return {"@id": _compact(term, prefixes)}
    if term.language is not None:
        return {"@language": term.language, "@value": term.lexical}
    if term.datatype == STRING:
        return term.lexical
    if term.datatype == BOOLEAN and term.lexical in ("true", "false"):
        return term.lexical == "true"
    return {"@type": _compact(term.datatype, prefixes), "@value": term.lexical}


def _compact(iri: Iri, prefixes: Mapping[str, str]) -> str:
    """Return a compact IRI (JSON-LD 1.1, section 4.1.5) where a prefix fits: one that ends in a delimiter."""
    for prefix, name in prefixes.items():
        if iri.startswith(name) and name.endswith(("/", "#")) and not iri.startswith(f"{name}//"):
            return f"{prefix}:{iri.removeprefix(name)}"
    return str(iri)


def _iri(node: Node) -> Iri:
    if not isinstance(node, URIRef):
        raise ValueError(f"the blank node {node} can't be used here: give it an IRI")
    return Iri(node)
