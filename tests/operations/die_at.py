"""Does one operation on a data folder and is killed at a point of it: `python die_at.py OPERATION DATA OTHER POINT`.

POINT is a function of the way, with `before` or `after`: the process kills itself there as by kill -9.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))


from operating import operate

from registry.journal.journal import Journal
from registry.operations import backup, cleaning, rebuilding, restoring
from sparql.embedded import EmbeddedStore, replacement
from sparql.embedded import store as embedded

POINTS: dict[str, dict[str, tuple[Any, str]]] = {
    "backup": {
        "checkpoint": (EmbeddedStore, "checkpoint"),
        "file": (backup, "copy_file"),
        "journal": (backup, "copy_database"),
        "manifest": (backup, "_finish"),
    },
    "restore": {
        "file": (restoring, "copy_file"),
        "sync": (restoring, "sync_files"),
        "names": (restoring, "sync_folder"),
    },
    "rebuild": {
        "fill": (rebuilding, "rebuild"),
        "commit": (replacement.Replacement, "commit"),
        "rename": (Path, "rename"),
        "remove": (shutil, "rmtree"),
    },
    "erase": {
        "forget": (Journal, "rewrite"),
        "apply": (EmbeddedStore, "apply"),
        "renew": (EmbeddedStore, "renew"),
        "copy": (embedded, "_copied"),
        "commit": (replacement.Replacement, "commit"),
        "rename": (Path, "rename"),
        "truncate": (Journal, "truncate"),
        "finished": (cleaning, "finished"),
    },
}


def deadly(work: Callable[..., Any], when: str) -> Callable[..., Any]:
    """Kill this process before or after the work."""

    def wrapped(*arguments: Any, **options: Any) -> Any:
        if when == "after":
            work(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    return wrapped


if __name__ == "__main__":
    _, name, data, other, point = sys.argv
    if point:
        when, place = point.split()
        owner, attribute = POINTS[name][place]
        setattr(owner, attribute, deadly(getattr(owner, attribute), when))
    operate(name, Path(data), Path(other))
