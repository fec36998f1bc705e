"""The latest changes of a store as update texts, so that copies of it can follow."""

from __future__ import annotations

from collections import deque

_MOST_CHANGES = 20_000
_MOST_CHARACTERS = 64 * 2**20


class ChangeLog:
    """Changes in their order, the older ones forgotten. Its owner guards it: it has no lock of its own."""

    def __init__(self) -> None:
        self.sequence = 0
        self._texts: deque[str] = deque()
        self._characters = 0

    def record(self, text: str) -> None:
        """Note one change, given as a SPARQL Update."""
        self.sequence += 1
        self._texts.append(text)
        self._characters += len(text)
        while len(self._texts) > _MOST_CHANGES or self._characters > _MOST_CHARACTERS:
            self._characters -= len(self._texts.popleft())

    def forget(self) -> None:
        """Note a change that has no text, as a bulk load: no copy can follow over it."""
        self.sequence += 1
        self._texts.clear()
        self._characters = 0

    def since(self, sequence: int) -> list[str] | None:
        """Return the changes after `sequence`; None when they are not all known any more."""
        behind = self.sequence - sequence
        if behind > len(self._texts):
            return None
        return [self._texts[index] for index in range(len(self._texts) - behind, len(self._texts))]
