"""The files of a model, each read by itself: as text, as a graph, and with the places of its terms.

A folder holds ontology/*.ttl, ontology/alignments/*.ttl and shapes/*.ttl. A file that can't be read, or not within
bounds, becomes a finding; the others are read nevertheless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rdflib import RDFS, Graph, Literal
from rdflib.plugins.parsers.notation3 import BadSyntax

from registry.model_check.findings import Finding, Severity
from sparql.embedded.turtle import TurtleError, parse_turtle
from sparql.refusal import line_and_column
from sparql.syntax_errors import SyntaxProblem, excerpt
from sparql.turtle_errors import explain_turtle
from sparql.turtle_places import DEEPEST, Places, read_places

PATTERNS = ("ontology/*.ttl", "shapes/*.ttl", "ontology/alignments/*.ttl")
"""In the order in which a term is looked for."""
LARGEST = 4 * 1024 * 1024
"""Bytes of a file."""
MOST_LEVELS = 100
"""Superclasses, one above another."""

_IN_BRACKETS = re.compile(r"<([^<>\s]+)>")
_WHY = re.compile(r"Bad syntax \((.*?)\) at", re.DOTALL)
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


class Rejected(Exception):
    """A file that can't be used, and the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A Turtle file that could be read.

    Attributes:
        name: its path in the folder, with slashes.
        text: its content.
        graph: its triples.
        places: where terms stand in it.
    """

    name: str
    text: str
    graph: Graph
    places: Places

    @property
    def is_shapes(self) -> bool:
        """Whether it belongs to the shapes, not to the ontology."""
        return self.name.startswith("shapes/")


@dataclass(frozen=True)
class Model:
    """The files of a folder that could be read.

    Attributes:
        folder: where they lie.
        files: those that could be read, in the order of PATTERNS.
        complete: whether these are all.
    """

    folder: Path
    files: tuple[ModelFile, ...]
    complete: bool

    @cached_property
    def ontology(self) -> Graph:
        """Ontology and alignments as one graph."""
        return _merged(file for file in self.files if not file.is_shapes)

    @cached_property
    def shapes(self) -> Graph:
        """All shapes as one graph."""
        return _merged(file for file in self.files if file.is_shapes)

    def finding(
        self, kind: str, message: str, term: str, *, severity: Severity = Severity.ERROR, within: str | None = None
    ) -> Finding:
        """Return a finding about a term: placed where the term is a subject, else where it is first named.

        IRIs in the message that stand between < and > are shortened by the prefixes of the files.

        Args:
            kind: the code.
            message: what is wrong.
            term: its IRI; anything else is placed nowhere.
            severity: how much it matters.
            within: the file in which to look for the term first.
        """
        files = sorted(self.files, key=lambda file: file.name != within)
        found = next(((file, file.places.subjects[term]) for file in files if term in file.places.subjects), None)
        if found is None:
            found = next(((file, file.places.mentions[term]) for file in files if term in file.places.mentions), None)
        line, column = line_and_column(found[0].text, found[1]) if found else (None, None)
        return Finding(
            severity=severity,
            kind=kind,
            message=self.shortened(message),
            file=found[0].name if found else within,
            line=line,
            column=column,
            term=None if term.startswith("_:") else term,
        )

    def shortened(self, message: str) -> str:
        """Return `message` with prefixed names in the place of IRIs between < and >."""
        return _IN_BRACKETS.sub(lambda found: self._short(found[1]) or found[0], message)

    def _short(self, iri: str) -> str | None:
        for namespace, prefix in self._prefixes.items():
            if iri.startswith(namespace) and _LOCAL.fullmatch(iri.removeprefix(namespace)):
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return None

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        return {namespace: prefix for file in self.files for prefix, namespace in file.places.prefixes.items()}


def read_model(folder: Path) -> tuple[Model, list[Finding]]:
    """Read the model in `folder`, and return what is wrong with its files."""
    files: list[ModelFile] = []
    findings: list[Finding] = []
    complete = True
    for pattern in PATTERNS:
        paths = sorted(folder.glob(pattern))
        if not paths and "alignments" not in pattern:
            findings.append(Finding(kind="missing_files", message=f"there is no {pattern} in the folder"))
            complete = False
        for path in paths:
            try:
                file = read_file(folder, path)
            except Rejected as error:
                findings.append(error.finding)
                complete = False
            else:
                files.append(file)
                findings += _ill_typed(file)
    return Model(folder, tuple(files), complete), findings


def read_file(folder: Path, path: Path) -> ModelFile:
    """Read one Turtle file.

    Raises:
        Rejected: it can't be read; it isn't Turtle in UTF-8; it has no triples; it is larger or more deeply nested
            than is allowed.
    """
    name = path.relative_to(folder).as_posix()
    text = read_text(folder, path)
    places = read_places(text)
    if places.too_deep is not None:
        message = f"more than {DEEPEST} brackets are open, one in another"
        raise Rejected(_at(name, text, places.too_deep, "nesting", message))
    try:
        for _ in parse_turtle(text.encode()):
            pass
        graph = Graph(bind_namespaces="none").parse(data=text, format="turtle")
    except TurtleError as error:
        raise Rejected(syntax_finding(name, explain_turtle(text, error))) from None
    except RecursionError:
        raise Rejected(Finding(kind="nesting", message="brackets are nested too deep", file=name)) from None
    except BadSyntax as error:
        words = _WHY.search(error.message)
        message = (
            f"the profile can't be compiled from this, though it is Turtle 1.2: {words[1] if words else 'bad syntax'}"
        )
        raise Rejected(Finding(kind="syntax", message=message, file=name, line=error.lines + 1, column=1)) from None
    if not len(graph):
        raise Rejected(Finding(kind="empty_file", message="the file says nothing", file=name, line=1, column=1))
    return ModelFile(name, text, graph, places)


def read_text(folder: Path, path: Path) -> str:
    """Return the text of a file in UTF-8.

    Raises:
        Rejected: it is something else, or too large, or can't be read.
    """
    name = path.relative_to(folder).as_posix()
    try:
        if path.stat().st_size > LARGEST:
            message = f"the file has {path.stat().st_size:,} bytes; {LARGEST:,} are allowed"
            raise Rejected(Finding(kind="too_large", message=message, file=name))
        data = path.read_bytes()
    except OSError as error:
        message = f"the file can't be read: {error.strerror}"
        raise Rejected(Finding(kind="unreadable", message=message, file=name)) from None
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        message = f"the file is not UTF-8: byte {data[error.start]:#04x} can't stand here"
        raise Rejected(_at(name, before, len(before), "encoding", message)) from None


def syntax_finding(name: str, problem: SyntaxProblem) -> Finding:
    """Return the finding for what a parser of Turtle or SPARQL stumbled over."""
    expected = f"expected {', '.join(problem.expected)}" if problem.expected else ""
    return Finding(
        kind="syntax",
        message=". ".join(filter(None, [expected, problem.hint])),
        file=name,
        line=problem.line,
        column=problem.column,
        excerpt=problem.excerpt,
    )


def _at(name: str, text: str, position: int, kind: str, message: str) -> Finding:
    line, column = line_and_column(text, position)
    shown = excerpt(text, position)
    return Finding(kind=kind, message=message, file=name, line=line, column=column, excerpt=shown)


def _ill_typed(file: ModelFile) -> Iterator[Finding]:
    """Find literals whose text is none of their datatype's, as "one"^^xsd:integer."""
    model = Model(Path(), (file,), complete=True)
    for subject, predicate, value in sorted(file.graph):
        if isinstance(value, Literal) and value.ill_typed:
            message = f'"{str(value)[:60]}" of <{predicate}> is no value of <{value.datatype}>'
            yield model.finding("ill_typed_literal", message, str(subject))


def _merged(files: Iterator[ModelFile]) -> Graph:
    graph = Graph(bind_namespaces="none")
    for file in files:
        for prefix, namespace in file.graph.namespaces():
            graph.bind(prefix, namespace)
        for triple in file.graph:
            graph.add(triple)
    return graph


def deep_hierarchies(model: Model) -> Iterator[Finding]:
    """Find classes and properties with more levels above them than can be followed in reasonable time."""
    for predicate in (RDFS.subClassOf, RDFS.subPropertyOf):
        for subject in sorted(set(model.ontology.subjects(predicate)), key=str):
            level, seen = {subject}, {subject}
            for _ in range(MOST_LEVELS + 1):
                level = {above for each in level for above in model.ontology.objects(each, predicate)} - seen
                seen |= level
            if level:
                message = f"<{subject}> has more than {MOST_LEVELS} levels above it (<{predicate}>)"
                yield model.finding("hierarchy_too_deep", message, str(subject))
                break
