"""JSON-LD read by PyLD, a processor by the editors of JSON-LD, which loads nothing here unless a test lets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyld import jsonld

from sparql.terms import Iri, Literal, Term, Triple


def refuse(url: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Load nothing: whoever asks for a document from elsewhere fails."""
    raise AssertionError(f"asked for {url}")


def read_by_pyld(document: Any, context: Mapping[str, Any] | None = None, loader: Any = refuse) -> set[Triple]:
    """Return the triples of a JSON-LD document; blank nodes are IRIs that begin with `_:`.

    Args:
        document: parsed, or an address for `loader`.
        context: as if the document had it.
    """
    options = {"documentLoader": loader, **({"expandContext": context} if context else {})}
    found = jsonld.to_rdf(document, options)
    assert set(found) == {"@default"}
    triples = [_triple(each) for each in found["@default"]]
    assert len(triples) == len(set(triples))
    return set(triples)


def _triple(found: Mapping[str, Mapping[str, str]]) -> Triple:
    return Triple(Iri(found["subject"]["value"]), Iri(found["predicate"]["value"]), _term(found["object"]))


def _term(found: Mapping[str, str]) -> Term:
    if found["type"] == "literal":
        return Literal(found["value"], Iri(found["datatype"]), found.get("language"))
    return Iri(found["value"])
