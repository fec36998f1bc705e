"""What a model says of something, in a form that can be compared: blank nodes by what is said of them, not by name.

A blank node becomes the list or the description that it stands for, as Turtle writes it in brackets. Where that can't
be (one leads back to itself, is used twice, or lies very deep) it is compared by the canonical form of its graph
(`rdflib.compare`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.compare import to_canonical_graph
from rdflib.namespace import XSD
from rdflib.term import Node

WITHOUT_ORDER = frozenset({SH["in"], SH["and"], SH["or"], SH.xone, SH.ignoredProperties, SH.languageIn})
"""Predicates whose lists are sets (SHACL, sections 4.4, 4.6 and 4.8)."""
DEPTH = 50
"""How deep descriptions may lie in each other."""
_ROOT = URIRef("urn:root")


@dataclass(frozen=True)
class Members:
    """An RDF list.

    Attributes:
        members: as they are compared: in their order, or sorted where the order means nothing.
        listed: as they stand in the list.
    """

    members: tuple[Value, ...]
    listed: tuple[Value, ...] = field(compare=False)


@dataclass(frozen=True)
class Description:
    """A blank node and what is said of it.

    Attributes:
        parts: predicates and values.
        canonical: the canonical N-Triples of its graph if that is no tree, with no parts then; else empty.
    """

    parts: frozenset[tuple[URIRef, Value]]
    canonical: str = ""


Value: TypeAlias = URIRef | Literal | Members | Description


class _NoTree(Exception):
    """A blank node leads back to itself, is used twice, or lies too deep."""


def value_of(graph: Graph, node: Node, predicate: Node | None = None) -> Value:
    """Return the value that `node` stands for as an object of `predicate`."""
    try:
        return _value(graph, node, predicate, set(), 0)
    except _NoTree:
        return Description(frozenset(), _canonical(graph, node))


def machine_text(value: Value) -> str:
    """Return a value as text: an IRI in full, a literal by its text, a list in (), a description in []."""
    if isinstance(value, URIRef | Literal):
        return str(value)
    return f"({' '.join(map(sort_key, value.listed))})" if isinstance(value, Members) else sort_key(value)


def sort_key(value: Value) -> str:
    """Return a text that is the same for equal values, as Turtle without prefixes."""
    if isinstance(value, URIRef | Literal):
        return value.n3()
    if isinstance(value, Members):
        return f"({' '.join(map(sort_key, value.members))})"
    parts = sorted(f"{predicate.n3()} {sort_key(each)}" for predicate, each in value.parts)
    return f"[{' ; '.join(parts) or value.canonical}]"


def _value(graph: Graph, node: Node, predicate: Node | None, seen: set[Node], depth: int) -> Value:
    if isinstance(node, URIRef):
        return node
    if isinstance(node, Literal):
        return _plain(node)
    if node in seen or depth > DEPTH:
        raise _NoTree
    seen.add(node)
    items = _items(graph, node)
    if items is None:
        parts = ((name, _value(graph, each, name, seen, depth + 1)) for name, each in graph.predicate_objects(node))
        return Description(frozenset((URIRef(str(name)), value) for name, value in parts))
    listed = tuple(_value(graph, item, None, seen, depth + 1) for item in items)
    return Members(tuple(sorted(listed, key=sort_key)) if predicate in WITHOUT_ORDER else listed, listed)


def _items(graph: Graph, head: Node) -> list[Node] | None:
    """Return the members of a well-formed list, None for anything else."""
    items: list[Node] = []
    seen: set[Node] = set()
    while head != RDF.nil:
        if head in seen:
            return None
        seen.add(head)
        first, rest = list(graph.objects(head, RDF.first)), list(graph.objects(head, RDF.rest))
        if len(first) != 1 or len(rest) != 1:
            return None
        items.append(first[0])
        head = rest[0]
    return items


def _plain(literal: Literal) -> Literal:
    """Return a literal in the one form of its value: 1.0e2 and 100.0 are the same double."""
    if literal.datatype == XSD.decimal and literal.value is not None:
        return Literal(f"{literal.value.normalize():f}", datatype=XSD.decimal, normalize=False)
    return literal if literal.language else Literal(str(literal), datatype=literal.datatype, normalize=True)


def _canonical(graph: Graph, root: Node) -> str:
    reached, waiting = Graph(bind_namespaces="none"), [root]
    reached.add((_ROOT, _ROOT, root))
    while waiting:
        node = waiting.pop()
        for triple in graph.triples((node, None, None)):
            if triple not in reached:
                reached.add(triple)
                if isinstance(triple[2], BNode):
                    waiting.append(triple[2])
    return " . ".join(sorted(" ".join(part.n3() for part in triple) for triple in to_canonical_graph(reached)))
