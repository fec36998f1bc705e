"""Where a backup comes by a checkpoint of the store: from the registry that runs on it, else from the store itself."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from registry.journal import Recorder
from registry.operations.checkpoints import Checkpoint, Checkpoints
from registry.operations.control import NAME, read_line, send_line
from registry.operations.unix_socket import connected
from registry.publishing.founding import bring_together, journal_of, library_of
from sparql.embedded import EmbeddedStore
from sparql.graph_store import StoreError, StoreLocked

Say: TypeAlias = Callable[[str], None]
"""Shows progress."""

_WITHIN = 120.0
"""Seconds within which a registry must have made a checkpoint."""


@contextmanager
def checkpoint_of(data: Path, say: Say) -> Iterator[Checkpoint]:
    """Take a checkpoint of the store in a data folder, whether a registry runs on it or not.

    Raises:
        StoreError: there is none, or it can't be copied; StoreLocked when a process has it that doesn't answer.
        JournalError: the journal can't be used, or is not that of the store.
        ProfileError: the model's folder is missing or damaged.
    """
    if not (data / "journal.sqlite").is_file():
        raise StoreError(
            f"there is no registry's data in {data}: name its folder with --data or the setting store.path"
        )
    connection = _asked(data)
    if connection is None:
        with _own(data, say) as checkpoint:
            yield checkpoint
        return
    with connection:
        yield _answered(connection, data, say)


def _asked(data: Path) -> socket.socket | None:
    try:
        connection = connected(data / NAME, _WITHIN)
    except OSError as error:
        raise StoreError(
            f"the registry can't be asked at {data / NAME}: {error}; be the user that it runs as"
        ) from None
    if connection is not None:
        send_line(connection, {"command": "checkpoint"})
    return connection


def _answered(connection: socket.socket, data: Path, say: Say) -> Checkpoint:
    try:
        while True:
            answer = read_line(connection)
            if "error" in answer:
                raise StoreError(str(answer["error"]))
            if "checkpoint" in answer:
                return Checkpoint(data / str(answer["checkpoint"]), int(answer["sequence"]))
            say(str(answer.get("progress", "")))
    except (OSError, ValueError) as error:
        raise StoreError(f"the registry made no checkpoint: {error}") from None


@contextmanager
def _own(data: Path, say: Say) -> Iterator[Checkpoint]:
    try:
        store = EmbeddedStore(data / "store")
    except StoreLocked as error:
        raise StoreLocked(f"{error}, which doesn't answer at {data / NAME}; stop it first") from None
    try:
        journal = journal_of(data)
        try:
            bring_together(store, journal, library_of(data), say)
            checkpoints = Checkpoints(store, Recorder(journal, store), data)
            checkpoints.clear()
            with checkpoints.taken() as checkpoint:
                yield checkpoint
        finally:
            journal.close()
    finally:
        store.close()
