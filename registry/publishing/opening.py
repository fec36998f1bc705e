"""Opens the store in the data folder of a registry; one that is damaged gives way, where the journal has all of it.

A store that can't be opened for another reason (another process has it, a right is missing, the disk is full) is not
touched, nor is a damaged one without a journal: that one may be all there is.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from registry.publishing.founding import JOURNAL, Say
from sparql.embedded import EmbeddedStore
from sparql.folders import make_folder
from sparql.graph_store import StoreDamaged, StoreError

logger = logging.getLogger(__name__)

STORE = "store"


def open_store(data: Path, say: Say = logger.warning) -> EmbeddedStore:
    """Open the store in `data`, made when missing.

    A damaged one is moved aside, to `store.damaged-<time>`, where the journal can fill a new one.

    Raises:
        StoreLocked: another process has it.
        StoreDamaged: it is damaged, and there is no journal to make it anew from.
        StoreError: it can't be used.
    """
    path = data / STORE
    try:
        make_folder(data)
    except OSError as error:
        raise StoreError(f"the folder {data} can't be made: {error.strerror}") from error
    try:
        return EmbeddedStore(path)
    except StoreDamaged as error:
        if not _names_a_model(data / JOURNAL):
            raise StoreDamaged(f"{error}; without a journal beside it, it has to come from a backup") from error
        aside = path.with_name(f"{STORE}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
        path.rename(aside)
        say(f"{error}; it is in {aside} now, and is made anew from the journal")
        return EmbeddedStore(path)


def _names_a_model(journal: Path) -> bool:
    """Tell whether a store can be made anew from a journal, which is neither made nor changed by that."""
    if not journal.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"file:{journal}?mode=rw", uri=True)) as connection:
            return connection.execute("SELECT 1 FROM entry WHERE kind = 'publish' LIMIT 1").fetchone() is not None
    except sqlite3.Error:
        return False
