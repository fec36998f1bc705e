"""Copies of a store's folder, for those who look at the data beside the registry.

A folder that a process has open for writing must not be copied, nor opened by another.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

IMMUTABLE = ".sst"
"""The ending of RocksDB's files of data, which are written once; they are the bulk of a store."""


def copy_store(source: Path, target: Path) -> Path:
    """Copy the folder of a store that nobody has open to a new one, by hard links where that is safe."""
    return Path(shutil.copytree(source, target, copy_function=_copy))


def _copy(source: str, target: str) -> None:
    if source.endswith(IMMUTABLE):
        with suppress(OSError):  # such as between file systems
            os.link(source, target)
            return
    shutil.copy2(source, target)
