"""Data that a role must not see, made to be met by its queries all the same.

In every hidden graph stand the triples that the role sees, more of the same subjects and predicates, links both
ways between what is visible and what is not, and literals that stand nowhere else: the canaries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sparql.terms import Iri, Literal, Quad, Triple, to_sparql

CANARY = "canary"
"""What all canaries begin with."""
_MODEL = Iri("http://www.w3.org/2000/01/rdf-schema#subClassOf")


def temptations(visible: Collection[Triple], graphs: Collection[Iri]) -> Iterator[Quad]:
    """Yield what to hide in `graphs` from someone who sees `visible`."""
    for number, graph in enumerate(graphs, 1):
        mark = f"{CANARY}-{number}-"
        for triple in visible:
            for tempting in _tempting(triple, mark):
                yield Quad(*tempting, graph)


def canaries(graphs: Collection[Iri]) -> list[str]:
    """Return the texts that stand in one of `graphs`, or in the store's default graph, and nowhere else."""
    return [f"{CANARY}-{number}-{what}" for number in range(len(graphs) + 1) for what in ("literal", "node")]


def unnamed(visible: Collection[Triple]) -> str:
    """Return an update that hides the same in the store's default graph, which no role sees."""
    triples = (tempting for triple in visible for tempting in _tempting(triple, f"{CANARY}-0-"))
    return "INSERT DATA { " + " ".join(f"{' '.join(map(to_sparql, triple))} ." for triple in triples) + " }"


def _tempting(triple: Triple, mark: str) -> Iterator[Triple]:
    subject, predicate, value = triple
    stranger = Iri(f"urn:{mark}node")
    yield triple
    yield Triple(subject, predicate, Literal(f"{mark}literal"))
    yield Triple(subject, predicate, stranger)
    yield Triple(stranger, predicate, subject)
    yield Triple(stranger, predicate, value)
    yield Triple(stranger, predicate, Literal(f"{mark}literal"))
    if isinstance(value, Iri):
        yield Triple(value, predicate, stranger)
        yield Triple(value, _MODEL, stranger)
