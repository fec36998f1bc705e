"""A model as it is compared: two graphs, read from a folder. Nothing is compiled, so an unfinished model will do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rdflib import Graph

from sparql.embedded.turtle import TurtleError, parse_turtle


class ModelGraphs(Protocol):
    """Ontology and shapes; a Profile is one, too."""

    @property
    def ontology(self) -> Graph:
        """Ontology and alignments."""

    @property
    def shapes(self) -> Graph:
        """The shapes graph."""


@dataclass(frozen=True)
class Model:
    """Ontology and shapes at one version, as parsed."""

    ontology: Graph
    shapes: Graph


class ModelError(Exception):
    """A folder or file that can't be read: the message says where and why."""


def read_model(folder: Path) -> Model:
    """Read ontology/*.ttl, ontology/alignments/*.ttl and shapes/*.ttl in `folder`.

    Raises:
        ModelError: there are none, or one isn't Turtle; the message begins with file:line:column.
    """
    ontology = [*folder.glob("ontology/*.ttl"), *folder.glob("ontology/alignments/*.ttl")]
    shapes = [*folder.glob("shapes/*.ttl")]
    if not ontology or not shapes:
        raise ModelError(f"{folder}: holds no ontology/*.ttl or no shapes/*.ttl")
    return Model(_parsed(ontology), _parsed(shapes))


def _parsed(files: Iterable[Path]) -> Graph:
    graph = Graph(bind_namespaces="none")
    for file in sorted(files):
        try:
            data = file.read_bytes()
            # rdflib says no column, and takes some texts that are not Turtle.
            for _ in parse_turtle(data):
                pass
            graph.parse(data=data, format="turtle")
        except OSError as error:
            raise ModelError(f"{file}: can't be read: {error.strerror}") from None
        except TurtleError as error:
            raise ModelError(f"{file}:{error.line}:{error.column}: not Turtle: {error}") from None
        except Exception as error:
            raise ModelError(f"{file}:1:1: not Turtle: {' '.join(str(error).split())}") from error
    return graph
