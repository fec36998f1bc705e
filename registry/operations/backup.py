"""Makes a backup: a checkpoint of the store first, then the journal, so that the journal has all that the store lacks.

The models are in the journal. Whatever is under way, or was cut short, is `DIR.partial`: a folder that is called DIR
was whole and on the disk before it got that name.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from registry.journal.database import JournalError
from registry.operations.checkpoints import Checkpoint
from registry.operations.durable_copy import Copied, copy_database, copy_file
from registry.operations.manifest import NAME, FileRecord, Manifest, file_digest
from registry.operations.sources import Say, checkpoint_of
from registry.profile.codecs import DATE_FORMAT
from sparql.folders import sync_folder

_ROUNDS = 5
"""How often it is begun anew when a model was published meanwhile."""


class BackupFailed(Exception):
    """There is no backup; the message says why."""


def make_backup(data: Path, target: Path, say: Say, copied: Copied = lambda _: None) -> Manifest:
    """Copy the registry in `data`, running or not, to the new folder `target`.

    Args:
        data: the data folder.
        target: must not exist; may lie on another file system.
        say: shows steps.
        copied: told of bytes.

    Raises:
        BackupFailed: the target exists, or can't be written.
        StoreError, JournalError, ProfileError: the data can't be read.
    """
    if os.path.lexists(target):
        raise BackupFailed(f"{target} exists: a backup goes into a new folder")
    partial = target.with_name(f"{target.name}.partial")
    try:
        for _ in range(_ROUNDS):
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            with checkpoint_of(data, say) as checkpoint:
                manifest = _copied(data, checkpoint, partial, say, copied)
            if manifest is not None:
                _finish(partial, target, manifest)
                return manifest
            say("a model was published, or an account erased, meanwhile: beginning anew")
        raise BackupFailed("models are being published or accounts erased all the time: try again later")
    except (OSError, sqlite3.Error) as error:
        raise BackupFailed(f"{target} can't be written: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _copied(data: Path, checkpoint: Checkpoint, partial: Path, say: Say, copied: Copied) -> Manifest | None:
    """Copy everything; None if the journal has a change between store and journal that can't be worked out from it."""
    files: dict[str, FileRecord] = {}
    say("copying the store")
    for path in sorted(checkpoint.folder.rglob("*")):
        if path.is_file():
            name = f"store/{path.relative_to(checkpoint.folder).as_posix()}"
            files[name] = copy_file(path, partial / name, copied)
    say("copying the journal")
    journal = partial / "journal.sqlite"
    copy_database(data / "journal.sqlite", journal, copied)
    files["journal.sqlite"] = FileRecord(journal.stat().st_size, file_digest(journal))
    identity, sequence, lacking = _read_journal(journal, checkpoint.sequence)
    if lacking:
        return None
    return Manifest(
        time=datetime.now(UTC).strftime(DATE_FORMAT),
        software=version("flexcoop-der-registry"),
        identity=identity,
        sequence=sequence,
        store_sequence=checkpoint.sequence,
        files=files,
    )


def _read_journal(path: Path, since: int) -> tuple[str, int, bool]:
    """Return identity and last sequence of a journal, and whether it has a publish or an erasure after `since`."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)
    try:
        ((identity,),) = connection.execute("SELECT value FROM note WHERE name = 'identity'")
        ((sequence,),) = connection.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'entry'")
        query = "SELECT EXISTS (SELECT 1 FROM entry WHERE sequence > ? AND kind IN ('publish', 'erase'))"
        ((lacking,),) = connection.execute(query, (since,))
    except sqlite3.Error as error:
        raise JournalError(f"the journal can't be read: {error}") from error
    finally:
        connection.close()
    return identity, sequence, bool(lacking)


def _finish(partial: Path, target: Path, manifest: Manifest, sync: Callable[[Path], None] = sync_folder) -> None:
    with (partial / NAME).open("x", encoding="utf-8") as file:
        file.write(manifest.text())
        file.flush()
        os.fsync(file.fileno())
    for folder in [*(path for path in partial.rglob("*") if path.is_dir()), partial]:
        sync(folder)
    partial.rename(target)
    sync(target.parent)
