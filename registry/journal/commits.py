"""Who is told of the journal's commits: how many entries, how long it took, and what could not be written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from registry.spans import span


class CommitObserver(Protocol):
    """Is told of each batch that was to be written to the journal. It must be quick."""

    def committed(self, entries: int, seconds: float) -> None:
        """So many entries are on the disk, which took so many seconds."""

    def failed(self, error: Exception) -> None:
        """They could not be written."""


class Commits:
    """Tells observers."""

    def __init__(self) -> None:
        self._observers: list[CommitObserver] = []

    def observe(self, observer: CommitObserver) -> None:
        """Have `observer` told of each batch from now on."""
        self._observers.append(observer)

    @contextmanager
    def told(self, entries: int) -> Iterator[None]:
        """Tell of the batch of so many entries that the block writes."""
        started = time.perf_counter()
        try:
            with span("journal.commit", {"der_registry.entries": entries}):
                yield
        except Exception as error:
            for observer in self._observers:
                observer.failed(error)
            raise
        seconds = time.perf_counter() - started
        for observer in self._observers:
            observer.committed(entries, seconds)
