"""Makes the store of a stopped registry anew from its journal alone.

The new store is made beside the old one, which keeps its name until the new one is complete.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.journal import Journal
from registry.journal.database import JournalError
from registry.publishing.founding import Say, journal_of, library_of, rebuild
from sparql.embedded import EmbeddedStore
from sparql.embedded.replacement import replacing
from sparql.graph_store import StoreError, StoreLocked


def rebuild_store(data: Path, say: Say, check: Callable[[Journal], None] = lambda _: None) -> int:
    """Make the store in a data folder anew; return how many devices it has.

    Args:
        data: the data folder.
        say: shows progress.
        check: raises when the journal is not to be used.

    Raises:
        StoreLocked: a registry runs on it.
        StoreError: it can't be made; the old store is there as it was.
        JournalError, ProfileError: the journal or a model can't be used.
    """
    if not (data / "journal.sqlite").is_file():
        raise JournalError(
            f"there is no journal in {data} to make a store from: restore a backup (der-registry restore)"
        )
    path = data / "store"
    with replacing(path) as replacement, _held(path):
        journal = journal_of(data)
        try:
            check(journal)
            store = EmbeddedStore(replacement.made)
            try:
                total = rebuild(store, journal, library_of(data), say)
            finally:
                store.close()
        finally:
            journal.close()
        replacement.commit()
    return total


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Keep others from opening the store, which may be damaged, by the lock that the engine takes."""
    lock = path / "LOCK"
    if not lock.is_file():
        yield
        return
    try:
        with lock.open("r+b") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StoreLocked(f"the store in {path} is in use by another process; stop it first") from error
            yield
    except PermissionError as error:
        raise StoreError(f"the store in {path} can't be replaced: {error}") from error
