"""The files of a model: Turtle of ontology and shapes, and what a candidate brings along to be judged or migrated by.

What a file says is not looked at here.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from registry.errors import BadRequest
from sparql.folders import sync_folder

MOST_FILES = 1_000
MOST_BYTES = 8 * 2**20
"""Of one file, and of all files together: a thousand times an ordinary model is still far below."""

_PARTS = ("ontology", "shapes")
_COMPANIONS = ("migrations", "hygiene", "examples", "competency")
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_MODEL = re.compile(rf"(ontology/(alignments/)?|shapes/){_NAME}\.ttl")
_COMPANION = re.compile(rf"migrations/{_NAME}\.ru|hygiene/{_NAME}\.rq|(examples|competency)/({_NAME}/)*{_NAME}")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files by their paths in the model's folder, with slashes.

    Attributes:
        content: `ontology/*.ttl`, `ontology/alignments/*.ttl`, `shapes/*.ttl`, and of a candidate `migrations/*.ru`,
            `hygiene/*.rq`, `examples/…`, `competency/…`. Whatever else lay in the folder is left out.
    """

    content: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """What names the model, 40 hexadecimal digits: over the files of ontology and shapes alone."""
        found = hashlib.sha256()
        for path, data in sorted(self.model.items()):
            found.update(f"{path}\0{len(data)}\0".encode() + data)
        return found.hexdigest()[:40]

    @property
    def model(self) -> Mapping[str, bytes]:
        """The files of ontology and shapes."""
        return {path: data for path, data in self.content.items() if _MODEL.fullmatch(path)}

    @property
    def migrations(self) -> Mapping[str, str]:
        """The texts of the migrations by file name, in the order of these names.

        Raises:
            BadRequest: one is no UTF-8 text.
        """
        found = {}
        for path, data in sorted(self.content.items()):
            if path.startswith("migrations/"):
                try:
                    found[path] = data.decode()
                except UnicodeDecodeError as error:
                    raise BadRequest(f"{path} is no UTF-8 text, byte {error.start}") from None
        return found

    def part(self, name: str) -> Mapping[str, bytes]:
        """Return the files of the folder `ontology` or `shapes`."""
        return {path: data for path, data in self.model.items() if path.startswith(f"{name}/")}

    def with_part(self, name: str, document: bytes) -> ModelFiles:
        """Return the model with one document in the place of all files of the folder `ontology` or `shapes`."""
        others = {path: data for path, data in self.model.items() if not path.startswith(f"{name}/")}
        return ModelFiles({**others, f"{name}/{name}.ttl": document})

    def zipped(self) -> bytes:
        """Return the files as a zip archive, the same bytes for the same files."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in sorted(self.content.items()):
                archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
        return stream.getvalue()

    def write(self, folder: Path) -> None:
        """Write the files below the new `folder`, and have the system put them on its disk."""
        for path, data in self.content.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        for each in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
            sync_folder(each)


def from_folder(folder: Path, *, companions: bool = True) -> ModelFiles:
    """Read the files of the model in `folder`.

    Args:
        folder: with ontology/ and shapes/.
        companions: whether to read what a candidate brings along, too.

    Raises:
        BadRequest: there are none, too many, or too large ones.
        OSError: one can't be read.
    """
    parts = [*_PARTS, *_COMPANIONS] if companions else _PARTS
    paths = sorted(path for part in parts for path in (folder / part).rglob("*") if path.is_file())
    return _bounded((path.relative_to(folder).as_posix(), path.stat().st_size, path.read_bytes) for path in paths)


def from_zip(data: bytes) -> ModelFiles:
    """Read the files of a zip archive of a model's folder, or of one that holds it.

    Raises:
        BadRequest: it is none; it holds no model, or too many or too large files.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            root = _root([entry.filename for entry in entries])
            return _bounded(
                (entry.filename.removeprefix(root), entry.file_size, lambda entry=entry: _unpacked(archive, entry))
                for entry in entries
            )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise BadRequest(f"The body is no zip archive that can be read: {error}") from None


def _bounded(entries: Iterator[tuple[str, int, object]]) -> ModelFiles:
    content: dict[str, bytes] = {}
    size = 0
    for path, claimed, read in entries:
        if not (_MODEL.fullmatch(path) or _COMPANION.fullmatch(path)):
            continue
        size += claimed
        if len(content) == MOST_FILES or size > MOST_BYTES:
            raise BadRequest(f"A model has at most {MOST_FILES} files of {MOST_BYTES:,} bytes in all")
        content[path] = read()  # type: ignore[operator]
    for part in _PARTS:
        if not any(path.startswith(f"{part}/") for path in content):
            raise BadRequest(f"There is no {part}/*.ttl: a model is a folder with ontology/*.ttl and shapes/*.ttl")
    return ModelFiles(content)


def _root(names: list[str]) -> str:
    """Return the folder in an archive that holds the model: the shortest one with an ontology/."""
    found = [name[: name.index("ontology/")] for name in names if "ontology/" in name]
    roots = [root for root in found if not root or (root.endswith("/") and ".." not in PurePosixPath(root).parts)]
    return min(roots, key=len, default="")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as stream:
        data = stream.read(entry.file_size + 1)
    if len(data) > entry.file_size:
        raise ValueError(f"{entry.filename} is larger than it says")
    return data
