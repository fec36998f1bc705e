"""The model of the tests, and what becomes of it when its Turtle is edited as a knowledge engineer would."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from rdflib import Graph

from registry.model_diff import Model

ROOT = Path(__file__).parent / "model"
FILES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("**/*.ttl"))}
SHAPES = "shapes/device.ttl"
"""Where an edit appends: all prefixes that it needs are there."""


def edited(files: Mapping[str, str], edit: Mapping[str, str]) -> dict[str, str]:
    """Return files in which each text of `edit`, which must stand there once, is replaced; "" appends."""
    result = dict(files)
    for text, replacement in edit.items():
        if not text:
            result[SHAPES] += f"{replacement}\n"
            continue
        (name,) = [name for name, content in result.items() if text in content]
        assert result[name].count(text) == 1, text
        result[name] = result[name].replace(text, replacement)
    return result


def model(files: Mapping[str, str]) -> Model:
    """Parse files."""
    graphs = {"ontology": Graph(bind_namespaces="none"), "shapes": Graph(bind_namespaces="none")}
    for name, content in files.items():
        graph = graphs[name.partition("/")[0]]
        graph += _parsed(content)
        for prefix, namespace in _parsed(content).namespaces():
            graph.bind(prefix, namespace)
    return Model(**graphs)


@cache
def _parsed(content: str) -> Graph:
    return Graph(bind_namespaces="none").parse(data=content, format="turtle")
