"""`python -m bench.unjournaled serve …`: the registry with a recorder that writes to the store alone.

It shows what the journal costs, and is good for nothing else: the store's own log is not synced, so what it
acknowledges does not outlast a loss of power.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from registry.cli import main
from registry.journal import Entry, Recorder
from registry.publishing import starting


class StoreAlone(Recorder):
    """Applies changes to the store and keeps no journal."""

    def _commit(self, entries: Sequence[Entry], pending: str | None, apply: Callable[[int], None]) -> None:  # noqa: ARG002
        last = self._applied + len(entries)
        apply(last)
        self._applied = last


if __name__ == "__main__":
    starting.Recorder = StoreAlone  # type: ignore[attr-defined]
    main()
