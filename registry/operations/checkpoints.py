"""Copies of the store that are made for somebody and last until that one is done with them.

They are mostly hard links, below the data folder. Nothing is pruned from the journal while there is one: who took it
copies the journal afterwards, and that must still have what the copy of the store lacks.
"""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.journal import Recorder
from sparql.embedded import EmbeddedStore

FOLDER = "checkpoints"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A copy of the store.

    Attributes:
        folder: where it is.
        sequence: that of an entry that it has, and all before it.
    """

    folder: Path
    sequence: int


class Checkpoints:
    """The checkpoints of one store.

    Args:
        store: the store.
        recorder: writes to it.
        data: the data folder, on whose file system the store is.
    """

    def __init__(self, store: EmbeddedStore, recorder: Recorder, data: Path) -> None:
        self._store = store
        self._recorder = recorder
        self._folder = data / FOLDER
        self._lock = threading.Lock()
        self._held = 0

    def clear(self) -> None:
        """Remove what a killed process left."""
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def held(self) -> int:
        """How many there are."""
        return self._held

    @contextmanager
    def taken(self) -> Iterator[Checkpoint]:
        """Take a checkpoint that lasts as long as the block.

        Raises:
            StoreError: it can't be made.
        """
        folder = self._folder / uuid.uuid4().hex
        with self._lock:
            self._held += 1
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            sequence = self._recorder.applied
            self._store.checkpoint(folder)
            yield Checkpoint(folder, sequence)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with self._lock:
                self._held -= 1
