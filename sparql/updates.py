"""Changes of quads as the text of one SPARQL Update (SPARQL 1.1 Update, sections 3.1.1 and 3.1.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sparql.terms import Iri, Quad, to_sparql


def quad_data(quads: Collection[Quad]) -> str:
    """Return quads as DELETE DATA and INSERT DATA take them; no term has a tab or the end of a line in it."""
    graphs: defaultdict[Iri, list[str]] = defaultdict(list)
    for subject, predicate, value, graph in quads:
        graphs[graph].append(f"{to_sparql(subject)} {to_sparql(predicate)} {to_sparql(value)} .")
    return " ".join(f"GRAPH {to_sparql(graph)} {{ {' '.join(lines)} }}" for graph, lines in graphs.items())


def data_update(removed: str, added: str) -> str:
    """Return one update, and so one transaction, that removes and adds what `quad_data` gave, in that order."""
    return f"DELETE DATA {{ {removed} }} ; INSERT DATA {{ {added} }}"
