"""The publisher's side of a rehearsal: starts its processes on a copy of the store, and reads what they found."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.errors import BadRequest, ServiceUnavailable
from registry.publishing.impact import Impact, impact_from, joined
from registry.publishing.processes import EndedEarly, Say, run
from registry.publishing.rehearsal import Folder, Task, read_changes
from registry.publishing.rewriting import Rewritten
from sparql.embedded import EmbeddedStore


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
    try:
        run("registry.publishing.rehearsal", str(place.path), step, say=say)
    except EndedEarly:
        raise ServiceUnavailable(
            "The rehearsal on a copy of the data ended early, so nothing was changed; the log says more"
        ) from None


def _silent(_text: str) -> None:
    pass
