"""Writes N-Quads (RDF 1.1 N-Quads), fast: the form in which engines load much at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from sparql.terms import Iri, Quad, Term, to_sparql


def to_nquads(quads: Iterable[Quad]) -> bytes:
    """Serialise `quads` as N-Quads, each triple written once for all its graphs."""
    written: dict[tuple[Iri, Iri, Term], str] = {}
    lines = []
    for subject, predicate, value, graph in quads:
        key = subject, predicate, value
        text = written.get(key)
        if text is None:
            term = _serialised(value) if isinstance(value, Iri) else to_sparql(value)
            text = written[key] = f"{_serialised(subject)} {_serialised(predicate)} {term} "
        lines.append(f"{text}{_serialised(graph)} .\n")
    return "".join(lines).encode()


@lru_cache(maxsize=20_000)
def _serialised(iri: Iri) -> str:
    return to_sparql(iri)
