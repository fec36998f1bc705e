"""What the model says of a node, in the form in which a page shows it: words, links, and what blank nodes hold.

Nothing here is HTML: the templates escape all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rdflib import OWL, RDF, RDFS, SH, SKOS, XSD, Graph
from rdflib.term import BNode, Literal, Node, URIRef

from registry.model_pages.places import Links
from registry.profile import Profile

DEEPEST = 8
"""Blank nodes in blank nodes that are shown."""
_NAMES = (SKOS.prefLabel, RDFS.label, SH.name)
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])|[^\W_]+")
_IN_WORDS: Mapping[str, str] = {
    str(RDFS.subClassOf): "superclasses",
    str(RDFS.subPropertyOf): "superproperties",
    str(SKOS.inScheme): "code list",
    str(SKOS.hiddenLabel): "also read as",
    str(SH["in"]): "one of",
}
"""Predicates whose names say little -> words."""
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""What HTML has no form for (HTML, section 13.1.4), or UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A term or a blank node.

    Attributes:
        text: its words; empty for a blank node.
        href: where it leads, if anywhere.
        hint: more about it: the whole IRI, or the datatype.
        language: of the words.
        code: whether the words are a name for programs.
        items: the members of a list.
        rows: what is said of a blank node.
    """

    text: str = ""
    href: str | None = None
    hint: str = ""
    language: str = ""
    code: bool = False
    items: tuple[Value, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A predicate with its values."""

    name: Value
    values: tuple[Value, ...]


class Describer:
    """Puts what the graphs of a model say into the form of pages.

    Args:
        profile: the model.
        links: where IRIs lead.
    """

    def __init__(self, profile: Profile, links: Links) -> None:
        self._profile = profile
        self._links = links
        self._graphs = (profile.ontology, profile.shapes)
        self._namespaces = sorted(profile.prefixes.items(), key=lambda item: -len(item[1]))
        self._labels: dict[str, str] = {}
        self._told: set[Node] = set()

    def label(self, iri: str) -> str:
        """Return the English label of a term, else one in another language, else its local name."""
        return self._stated_label(iri) or self.short(iri).partition(":")[2] or written(iri)

    def short(self, iri: str) -> str:
        """Return an IRI shortened by a prefix, or whole."""
        for prefix, namespace in self._namespaces:
            if iri.startswith(namespace) and len(iri) > len(namespace):
                return written(f"{prefix}:{iri[len(namespace) :]}")
        return written(iri)

    def iri(self, iri: str) -> Value:
        """Return a term by its label if the model gives it one, else by its shortened IRI."""
        label = self._stated_label(iri) if self._links.to(iri) != iri else ""
        text = label or self.short(iri)
        return Value(text=text, href=self._links.to(iri), hint=written(iri), code=not label)

    def texts(self, node: Node, predicates: Iterable[URIRef]) -> tuple[Value, ...]:
        """Return the literals that a node has for any of `predicates`, English first."""
        stated = {value for graph in self._graphs for each in predicates for value in graph.objects(node, each)}
        return ordered(self._literal(each) for each in stated if isinstance(each, Literal))

    def text(self, node: Node, predicates: Iterable[URIRef]) -> str:
        """Return one text, English if there is one; empty without any."""
        return next((each.text for each in self.texts(node, predicates)), "")

    def rows(
        self, graph: Graph, node: Node, shown: Callable[[Node, Node], bool] = lambda *_: True, depth: int = 0
    ) -> tuple[Row, ...]:
        """Return what a graph says of a node, in the order of the names of predicates.

        Args:
            graph: ontology or shapes.
            node: of which.
            shown: tells of a predicate and its value whether to show them.
            depth: of the node below a term.
        """
        found: dict[Node, list[Value]] = {}
        for predicate, value in graph.predicate_objects(node):
            if shown(predicate, value):
                found.setdefault(predicate, []).append(self.value(value, graph, depth))
        rows = (Row(self.predicate(str(each)), ordered(values)) for each, values in found.items())
        return tuple(sorted(rows, key=lambda row: row.name.text))

    def predicate(self, iri: str) -> Value:
        """Return a predicate by its name in words: sh:minLength is "min length"."""
        if iri in _IN_WORDS:
            return Value(text=_IN_WORDS[iri], hint=self.short(iri))
        local = re.split(r"[#/:]", iri)[-1]
        words = " ".join(word if word.isupper() else word.lower() for word in _WORD.findall(local))
        return Value(text=words or written(iri), hint=self.short(iri))

    def value(self, node: Node, graph: Graph, depth: int = 0) -> Value:
        """Return an object of a triple."""
        if isinstance(node, Literal):
            return self._literal(node)
        if isinstance(node, URIRef) and node != RDF.nil:
            return self.iri(str(node))
        if depth > DEEPEST or node in self._told:  # each blank node once, as they may refer to each other
            return Value(text="…")
        if isinstance(node, BNode):
            self._told.add(node)
        if node == RDF.nil or (node, RDF.first, None) in graph:
            return Value(items=tuple(self.value(each, graph, depth + 1) for each in _members(graph, node)), text="()")
        return Value(rows=self.rows(graph, node, depth=depth + 1), text="…")

    def _literal(self, node: Literal) -> Value:
        plain = node.datatype is None or node.datatype == XSD.string
        hint = "" if plain else self.short(str(node.datatype))
        return Value(text=written(str(node)) or "(empty)", hint=hint, language=node.language or "", code=not plain)

    def _stated_label(self, iri: str) -> str:
        if iri not in self._labels:
            self._labels[iri] = self.text(URIRef(iri), _NAMES)
        return self._labels[iri]


def written(text: str) -> str:
    """Return a text as a page can hold it: what HTML or UTF-8 has no form for becomes U+FFFD."""
    return _UNFIT.sub("\ufffd", text)


def is_deprecated(graph: Graph, node: Node) -> bool:
    """Tell whether a term should not be used any more (OWL 2, section 5.5)."""
    return any(isinstance(each, Literal) and each.value is True for each in graph.objects(node, OWL.deprecated))


def ordered(values: Iterable[Value]) -> tuple[Value, ...]:
    """Return values in the order of a page: English first, then by language and words."""
    return tuple(sorted(values, key=_order))


def _order(value: Value) -> tuple[bool, str, str, str, str]:
    inside = repr((value.items, value.rows)) if value.items or value.rows else ""
    return value.language != "en", value.language, value.text, value.hint, inside


def _members(graph: Graph, head: Node) -> list[Node]:
    """Return the members of an RDF list; one that never ends is left where it comes back."""
    members: list[Node] = []
    seen: set[Node] = set()
    node: Node | None = head
    while isinstance(node, BNode | URIRef) and node != RDF.nil and node not in seen:
        seen.add(node)
        first = graph.value(node, RDF.first)
        if first is not None:
            members.append(first)
        node = graph.value(node, RDF.rest)
    return members
