"""Puts a backup into an empty data folder, from which a registry can then be started.

All files are copied and verified below `restoring/` first. Then the journal gets its place, and after it the store: a
registry that is started on a journal alone makes its store anew.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from registry.operations.durable_copy import Copied, copy_file
from registry.operations.manifest import Manifest, NotABackup, read_manifest
from sparql.embedded.replacement import sync_files
from sparql.folders import sync_folder

INCOMING = "restoring"


class RestoreFailed(Exception):
    """Nothing was restored; the message says why, and what to do."""


def restore(backup: Path, data: Path, copied: Copied = lambda _: None) -> Manifest:
    """Put a backup into a data folder.

    Args:
        backup: its folder.
        data: an empty folder, or one that does not exist.
        copied: told of bytes.

    Raises:
        NotABackup: it is none, or damaged.
        RestoreFailed: the data folder is not empty, or can't be written.
    """
    manifest = read_manifest(backup)
    try:
        _require_empty(data)
        faults = list(manifest.faults(backup))
        if faults:
            raise NotABackup(f"{backup} is damaged:\n" + "\n".join(f"  {each}" for each in faults))
        _put(manifest, backup, data, copied)
    except OSError as error:
        raise RestoreFailed(f"{data} can't be written: {error}") from error
    return manifest


def _require_empty(data: Path) -> None:
    if not data.exists():
        return
    if not data.is_dir():
        raise RestoreFailed(f"{data} is no folder")
    there = sorted(path.name for path in data.iterdir() if path.name not in (INCOMING, "lost+found"))
    if there:
        some = ", ".join(there[:5])
        raise RestoreFailed(
            f"{data} is not empty ({some}): stop the registry, move the folder away, and restore again; "
            "or name another one with --data"
        )


def _put(manifest: Manifest, backup: Path, data: Path, copied: Copied) -> None:
    incoming = data / INCOMING
    shutil.rmtree(incoming, ignore_errors=True)
    incoming.mkdir(parents=True)
    try:
        for name, record in manifest.files.items():
            if copy_file(backup / name, incoming / name, copied) != record:
                raise NotABackup(f"{backup / name} changed while it was read")
        sync_files(incoming)
        for name in ("journal.sqlite", "store"):
            (incoming / name).rename(data / name)
            sync_folder(data)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    sync_folder(data)
    sync_folder(data.absolute().parent)
