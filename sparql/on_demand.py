"""A query engine that is started when it is first needed, so that who never asks starts no processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from sparql.query_engine import EngineUnavailable, Limits, Load, Query, QueryEngine, Result, RunningQuery


class EngineOnDemand:
    """A QueryEngine around one that `start` returns.

    Args:
        start: makes the engine; called once, unless it raises.
    """

    def __init__(self, start: Callable[[], QueryEngine]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._engine: QueryEngine | None = None
        self._closed = False

    def start(self) -> QueryEngine:
        """Return the engine, started now if it wasn't.

        Raises:
            EngineUnavailable: it doesn't start, or is closed.
        """
        with self._lock:
            if self._closed:
                raise EngineUnavailable("the query engine is closed")
            if self._engine is None:
                self._engine = self._start()
            return self._engine

    def run(self, query: Query, limits: Limits, *, id: str, owner: str, most_running: int) -> Result:
        """Run `query`, waiting for its result; as QueryEngine.run."""
        return self.start().run(query, limits, id=id, owner=owner, most_running=most_running)

    def running(self, owner: str) -> Sequence[RunningQuery]:
        """Return the owner's running queries, the oldest first."""
        return () if self._engine is None else self._engine.running(owner)

    def cancel(self, owner: str, id: str) -> bool:
        """Stop the owner's query `id`; tell whether there was one."""
        return self._engine is not None and self._engine.cancel(owner, id)

    def load(self) -> Load:
        """Return what the engine is doing; nothing while it is not started."""
        return Load() if self._engine is None else self._engine.load()

    def close(self) -> None:
        """Stop all queries and release everything, for good."""
        with self._lock:
            self._closed = True
            if self._engine is not None:
                self._engine.close()
