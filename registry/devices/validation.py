"""Validation of devices against the profile's shapes. The only module that knows pyshacl, and SHACL the only judge.

pyshacl builds its view of the shapes graph on first use and changes the graph while it does, so each thread keeps
one of its own. Data is given to it in rdflib graphs: on pyoxigraph's store it misjudges `sh:in` (decision in
docs/decisions.md).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, SH, Graph
from rdflib.term import Literal as RdfLiteral
from rdflib.term import Node, URIRef

from registry.devices.messages import Message
from registry.profile import Field, Profile
from registry.spans import span
from sparql.graph_formats import to_node, to_term
from sparql.terms import Iri, Literal, Term, Triple

_FOR_PEOPLE = {SH.name, SH.description, SH.order, SH.group, SH.defaultValue}
_ABOUT_VALUES = {RDF.type, SH.path, SH.message, SH.severity, SH.datatype, SH.nodeKind, SH["class"], SH["in"]} | {
    *(SH.pattern, SH.flags, SH.minLength, SH.maxLength, SH.languageIn, SH.uniqueLang, SH.maxCount, SH.node),
    *(SH.minInclusive, SH.maxInclusive, SH.minExclusive, SH.maxExclusive),
}
"""Predicates of a property shape whose constraints hold wherever there is no value (SHACL, section 4)."""

OUT_OF_VIEW = Message([Literal("the outcome breaks a rule about what you may not see")])
"""All that a role is told of a broken rule about a field that it may not see."""


class ShapesError(ValueError):
    """A shape can't be asked: a constraint is not of the form that SHACL gives it."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One sh:ValidationResult (SHACL, section 3.6.2).

    Attributes:
        field: the field whose property shape is broken; None for a rule across several fields.
        component: the local name of the constraint component, as "InConstraintComponent".
        value: the value that breaks it, None when it is its absence.
        message: the shape's message, in all its languages.
    """

    field: Field | None
    component: str
    value: Term | None
    message: Message


class Validator:
    """Judges devices by the shapes of one profile. Safe to share between threads.

    Args:
        profile: the profile.
        only: the shapes to ask, out of the device's node shape and its property shapes; None for all of them.
    """

    def __init__(self, profile: Profile, only: Collection[Iri] | None = None) -> None:
        self._profile = profile
        self._only = only
        self._local = threading.local()

    def probe(self) -> None:
        """Ask every shape about a device with a text in every field: is there one that can't be asked?

        Raises:
            ShapesError: says which constraint is written wrong.
        """
        device, node, graph = URIRef("urn:probe"), URIRef("urn:probe:node"), Graph(bind_namespaces="none")
        for field in self._profile.fields.values():
            nodes = [device, *([node] * (len(field.path) - 1))]
            for subject, step, value in zip(nodes, field.path, [*nodes[1:], RdfLiteral("probe")], strict=True):
                graph.add((subject, URIRef(step), value))
        shape: Shape | None = None
        try:
            for shape, _ in self._shapes():
                shape.validate(SHACLExecutor(), graph, focus=[device])
        except Exception as error:  # noqa: BLE001  pyshacl lets through whatever a constraint's value brings about
            name = f"{shape.node}: " if shape is not None else ""
            raise ShapesError(f"{name}{str(error).partition(chr(10))[0]}") from None

    def validate(self, devices: Mapping[Iri, Collection[Triple]]) -> dict[Iri, list[Violation]]:
        """Return the violations of each device that has any.

        Many devices in one call cost a fraction of as many calls: pyshacl reads each shape once a call.

        Args:
            devices: device -> its triples, entailed ones included.
        """
        graph = Graph(bind_namespaces="none")
        for triples in devices.values():
            for subject, predicate, value in triples:
                node = _uri(value) if isinstance(value, Iri) else to_node(value)
                graph.add((_uri(subject), _uri(predicate), node))
        focus = [URIRef(device) for device in devices]
        with span("shacl.validate", {"der_registry.devices": len(devices)}):
            results = self._run(graph, focus)
        found: defaultdict[Iri, list[Violation]] = defaultdict(list)
        for each in results:
            parts, messages = dict(each), [value for name, value in each if name == SH.resultMessage]
            found[Iri(str(parts[SH.focusNode]))].append(self._violation(parts, messages))
        return dict(found)

    def _run(self, graph: Graph, focus: Sequence[URIRef]) -> list[list[tuple[Node, Node]]]:
        found = []
        for shape, needs in self._shapes():
            concerned = focus if needs is None else [node for node in focus if (node, needs, None) in graph]
            if concerned:
                _, reports = shape.validate(SHACLExecutor(), graph, focus=concerned)
                found += [[(predicate, _bare(value)) for _, predicate, value in parts] for _, _, parts in reports]
        return found

    def _shapes(self) -> list[tuple[Shape, URIRef | None]]:
        """Return this thread's shapes: those of the properties, then the node shape with its other constraints.

        A node shape's sh:property means: each focus node meets the property shape (SHACL, section 4.8.1). Asking
        the property shapes directly is the same, but for all devices at once. Beside each stands the predicate
        without which a device can't break it: constraints on values alone hold where there is no value.
        """
        shapes: list[tuple[Shape, URIRef | None]] | None = getattr(self._local, "shapes", None)
        if shapes is None:
            node = URIRef(self._profile.shape)
            graph = Graph(bind_namespaces="none")
            for triple in self._profile.shapes:
                if constrains(triple[1]):
                    graph.add(triple)
            properties = list(graph.objects(node, SH.property))
            graph.remove((node, SH.property, None))
            for each in properties:  # one without a name is a shape only by the statement that was just removed
                graph.add((each, RDF.type, SH.PropertyShape))
            compiled = ShapesGraph(graph)
            _ = compiled.shapes  # reads the shapes; what is looked up below exists only afterwards
            shapes = [(compiled.lookup_shape_from_node(each), self._needs(graph, each)) for each in properties]
            shapes.append((compiled.lookup_shape_from_node(node), None))
            if self._only is not None:
                shapes = [(shape, needs) for shape, needs in shapes if str(shape.node) in self._only]
            self._local.shapes = shapes
        return shapes

    def _needs(self, graph: Graph, shape: Node) -> URIRef | None:
        field = self._profile.by_shape.get(Iri(str(shape)))
        if field is None or field.required or not set(graph.predicates(shape)) <= _ABOUT_VALUES:
            return None
        return URIRef(field.path[0])

    def _violation(self, parts: Mapping[Node, Node], messages: Collection[Node]) -> Violation:
        value = parts.get(SH.value)
        return Violation(
            field=self._profile.by_shape.get(Iri(str(parts[SH.sourceShape]))),
            component=str(parts[SH.sourceConstraintComponent]).removeprefix(str(SH)),
            value=None if value is None else to_term(value),
            message=Message(term for term in map(to_term, messages) if isinstance(term, Literal)),
        )


@dataclass(frozen=True, slots=True)
class Broken:
    """A focus node that breaks a shape.

    Attributes:
        focus: the focus node.
        component: the local name of the constraint component, as "InConstraintComponent".
    """

    focus: Iri
    component: str


class ShapeJudge:
    """Asks single shapes about nodes of any graph. Safe to share between threads.

    Args:
        shapes: the shapes, with all that they lead to; names of other shapes of the model may be missing.
    """

    def __init__(self, shapes: Graph) -> None:
        self._graph = Graph(bind_namespaces="none")
        for triple in shapes:
            if constrains(triple[1]):
                self._graph.add(triple)
        self._local = threading.local()

    def broken(self, shape: Iri, triples: Collection[Triple], focus: Collection[Iri]) -> list[Broken]:
        """Return which of the focus nodes break a shape, each once for each component.

        Args:
            shape: a property shape, or a node shape that has no property shapes.
            triples: the graph that is judged.
            focus: the nodes to ask about.
        """
        graph = Graph(bind_namespaces="none")
        for subject, predicate, value in triples:
            graph.add((_uri(subject), _uri(predicate), _uri(value) if isinstance(value, Iri) else to_node(value)))
        compiled = self._compiled().lookup_shape_from_node(URIRef(shape))
        _, reports = compiled.validate(SHACLExecutor(), graph, focus=[URIRef(node) for node in focus])
        found = []
        for _, _, entries in reports:
            parts = {predicate: _bare(value) for _, predicate, value in entries}
            component = str(parts[SH.sourceConstraintComponent]).removeprefix(str(SH))
            found.append(Broken(Iri(str(parts[SH.focusNode])), component))
        return list(dict.fromkeys(found))

    def _compiled(self) -> ShapesGraph:
        compiled: ShapesGraph | None = getattr(self._local, "compiled", None)
        if compiled is None:
            own = Graph(bind_namespaces="none")
            for triple in self._graph:
                own.add(triple)
            compiled = self._local.compiled = ShapesGraph(own)
            _ = compiled.shapes  # reads the shapes; what is looked up afterwards exists only then
        return compiled


def constrains(predicate: Node) -> bool:
    """Tell whether a predicate matters to validation; pyshacl looks each one up among all it knows, every time."""
    name = str(predicate)
    return name.startswith(str(RDF)) or (name.startswith(str(SH)) and predicate not in _FOR_PEOPLE)


def _bare(value: Any) -> Node:
    """Return the node of a report's entry; pyshacl pairs some with the graph they come from."""
    node: Node = value[1] if isinstance(value, tuple) else value
    return node


@lru_cache(maxsize=10_000)
def _uri(name: str) -> URIRef:
    """Return rdflib's IRI; making one costs more than finding it again, and most are predicates and codes."""
    return URIRef(name)
