"""What the codecs of all kinds of values share."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from sparql.terms import BOOLEAN, INTEGER, JSON, Iri, Literal, Term, Triple, double

_NUMBER = re.compile(r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$")


class Plain:
    """A codec whose values entail nothing, have no nodes of their own, and need no more words than their kind."""

    entailed_predicates: ClassVar[tuple[Iri, ...]] = ()
    node_predicates: ClassVar[tuple[Iri, ...]] = ()

    def entailed(self, term: Term) -> tuple[tuple[Iri, Term], ...]:  # noqa: ARG002  the protocol's signature
        """Return nothing."""
        return ()

    def nodes(self, device: Iri, term: Term) -> Iterable[Triple]:  # noqa: ARG002  the protocol's signature
        """Return nothing."""
        return ()

    def explain(self, term: Term) -> str | Mapping[str, Any] | None:  # noqa: ARG002  the protocol's signature
        """Return nothing."""
        return None


def stray(value: Any) -> Literal:
    """Return a literal for a JSON value that has no term of the right kind: what the report then quotes."""
    if isinstance(value, str):
        return Literal(value)
    if isinstance(value, bool):
        return Literal("true" if value else "false", BOOLEAN)
    if isinstance(value, int):
        return Literal(str(value), INTEGER)
    if isinstance(value, float):
        return double(value)
    return Literal(json.dumps(value, ensure_ascii=False, sort_keys=True), JSON)


def lexical(term: Term) -> str:
    """Return the text of a term."""
    return str(term) if isinstance(term, Iri) else term.lexical


def number(value: Any) -> float | None:
    """Return the finite number that a JSON number or numeric string says; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not _NUMBER.match(value):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None
