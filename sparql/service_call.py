"""Finds the keyword SERVICE in a name that stands where code stands (SPARQL 1.1 Federated Query, section 2).

The engine knows no word boundaries and takes a name apart if nothing else fits: `trueSERVICE<x>{}`, `SERVICEex:a {}`
and even `ex:SERVICE <x> {}`, when the namespace of `ex:` makes no IRI together with the local name. So a word in which
the letters stand is the keyword, and so is a prefixed name in which they stand if what follows is like a call.
"""

from __future__ import annotations

import re

from sparql.tokens import TOKEN, Source

_SERVICE, _SILENT = "service", "silent"
_SILENTLY = re.compile(_SILENT, re.IGNORECASE)
_TERMS = frozenset({"variable", "name", "less"})


class ServiceFinder:
    """Looks for calls in one text.

    Args:
        source: the text.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._mentioned = _SERVICE in source.text.lower()

    def called_in(self, start: int, name: str, *, names_graph: bool) -> bool:
        """Tell whether the engine could see SERVICE in `name`, which begins at `start`.

        Args:
            names_graph: whether a word before it demands the name of a graph here, as GRAPH does.
        """
        if not self._mentioned or _SERVICE not in (lower := name.lower()):
            return False
        if ":" not in name:
            return True
        if names_graph:
            return False
        position = self._source.skip(start + len(name))
        if self._source.text.startswith("{", position):
            return not lower.endswith(_SERVICE) or lower.count(_SERVICE) > 1
        if not lower.endswith((_SERVICE, _SERVICE + _SILENT)):
            return False
        return self._source.text.startswith("{", self._source.skip(self._after_term(position)))

    def _after_term(self, position: int) -> int:
        """Return where the name of a service ends that begins at `position`, after SILENT or without it."""
        text = self._source.text
        if found := _SILENTLY.match(text, position):
            position = self._source.skip(found.end())
        following = TOKEN.match(text, position)
        if following is None or following.lastgroup not in _TERMS:
            return len(text)
        if following.lastgroup != "less":
            return following.end()
        end = text.find(">", following.end())
        return len(text) if end < 0 else end + 1
