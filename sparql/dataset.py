"""The part of a graph store that one query may see (SPARQL 1.1 Query, section 13; Protocol, section 2.1.4)."""

from __future__ import annotations

from dataclasses import dataclass

from sparql.terms import Iri


@dataclass(frozen=True, slots=True)
class DatasetDescription:
    """The graphs merged into the default graph and those that `GRAPH` can name.

    There is no "everything": a graph that is not listed does not exist for the query.
    """

    default: tuple[Iri, ...] = ()
    named: tuple[Iri, ...] = ()
