"""The publisher's side of a rehearsal: starts its processes on a copy of the store, and reads what they found."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TypeAlias

from registry.errors import BadRequest, ServiceUnavailable
from registry.publishing.impact import Impact, impact_from, joined
from registry.publishing.rehearsal import Folder, Task, read_changes
from registry.publishing.rewriting import Rewritten
from sparql.embedded import EmbeddedStore

Say: TypeAlias = Callable[[str], None]
"""Shows progress."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Rehearsed:
    """What a candidate would do.

    Attributes:
        impact: which rules devices would break.
        changes: device -> what changes of it.
    """

    impact: Impact
    changes: dict[str, Rewritten] = field(default_factory=dict)


def rehearse(store: EmbeddedStore, folder: Path, task: Task, say: Say) -> Rehearsed:
    """Rehearse on a copy of `store`, which goes on being written meanwhile.

    Args:
        store: the store.
        folder: where copies go, on the same file system.
        task: what to rehearse.
        say: shows progress.

    Raises:
        BadRequest: a migration can't be run.
        ServiceUnavailable: a process died.
    """
    with TemporaryDirectory(prefix="rehearsal-", dir=folder) as name:
        place = Folder(Path(name))
        place.task.write_text(json.dumps(asdict(task)), encoding="utf-8")
        store.checkpoint(place.original)
        _run(place, "survey", say)
        outcome = json.loads(place.survey.read_text(encoding="utf-8"))
        if "error" in outcome:
            raise BadRequest(outcome["error"])
        found = Rehearsed(impact_from(outcome["impact"]))
        if parts := outcome["parts"]:
            with ThreadPoolExecutor(parts) as threads:
                list(threads.map(lambda part: _run(place, str(part), say if part == 0 else _silent), range(parts)))
            impacts = [impact_from(json.loads(place.impact(part).read_text())) for part in range(parts)]
            found.impact = joined([found.impact, *impacts])
            for part in range(parts):
                found.changes.update(read_changes(place.changes(part)))
        return found


def _run(place: Folder, step: str, say: Say) -> None:
    """Run one process to its end, and end it with us."""
    command = [sys.executable, "-P", "-m", "registry.publishing.rehearsal", str(place.path), step]
    with _ended(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) as process:  # noqa: S603  our own program
        stream: IO[str] | None = process.stdout
        for line in stream or ():
            say(line.strip())
        code = process.wait()
    if code:
        logger.error("a rehearsal's step %s ended with code %s", step, code)
        raise ServiceUnavailable(
            "The rehearsal on a copy of the data ended early, so nothing was changed; the log says more"
        )


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _silent(_text: str) -> None:
    pass
