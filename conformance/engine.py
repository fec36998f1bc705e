"""The engine by itself: pyoxigraph, called directly. The level that the registry is measured against.

Nothing of the registry takes part here, so that a deviation which shows here too is the engine's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from conformance.manifest import Case, published
from conformance.solutions import form_of

REFUSALS = (SyntaxError, OSError, RuntimeError)
"""What the engine raises for a query that it does not run."""
_RESULTS = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".csv": ox.QueryResultsFormat.CSV,
    ".tsv": ox.QueryResultsFormat.TSV,
}


def ntriples(files: Iterable[Path]) -> str:
    """Return the triples of RDF files as N-Triples, literals as they are written."""
    triples = (quad.triple for path in files for quad in ox.parse(path=path, base_iri=published(path)))
    return bytes(ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode()


def evaluate(case: Case) -> bytes:
    """Return the result of a case in the format of its expected result; b"" for a syntax test.

    Raises:
        Exception: one of REFUSALS: the engine does not run the query.
    """
    store = ox.Store()
    for path in case.data:
        store.load(path=path, base_iri=published(path))
    for name, path in case.graphs.items():
        store.load(path=path, base_iri=published(path), to_graph=ox.NamedNode(name))
    form = None if case.result is None else _RESULTS.get(form_of(case.result), ox.RdfFormat.TURTLE)
    return _result(store, case, form)


def _result(store: ox.Store, case: Case, form: Any) -> bytes:
    """Ask for a result and serialise it in a frame that nothing else can keep: only this thread may drop it."""
    results: Any = store.query(case.query, base_iri=case.base)
    return b"" if form is None else bytes(results.serialize(format=form))
