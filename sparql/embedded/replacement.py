"""Puts a new store in the place of an old one. Killed at any point, it leaves one of them there, whole.

The new store is made beside, in `<store>.new`; the old one is `<store>.old` until the new one has its name. What a
killed process left is settled by whoever opens the store next. A lock tells that from a replacement under way.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sparql.folders import sync_folder
from sparql.graph_store import StoreError, StoreLocked


@dataclass(frozen=True, slots=True)
class Replacement:
    """A replacement under way.

    Attributes:
        path: the store's folder.
    """

    path: Path

    @property
    def work(self) -> Path:
        """A folder for all that is needed meanwhile; it is removed at the end."""
        return _beside(self.path, "new")

    @property
    def made(self) -> Path:
        """The folder of the new store, below `work`."""
        return self.work / "store"

    def commit(self) -> None:
        """Put the new store, which is closed, in the place of the old one, which nobody has open, for good.

        Raises:
            StoreError: it can't be done; the old store has its name then.
        """
        old = _beside(self.path, "old")
        try:
            sync_files(self.made)
            if self.path.exists():
                self.path.rename(old)
            self.made.rename(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            _settle(self.path)
            raise StoreError(f"the store in {self.path} can't be replaced: {error}") from error
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def replacing(path: Path) -> Iterator[Replacement]:
    """Begin to replace the store in `path`; unless that is committed, it stays what it was.

    Raises:
        StoreLocked: somebody else is replacing it.
    """
    with _locked(path) as mine:
        if not mine:
            raise StoreLocked(f"the store in {path} is being replaced by another process")
        _settle(path)
        replacement = Replacement(path)
        try:
            replacement.work.mkdir(parents=True)
            yield replacement
        except OSError as error:
            raise StoreError(f"the store in {path} can't be replaced: {error}") from error
        finally:
            shutil.rmtree(replacement.work, ignore_errors=True)


def settle(path: Path) -> None:
    """Bring what a killed process left of a replacement of the store in `path` to an end.

    Raises:
        StoreLocked: the store is being replaced this moment.
    """
    if not (_beside(path, "new").exists() or _beside(path, "old").exists()):
        return
    with _locked(path) as mine:
        if mine:
            _settle(path)
        elif not path.exists():
            raise StoreLocked(f"the store in {path} is being replaced by another process")


def _settle(path: Path) -> None:
    old = _beside(path, "old")
    if old.exists() and not path.exists():
        old.rename(path)
        sync_folder(path.parent)
    for leftover in (old, _beside(path, "new")):
        shutil.rmtree(leftover, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Take the lock of replacements for as long as this lasts; tell whether it could be had."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _beside(path, "replacing").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")


def sync_files(folder: Path) -> None:
    """Have the system put all files below `folder`, and their names, on its disk."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    for each in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        sync_folder(each)
