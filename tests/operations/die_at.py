"""Does one operation on a data folder and is killed at a point of it: `python die_at.py OPERATION DATA OTHER POINT`.

POINT is a function of the way, with `before` or `after`: the process kills itself there as by kill -9.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from stand import ALICE, BOB, A, B, device, running_stand

from registry.journal.entry import OPERATOR
from registry.journal.erasure import Account
from registry.journal.journal import Journal
from registry.operations import backup, cleaning, rebuilding, restoring
from registry.operations.erasing import Eraser
from registry.publishing.starting import start
from sparql.embedded import EmbeddedStore, replacement
from sparql.embedded import store as embedded

SECRET = "the secret heat pump of alice"
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
        "remove": (replacement.shutil, "rmtree"),
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


def prepare(data: Path) -> None:
    """Make a registry with devices of Alice's and of Bob's, changed and moved."""
    with running_stand(data) as stand:
        stand.add(*(_document(number) for number in range(1, 31)))
        for number in (1, 2, 3):
            stand.patch(_document(number)["device_id"], {"device_name": f"{SECRET}, changed"})
        stand.patch(_document(4)["device_id"], {"account_id": BOB, "device_name": "bob has it now"})
        stand.patch(_document(20)["device_id"], {"account_id": ALICE, "device_name": f"{SECRET}, come later"})


def _document(number: int) -> dict[str, Any]:
    if number <= 10:
        return device(number, device_name=f"{SECRET} {number}")
    return device(number, account_id=BOB, aggregator_id=B if number > 25 else A)


def operate(operation: str, data: Path, other: Path) -> None:
    match operation:
        case "prepare":
            prepare(data)
        case "backup":
            backup.make_backup(data, other, lambda _: None)
        case "restore":
            restoring.restore(other, data)
        case "rebuild":
            rebuilding.rebuild_store(data, lambda _: None)
        case "erase":
            store = EmbeddedStore(data / "store")
            started = start(store, data)
            Eraser(store, started).erase(Account(A, ALICE), OPERATOR)
            store.close()
            started.recorder.journal.close()


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
