"""Models for pages: the smallest one with some Turtle added, and the shipped one."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from parsed_page import ParsedPage
from rdflib import Graph

from registry.access import ONTOLOGY, SHAPES
from registry.model_pages import Frame, Version, ontology_page, shapes_page
from registry.profile import Profile, compile_profile, load_profile

SMALLEST = (Path(__file__).parents[1] / "profile" / "model.ttl").read_text()
SHOWN = Version(version="1.2.3", model="a" * 40, since=datetime(2026, 3, 4, 5, tzinfo=UTC), in_force=True, name="1.2.3")
IN_FORCE = Frame(shown=SHOWN, fixed=False)
FORMER = Frame(
    shown=Version(
        version="1.0.0", model="b" * 40, since=datetime(2026, 1, 2, 3, tzinfo=UTC), in_force=False, name="1.0.0"
    ),
    fixed=True,
)
shipped = cache(load_profile)


def model(turtle: str = "") -> Profile:
    """Return the smallest model with `turtle` added to what is both its ontology and its shapes."""
    graph = Graph(bind_namespaces="none").parse(data=SMALLEST + turtle, format="turtle")
    return compile_profile(graph, graph)


@cache
def ontology(profile: Profile, about: str = ONTOLOGY, frame: Frame = IN_FORCE) -> ParsedPage:
    """Return the page of an ontology."""
    return ParsedPage(ontology_page(profile, frame, about))


@cache
def shapes(profile: Profile, about: str = SHAPES, frame: Frame = IN_FORCE) -> ParsedPage:
    """Return the page of the shapes."""
    return ParsedPage(shapes_page(profile, frame, about))
