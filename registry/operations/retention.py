"""Keeps the journal to the age that the settings allow: at the start and every day, in a thread that stands back."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

from registry.errors import RegistryError
from registry.journal import Journal, Recorder
from registry.journal.pruning import horizon, prune, set_horizon
from registry.operations.checkpoints import Checkpoints
from registry.profile.codecs import DATE_FORMAT
from sparql.graph_store import GraphStore, StoreError

EVERY = 24 * 3600.0
AGAIN = 3600.0
"""Seconds to the next time, and to the next attempt after one that failed."""
PAUSE = 0.05
"""Seconds left to writers between two transactions."""

logger = logging.getLogger(__name__)


class Retention:
    """Prunes a journal.

    Args:
        recorder: writes to the journal.
        store: the store that the journal is of.
        checkpoints: while there is one, nothing is pruned.
        days: how long entries are kept; None for ever.
    """

    def __init__(self, recorder: Recorder, store: GraphStore, checkpoints: Checkpoints, days: int | None) -> None:
        self._recorder = recorder
        self._store = store
        self._checkpoints = checkpoints
        self._days = days
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Begin, if entries are not kept for ever."""
        if self._days is not None:
            self._thread.start()

    def close(self) -> None:
        """End, after the transaction under way."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()

    def prune(self, now: datetime) -> int:
        """Forget what is too old at a time; return how many entries that were.

        Raises:
            StoreError, RegistryError: it can't be written. What was forgotten until then is.
        """
        if self._days is None or self._checkpoints.held:
            return 0
        journal: Journal = self._recorder.journal
        before = (now - timedelta(days=self._days)).strftime(DATE_FORMAT)
        until = min(horizon(journal, before), self._recorder.applied)
        if not until:
            return 0
        self._store.flush()  # it must not need what is forgotten, whatever becomes of the power
        set_horizon(journal, until, before)
        done, total = 0, 0
        while not self._closed.is_set() and not self._checkpoints.held:
            done, forgotten = prune(journal, done, until)
            total += forgotten
            if not done:
                break
            self._closed.wait(PAUSE)
        return total

    def _run(self) -> None:
        delay = 0.0
        while not self._closed.wait(delay):
            try:
                total = self.prune(datetime.now(UTC))
                delay = AGAIN if self._checkpoints.held else EVERY
                if total:
                    logger.info("%s entries of the journal were older than %s days", f"{total:,}", self._days)
            except (StoreError, RegistryError):
                logger.exception("the journal can't be pruned; trying again in an hour")
                delay = AGAIN
