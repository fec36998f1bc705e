"""Writes Turtle piece by piece, for graphs that are too large to be held: a head of prefixes, then some subjects.

What is written is plain: sorted, a predicate a line, literals as in N-Triples, so that each keeps its lexical form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from sparql.terms import TYPE, Iri, Literal, Term, Triple, to_sparql

_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""Local names that need no escapes; others are written as whole IRIs."""


def turtle_prefixes(prefixes: Mapping[str, str]) -> str:
    """Return the head that declares `prefixes`."""
    return "".join(f"@prefix {prefix}: {to_sparql(Iri(name))} .\n" for prefix, name in sorted(prefixes.items()))


def turtle_subjects(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> str:
    """Return `triples` as Turtle, to stand after `turtle_prefixes(prefixes)`; no subject may come again later."""
    lines = []
    for subject, about in groupby(sorted(triples, key=_key), key=lambda triple: triple.subject):
        parts = [
            f"{_predicate(predicate, prefixes)} {', '.join(_term(each.object, prefixes) for each in stated)}"
            for predicate, stated in groupby(about, key=lambda triple: triple.predicate)
        ]
        lines.append(f"\n{to_sparql(subject)} " + " ;\n    ".join(parts) + " .\n")
    return "".join(lines)


def _key(triple: Triple) -> tuple[str, bool, str, str]:
    return triple.subject, triple.predicate != TYPE, triple.predicate, to_sparql(triple.object)


def _predicate(predicate: Iri, prefixes: Mapping[str, str]) -> str:
    return "a" if predicate == TYPE else _term(predicate, prefixes)


def _term(term: Term, prefixes: Mapping[str, str]) -> str:
    if isinstance(term, Literal):
        text = to_sparql(term)
        plain = text.endswith('"') or term.language is not None
        return text if plain else f"{text.removesuffix(to_sparql(term.datatype))}{_term(term.datatype, prefixes)}"
    for prefix, name in prefixes.items():
        if term.startswith(name) and _LOCAL.fullmatch(term, len(name)):
            return f"{prefix}:{term[len(name) :]}"
    return to_sparql(term)
