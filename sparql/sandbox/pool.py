"""The sandbox: a few workers that take turns, replaced when they die, kept close behind the store."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, LifoQueue

from sparql.embedded import EmbeddedStore
from sparql.query_engine import (
    EngineUnavailable,
    Limits,
    Load,
    Query,
    QueryCancelled,
    Result,
    RunningQuery,
    TooManyQueries,
)
from sparql.sandbox.handle import Worker
from sparql.sandbox.settings import SandboxSettings

logger = logging.getLogger(__name__)

_KEEP_UP_EVERY = 0.25
_LOOK_EVERY = 0.1
"""Seconds after which a query that waits for a worker looks whether it was stopped."""
_FAR_BEHIND = 2_000


@dataclass
class _Ticket:
    running: RunningQuery
    worker: Worker | None = None
    cancelled: bool = False


class Sandbox:
    """A QueryEngine of worker processes.

    Args:
        store: what the queries are about.
        folder: where copies and results go, on the same file system as the store; emptied first.
        settings: how large it is.

    Raises:
        EngineUnavailable: no worker starts.
    """

    def __init__(self, store: EmbeddedStore, folder: Path, settings: SandboxSettings) -> None:
        self._store = store
        self._folder = folder
        self._settings = settings
        self._numbers = itertools.count()
        self._idle: LifoQueue[Worker] = LifoQueue()
        self._tickets: dict[str, _Ticket] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._alive = 0
        self._replaced = 0
        self._threads: set[threading.Thread] = set()
        shutil.rmtree(folder, ignore_errors=True)
        first = self._new_worker()
        self.sockets_denied_by = first.sockets_denied_by
        self._idle.put(first)
        for _ in range(settings.workers - 1):
            self._replace()
        self._in_background(self._keep_up)

    def run(self, query: Query, limits: Limits, *, id: str, owner: str, most_running: int) -> Result:
        """Run `query`, waiting for its result; as QueryEngine.run."""
        until = time.monotonic() + limits.seconds
        ticket = self._admit(RunningQuery(id=id, owner=owner, text=query.text, started=time.time()), most_running)
        try:
            worker = self._take(ticket, until)
            try:
                return worker.run(query, limits, until=until)
            finally:
                self._give_back(ticket, worker)
        finally:
            with self._lock:
                del self._tickets[id]

    def running(self, owner: str) -> Sequence[RunningQuery]:
        """Return the owner's running queries, the oldest first."""
        with self._lock:
            return [ticket.running for ticket in self._tickets.values() if ticket.running.owner == owner]

    def cancel(self, owner: str, id: str) -> bool:
        """Stop the owner's query `id`; tell whether there was one."""
        with self._lock:
            ticket = self._tickets.get(id)
            if ticket is None or ticket.running.owner != owner:
                return False
            ticket.cancelled = True
            if ticket.worker is not None:
                ticket.worker.cancel()
            return True

    def load(self) -> Load:
        """Return how many workers there are, and what they and the queries that wait are at."""
        with self._lock:
            busy = sum(1 for ticket in self._tickets.values() if ticket.worker is not None)
            waiting = len(self._tickets) - busy
            return Load(workers=self._alive, busy=busy, waiting=waiting, replaced=self._replaced)

    def close(self) -> None:
        """Stop all queries and remove all copies."""
        with self._lock:
            self._closed.set()
            for ticket in self._tickets.values():
                ticket.cancelled = True
                if ticket.worker is not None:
                    ticket.worker.cancel()
            threads = list(self._threads)
        for thread in threads:
            thread.join()
        for worker in self._drain():
            worker.end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _admit(self, running: RunningQuery, most_running: int) -> _Ticket:
        with self._lock:
            own = sum(1 for ticket in self._tickets.values() if ticket.running.owner == running.owner)
            if own >= most_running:
                raise TooManyQueries(f"you have {own} queries running, and may have {most_running}")
            if self._closed.is_set():
                raise EngineUnavailable("the query engine is closed")
            if len(self._tickets) >= self._settings.most_running:
                raise TooManyQueries("too many queries are running for now")
            if running.id in self._tickets:
                raise TooManyQueries(f"a query with the id {running.id} is running")
            self._tickets[running.id] = ticket = _Ticket(running)
            return ticket

    def _take(self, ticket: _Ticket, until: float) -> Worker:
        while not ticket.cancelled:
            left = until - time.monotonic()
            try:
                worker = self._idle.get(timeout=max(0.0, min(left, _LOOK_EVERY)))
            except Empty:
                if left > 0:
                    continue
                raise TooManyQueries("all query workers were busy for as long as the query may take") from None
            if not worker.alive or worker.behind is None:
                self._retire(worker)
                continue
            with self._lock:
                if not ticket.cancelled:
                    ticket.worker = worker
                    return worker
            self._idle.put(worker)
        raise QueryCancelled("the query was stopped")

    def _give_back(self, ticket: _Ticket, worker: Worker) -> None:
        with self._lock:
            ticket.worker = None
            if worker.alive and not self._closed.is_set():
                self._idle.put(worker)
                return
        self._retire(worker)

    def _retire(self, worker: Worker) -> None:
        worker.end()
        with self._lock:
            self._alive -= 1
            self._replaced += 1
        self._replace()

    def _replace(self) -> None:
        """Start a worker beside what goes on; when that fails, try again after a while."""
        self._in_background(self._start)

    def _in_background(self, task: Callable[[], None]) -> None:
        def work() -> None:
            try:
                task()
            finally:
                with self._lock:
                    self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=work, name="sandbox", daemon=True)
        with self._lock:
            if not self._closed.is_set():
                self._threads.add(thread)
                thread.start()

    def _start(self) -> None:
        delay = 0.1
        while not self._closed.is_set():
            try:
                worker = self._new_worker()
            except (EngineUnavailable, OSError):
                logger.exception("a query worker can't be started; trying again in %.1f s", delay)
                self._closed.wait(delay)
                delay = min(delay * 2, 30.0)
            else:
                self._idle.put(worker)
                return

    def _new_worker(self) -> Worker:
        folder = self._folder / f"{os.getpid()}-{next(self._numbers)}"
        worker = Worker(self._store, folder, memory=self._settings.memory, nice=self._settings.nice)
        with self._lock:
            self._alive += 1
        return worker

    def _keep_up(self) -> None:
        """Keep idle workers close behind the store, and replace those that followed for long or died."""
        while not self._closed.wait(_KEEP_UP_EVERY):
            for worker in self._drain():
                self._tend(worker)

    def _drain(self) -> list[Worker]:
        workers = []
        while True:
            try:
                workers.append(self._idle.get_nowait())
            except Empty:
                return workers

    def _tend(self, worker: Worker) -> None:
        behind = worker.behind
        if not worker.alive or behind is None or behind > _FAR_BEHIND or worker.followed > self._settings.most_followed:
            self._retire(worker)
            return
        try:
            worker.follow(until=time.monotonic() + 10.0)
        except Exception:
            logger.exception("a query worker can't follow the store")
            self._retire(worker)
        else:
            self._idle.put(worker)
