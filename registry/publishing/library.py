"""The models that were published, each in a folder named by its digest. What is in one never changes.

A folder is complete and on the disk before its name appears, and it counts as published only when the store's marker
says so: what a killed process leaves behind here means nothing.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from registry.profile import Profile, load_profile
from registry.publishing.model_files import ModelFiles, from_folder
from sparql.folders import make_folder, sync_folder

_RECORD = "published.json"
_INCOMING = "incoming-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A model that was put in force.

    Attributes:
        name: the digest of its files.
        version: what the ontology states as owl:versionInfo.
        time: when it was published first, in UTC.
        by: who did it.
        shipped: whether it came with the software, and so gives way to the one of a newer release.
    """

    name: str
    version: str
    time: datetime
    by: str
    shipped: bool = False

    def text(self) -> str:
        """Return the record as JSON."""
        return json.dumps({**asdict(self), "time": self.time.isoformat()}, ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def read(cls, text: str) -> Published:
        """Return the record that `text` wrote.

        Raises:
            ValueError: it is damaged.
        """
        found = json.loads(text)
        return cls(**{**found, "time": datetime.fromisoformat(found["time"])})


class ModelLibrary:
    """The published models.

    Args:
        folder: below which they lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, files: ModelFiles, record: Published) -> Path:
        """Keep a model, whole and on the disk when this returns; return its folder."""
        target = self.folder_of(record.name)
        if target.exists():
            return target
        make_folder(self.folder)
        incoming = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=self.folder))
        try:
            ModelFiles({**files.content, _RECORD: record.text().encode()}).write(incoming)
            incoming.rename(target)
        except BaseException:
            shutil.rmtree(incoming, ignore_errors=True)
            raise
        sync_folder(self.folder)
        return target

    def folder_of(self, name: str) -> Path:
        """Return the folder of the model with this name."""
        return self.folder / name

    def record(self, name: str) -> Published:
        """Return what is known of a model.

        Raises:
            OSError, ValueError: its folder is missing or damaged.
        """
        return Published.read((self.folder_of(name) / _RECORD).read_text(encoding="utf-8"))

    def records(self, names: Collection[str]) -> list[Published]:
        """Return what is known of some models, the one that was published last first."""
        return sorted(map(self.record, names), key=lambda each: each.time, reverse=True)

    def files(self, name: str) -> ModelFiles:
        """Return the files of a model."""
        return from_folder(self.folder_of(name))

    def profile(self, name: str) -> Profile:
        """Return a model, compiled.

        Raises:
            ProfileError: its folder is missing or damaged.
        """
        return load_profile(self.folder_of(name))

    def clear_incoming(self) -> None:
        """Remove what a killed process left half written."""
        for path in self.folder.glob(f"{_INCOMING}*"):
            shutil.rmtree(path, ignore_errors=True)
