"""Judges shapes as such: by the W3C's shapes of SHACL ("SHACL-SHACL"), and their patterns as regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyshacl.entrypoints import meta_validate
from pyshacl.errors import ReportableRuntimeError
from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.term import Node

from registry.model_check.findings import Finding
from registry.model_check.model_files import Model

KIND = "shapes_are_shacl"
MOST_TRIPLES = 20_000
LONGEST_LIST = 100
"""Bounds within which pyshacl is done in seconds."""

_MESSAGES = {
    SH.DatatypeConstraintComponent: "{path} {value} is of another datatype: {words}",
    SH.InConstraintComponent: "{path} {value} is none of the values that SHACL has for it",
    SH.MaxCountConstraintComponent: "there is more than one {path}, or one where none may be",
    SH.MinCountConstraintComponent: "{path} is missing",
    SH.NodeKindConstraintComponent: "{path} {value} is of the wrong kind (IRI, literal or blank node)",
    SH.OrConstraintComponent: "{path} {value} is of the wrong kind: a text, or one in a language, belongs there",
    SH.XoneConstraintComponent: "this is neither a sound node shape nor a sound property shape",
}
_NO_LIST = "the value of {path} must be one list: in round brackets, its members separated by spaces"
_LISTS = {SH["in"], SH["and"], SH["or"], SH.xone, SH.languageIn, SH.ignoredProperties}


def shacl_findings(model: Model) -> Iterator[Finding]:
    """Yield what the standard has against the shapes of `model`; about a blank node, at the shape that leads to it."""
    yield from _patterns(model)
    yield from _no_lists(model)
    if len(model.shapes) > MOST_TRIPLES:
        message = f"the shapes have {len(model.shapes):,} triples; no more than {MOST_TRIPLES:,} are judged"
        yield Finding(kind=KIND, message=message)
        return
    copy = _copy(model.shapes)
    if long := [head for _, step, head in copy if step != RDF.rest and _is_long(copy, head)]:
        message = f"a list of more than {LONGEST_LIST} members can't be judged, unless it is one of sh:in"
        yield model.finding(KIND, message, str(_named(copy, long[0])))
        return
    try:
        conforms, report, _ = meta_validate(copy, inference="none")
    except ReportableRuntimeError as error:
        yield Finding(kind=KIND, message=f"the shapes can't be judged: {error}"[:300])
        return
    except RecursionError:
        yield Finding(kind=KIND, message="the shapes can't be judged: they lead too deep, from one to the next")
        return
    if not conforms and isinstance(report, Graph):
        yield from dict.fromkeys(_finding(model, report, each) for each in _results(report))


def _copy(shapes: Graph) -> Graph:
    """Return shapes to be judged: a sound list of sh:in is an empty one there, as its members can be anything.

    pyshacl takes time with the square of a list's length, and lists of codes are long.
    """
    copy = Graph()
    for triple in shapes:
        copy.add(triple)
    for shape, head in shapes.subject_objects(SH["in"]):
        if _is_list(shapes, head):
            copy.remove((shape, SH["in"], head))
            copy.add((shape, SH["in"], RDF.nil))
            node: Node | None = head
            while node is not None:
                copy.remove((node, RDF.first, None))
                copy.remove((node, RDF.rest, None))
                node = shapes.value(node, RDF.rest)
    return copy


def _no_lists(model: Model) -> Iterator[Finding]:
    """Yield what should be a list and is none, for a list that leads into itself is one by SHACL-SHACL."""
    for path in sorted(_LISTS):
        for shape, head in model.shapes.subject_objects(path):
            if not _is_list(model.shapes, head):
                yield model.finding(KIND, _NO_LIST.format(path=_shown(path)), str(_named(model.shapes, shape)))


def _is_list(graph: Graph, head: Node) -> bool:
    """Tell whether a well-formed list begins at `head` (SHACL, section 1.4)."""
    seen: set[Node] = set()
    while head != RDF.nil:
        steps = list(graph.objects(head, RDF.rest))
        if head in seen or len(steps) != 1 or len(list(graph.objects(head, RDF.first))) != 1:
            return False
        seen.add(head)
        head = steps[0]
    return True


def _is_long(graph: Graph, head: Node | None) -> bool:
    for _ in range(LONGEST_LIST + 1):
        head = None if head is None else graph.value(head, RDF.rest)
    return head is not None


def _results(report: Graph) -> list[Node]:
    """Return the results themselves, without their details, which are other results' reasons."""
    top = report.value(predicate=RDF.type, object=SH.ValidationReport)
    return list(report.objects(top, SH.result))


def _finding(model: Model, report: Graph, result: Node) -> Finding:
    focus, path = report.value(result, SH.focusNode), report.value(result, SH.resultPath)
    value, component = report.value(result, SH.value), report.value(result, SH.sourceConstraintComponent)
    words = str(report.value(result, SH.resultMessage) or "")
    form = _MESSAGES.get(component, "{words}")  # type: ignore[call-overload]  # any node may be looked up
    if path in _LISTS:
        form = _NO_LIST
    message = form.format(path=_shown(path), value=_shown(value), words=words)
    return model.finding(KIND, message, str(_named(model.shapes, focus)))


def _shown(node: Node | None) -> str:
    if isinstance(node, URIRef):
        return f"<{node}>"
    return f'"{str(node)[:60]}"' if isinstance(node, Literal) else "a value"


def _named(shapes: Graph, node: Node | None) -> Node | None:
    """Return `node`, or for a blank node what leads to it and has an IRI."""
    seen = set()
    while node is not None and not isinstance(node, URIRef) and node not in seen:
        seen.add(node)
        node = next(shapes.subjects(None, node), None)
    return node


def _patterns(model: Model) -> Iterator[Finding]:
    """Yield what is wrong with regular expressions; SHACL-SHACL does not look into them."""
    for shape, pattern in sorted(model.shapes.subject_objects(SH.pattern)):
        try:
            re.compile(str(pattern))
        except (re.error, OverflowError, RecursionError) as error:
            message = f'the <{SH.pattern}> "{str(pattern)[:60]}" is no regular expression: {error}'
            yield model.finding("patterns_are_regular_expressions", message, str(_named(model.shapes, shape)))
