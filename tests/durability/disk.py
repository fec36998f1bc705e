"""A disk whose power can be cut: of all that a process wrote, what it had synced is left, and perhaps some of the rest.

The process has `power_cut.c` preloaded, which keeps what is synced in a shadow folder, by inode. A name is on the disk
once its folder was synced, which is less than most file systems do, and all that POSIX promises.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from random import Random

SOURCE = Path(__file__).with_name("power_cut.c")

GRAVES = "graves"


def built(folder: Path) -> Path:
    """Compile what is preloaded, into a new file in `folder`."""
    library = folder / "power_cut.so"
    command = [
        "gcc",
        "-shared",
        "-fPIC",
        "-O1",
        "-Wall",
        "-Werror",
        "-o",
        str(library),
        str(SOURCE),
        "-ldl",
        "-lpthread",
    ]
    subprocess.run(command, check=True)
    return library


class Disk:
    """The disk with the folder `root`.

    Args:
        root: what is on it.
        folder: where the shadow goes, on the same file system.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self._shadow = folder / "shadow"
        self._fault = folder / "fault"
        (self._shadow / GRAVES).mkdir(parents=True, exist_ok=True)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Disk:
        """Return the disk that a process with these variables writes to."""
        return cls(Path(environment["POWER_ROOT"]), Path(environment["POWER_SHADOW"]).parent)

    def environment(self, library: Path) -> Mapping[str, str]:
        """Return the variables by which a process writes to this disk."""
        return {
            "LD_PRELOAD": str(library),
            "POWER_ROOT": str(self.root),
            "POWER_SHADOW": str(self._shadow),
            "POWER_FAULT": str(self._fault),
        }

    def fail(self, error: int | None, kind: str = "write", part: str = "") -> None:
        """Have writes and syncs below the root fail with an error number; None ends that.

        Args:
            error: an errno.
            kind: `write` for both, `sync` for syncs alone.
            part: what a path must hold to be concerned.
        """
        if error is None:
            self._fault.unlink(missing_ok=True)
            return
        new = self._fault.with_suffix(".new")
        new.write_text(f"{error} {kind} {part}")
        new.rename(self._fault)

    def settle(self) -> None:
        """Take all that is there now for synced."""
        shutil.rmtree(self._shadow)
        (self._shadow / GRAVES).mkdir(parents=True)
        for folder, folders, files in os.walk(self.root):
            names = [(name, "d") for name in folders] + [(name, "f") for name in files]
            entries = [f"{os.stat(Path(folder, name)).st_ino} {kind} {name}\n" for name, kind in names]
            self._kept(Path(folder)).write_text("".join(entries))
            for name in files:
                shutil.copyfile(Path(folder, name), self._kept(Path(folder, name)))

    def cut(self, more: Random | None = None) -> None:
        """Cut the power: leave what was synced; with `more`, now and then what was not, or a part of it, by chance."""
        after = self.root.with_name(f"{self.root.name}.after")
        self._restore(self.root, os.stat(self.root).st_ino, after, more)
        shutil.rmtree(self.root)
        after.rename(self.root)
        self.settle()

    def _restore(self, folder: Path, inode: int, target: Path, more: Random | None) -> None:
        """Make `target` the folder with this inode as the disk has it; it may have other names now, or none."""
        target.mkdir()
        kept = self._shadow / f"d{inode}"
        entries = [line.split(" ", 2) for line in kept.read_text().splitlines()] if kept.exists() else []
        here = {each.stat().st_ino: each for each in folder.iterdir()} if folder.is_dir() else {}
        for number, kind, name in entries:
            now = here.get(int(number), folder / name)
            if kind == "d":
                self._restore(now, int(number), target / name, more)
            else:
                (target / name).write_bytes(self._content(now, int(number), more))

    def _content(self, now: Path, inode: int, more: Random | None) -> bytes:
        kept = self._shadow / f"f{inode}"
        synced = kept.read_bytes() if kept.exists() else b""
        if more is None or not now.is_file() or now.stat().st_ino != inode:
            return synced
        written = now.read_bytes()
        if not written.startswith(synced):
            return more.choice([synced, written])
        return written[: more.choice([len(synced), more.randint(len(synced), len(written)), len(written)])]

    def _kept(self, path: Path) -> Path:
        return self._shadow / f"{'d' if path.is_dir() else 'f'}{path.stat().st_ino}"
