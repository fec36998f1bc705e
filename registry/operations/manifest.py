"""What a backup says of itself: when and of which registry it was made, and the digest of each of its files.

Format 1, `manifest.json`. Whatever a later version of the software adds or changes gets another number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FORMAT = 1
NAME = "manifest.json"


class NotABackup(Exception):
    """A folder that can't be used as a backup; the message says why."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """The size of a file in bytes, and its SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is.

    Attributes:
        time: when it was made, in UTC.
        software: the version that made it.
        identity: that of the journal.
        sequence: that of the last entry in the journal.
        store_sequence: an entry that the store has, and all before it; it may have later ones, too.
        files: path in the backup, with slashes -> what it must be.
    """

    time: str
    software: str
    identity: str
    sequence: int
    store_sequence: int
    files: Mapping[str, FileRecord]

    def text(self) -> str:
        """Return it as JSON, with a digest of itself."""
        said: dict[str, Any] = {"format": FORMAT, **asdict(self)}
        return json.dumps({**said, "digest": _digest(said)}, indent=2, ensure_ascii=False) + "\n"

    def faults(self, folder: Path) -> Iterator[str]:
        """Yield what is wrong with the files of the backup in `folder`."""
        there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {NAME}
        for name, record in self.files.items():
            if name not in there:
                yield f"{name} is missing"
            elif (size := (folder / name).stat().st_size) != record.size:
                yield f"{name} has {size:,} bytes in place of {record.size:,}"
            elif file_digest(folder / name) != record.sha256:
                yield f"{name} is not what was written: its SHA-256 is another"
        for name in sorted(there - self.files.keys()):
            yield f"{name} is no part of this backup"


def read_manifest(folder: Path) -> Manifest:
    """Return what the backup in `folder` says of itself.

    Raises:
        NotABackup: it is none, is damaged, or was made by a later version.
    """
    path = folder / NAME
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotABackup(f"{folder} is no backup: it has no {NAME}") from None
    except (OSError, ValueError) as error:
        raise NotABackup(f"{path} can't be read: {error}") from None
    if not isinstance(said, dict) or not isinstance(said.get("format"), int):
        raise NotABackup(f"{path} is no manifest of a backup")
    if said["format"] != FORMAT:
        raise NotABackup(f"{path} is of format {said['format']}, this software reads format {FORMAT}")
    if said.pop("digest", None) != _digest(said):
        raise NotABackup(f"{path} is not what was written: its digest is another")
    files = {name: FileRecord(**record) for name, record in said.pop("files").items()}
    del said["format"]
    return Manifest(files=files, **said)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
