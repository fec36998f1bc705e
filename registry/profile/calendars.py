"""The codec of availability windows: a list of windows in JSON, one rdf:JSON literal in RDF, and OWL-Time beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import rfc8785

from registry.calendars import Window, WindowsError, read_windows, write_windows
from registry.calendars.owl_time import PREDICATES, window_triples
from registry.profile.values import Plain, lexical
from sparql.terms import JSON, Iri, Literal, Term, Triple


class CalendarCodec(Plain):
    """A list of availability windows as an rdf:JSON literal in canonical form (RFC 8785)."""

    kind: ClassVar[str] = "calendar"
    node_predicates: ClassVar[tuple[Iri, ...]] = PREDICATES

    def encode(self, value: Any) -> Term:
        """Return the literal of good windows; anything else as a string that holds its JSON."""
        try:
            windows = read_windows(value)
        except WindowsError:
            return Literal(json.dumps(value, ensure_ascii=False, sort_keys=True))
        return Literal(rfc8785.dumps(write_windows(windows)).decode(), JSON)

    def decode(self, term: Term) -> Any:
        """Return the list of windows."""
        try:
            return json.loads(lexical(term))
        except (ValueError, RecursionError):
            return lexical(term)

    def explain(self, term: Term) -> str | Mapping[str, Any] | None:
        """Return what is wrong with the windows that `term` states; None if nothing is."""
        value = self.decode(term)
        if value is None:
            return "null value not allowed"
        try:
            read_windows(value)
        except WindowsError as error:
            return error.issues
        return None

    def windows(self, term: Term) -> tuple[Window, ...]:
        """Return the windows that `term` states; none if it states no good ones."""
        try:
            return read_windows(self.decode(term))
        except WindowsError:
            return ()

    def nodes(self, device: Iri, term: Term) -> Iterator[Triple]:
        """Yield the windows in OWL-Time."""
        return window_triples(device, self.windows(term))
