"""Which graphs a query asks for, and which of them it gets (decision D6).

The engine ignores FROM once it is told the dataset, and it is always told. So FROM and FROM NAMED are read here, from
the text as it is; they can only make the dataset smaller, so nothing that the caller may not see depends on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sparql.dataset import DatasetDescription
from sparql.prologue import Form, Prologue, iri_of, read_prologue
from sparql.terms import Iri
from sparql.tokens import IRIREF, Source, tokens

_FROM = re.compile(r"FROM", re.IGNORECASE | re.ASCII)
_NAMED = re.compile(r"NAMED", re.IGNORECASE | re.ASCII)
_NAME = re.compile(r"([^:]*):(.*)", re.DOTALL)
_PREFIXED = frozenset({"name"})


@dataclass(frozen=True, slots=True)
class DatasetClause:
    """The graphs that a query asks for, by the protocol's parameters or by its own clauses.

    Attributes:
        default: those to be merged into the default graph.
        named: those that GRAPH shall be able to name.
    """

    default: tuple[Iri, ...] = ()
    named: tuple[Iri, ...] = ()


def dataset_clause(
    text: str, prefixes: Mapping[str, str] | None = None, base: str | None = None
) -> DatasetClause | None:
    """Return what FROM and FROM NAMED in a query say; None when there is neither.

    A clause whose prefix is unknown or whose IRI is relative without a base is left out: the engine refuses the text.

    Args:
        text: the query, which may be anything.
        prefixes: those that are declared before the text begins.
        base: the base IRI before the text begins.
    """
    source = Source(text)
    prologue = read_prologue(source, prefixes or {}, base)
    if prologue.form is None:
        return None
    clauses = list(_clauses(source, prologue, _after_head(source, prologue.form, prologue)))
    if not clauses:
        return None
    return DatasetClause(
        tuple(iri for named, iri in clauses if iri is not None and not named),
        tuple(iri for named, iri in clauses if iri is not None and named),
    )


def protocol_dataset(default: Iterable[str], named: Iterable[str]) -> DatasetClause | None:
    """Return what the parameters default-graph-uri and named-graph-uri ask for; None when there is neither."""
    clause = DatasetClause(tuple(map(Iri, default)), tuple(map(Iri, named)))
    return clause if clause.default or clause.named else None


def effective(requested: DatasetClause | None, permitted: DatasetDescription) -> DatasetDescription:
    """Return the dataset of a query: what was requested, as far as it is permitted.

    A permitted graph can be requested for either place; one that is not permitted is as one that does not exist. A
    request of named graphs alone has an empty default graph (SPARQL 1.1 Query, section 13.2). The protocol's
    parameters stand above the text's clauses (Protocol, section 2.1.4): pass the ones, or else the others.

    Args:
        requested: None asks for all that is permitted.
        permitted: what the caller may see.
    """
    if requested is None:
        return permitted
    visible = {*permitted.default, *permitted.named}
    return DatasetDescription(
        default=tuple(dict.fromkeys(graph for graph in requested.default if graph in visible)),
        named=tuple(dict.fromkeys(graph for graph in requested.named if graph in visible)),
    )


def _after_head(source: Source, form: Form, prologue: Prologue) -> int:
    """Return where the clauses can begin: behind variables, expressions or the template that a form begins with."""
    text, depth, start = source.text, 0, prologue.end
    for kind, at, end in tokens(source, start):
        if depth == 0:
            if kind == "name" and _ends_head(text[at:end], form, prologue):
                return at
            if kind == "open" and text[at:end] == "{" and form != "CONSTRUCT":
                return at
        depth += (kind == "open") - (kind == "close")
        if depth == 0 and kind == "close" and form == "CONSTRUCT":
            return end
    return len(text)


def _ends_head(name: str, form: Form, prologue: Prologue) -> bool:
    if ":" not in name or form != "DESCRIBE":
        return True
    return _prefixed(name, prologue) is None


def _clauses(source: Source, prologue: Prologue, position: int) -> Iterable[tuple[bool, Iri | None]]:
    """Yield, for each clause from `position` on, whether it is FROM NAMED, and its graph if that can be told."""
    position = source.skip(position)
    while keyword := _FROM.match(source.text, position):
        position = source.skip(keyword.end())
        if named := _NAMED.match(source.text, position):
            position = source.skip(named.end())
        if reference := IRIREF.match(source.text, position):
            yield named is not None, iri_of(reference[1], prologue.base)
            position = source.skip(reference.end())
            continue
        kind, at, end = next(tokens(source, position), ("", position, position))
        if kind not in _PREFIXED or at != position:
            return
        yield named is not None, _prefixed(source.text[at:end], prologue)
        position = source.skip(end)


def _prefixed(name: str, prologue: Prologue) -> Iri | None:
    found = _NAME.fullmatch(name)
    if not found or (namespace := prologue.prefixes.get(found[1])) is None:
        return None
    return Iri(namespace + found[2].replace("\\", ""))
