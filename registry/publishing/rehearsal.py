"""What a candidate would do to the data, found on a copy of the store: `python -m registry.publishing.rehearsal`.

A process of its own, because that takes a minute for 100,000 devices and must not slow anybody's request, and because
the text of a migration comes from outside. It reaches no network. It can be killed at any moment: it only writes to its
own folder, from which `registry.publishing.rehearsing` reads the outcome.

`survey` migrates, judges by the shapes that changed, and lists the devices to look at; `rewrite`, once for each part
and so on all processors, says what changes for these.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.devices.validation import Validator
from registry.errors import BadRequest
from registry.journal.entry import What
from registry.profile import Profile, load_profile
from registry.publishing.impact import Impact, Tally, impact_of
from registry.publishing.migrations import migrate
from registry.publishing.processes import confine, tell
from registry.publishing.rewriting import Change, Rewriting, Rewritten, Told
from sparql.embedded import EmbeddedStore
from sparql.terms import DATE_TIME, Iri, Literal
from sparql.updates import quad_data

BLOCK = 250
_SHARE = 2_000
"""Devices that one process looks at sooner than several."""
_SAY_EVERY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to rehearse.

    Attributes:
        old: the folder of the model in force.
        new: that of the candidate.
        migrations: the candidate's, by file name.
        now: the time of the change, as xsd:dateTime.
        most_parts: how many processes may say what changes.
        devices: those to look at, each of which is then judged by every shape; None for what the models tell.
    """

    old: str
    new: str
    migrations: Mapping[str, str]
    now: str
    most_parts: int
    devices: Sequence[str] | None = None


class Folder:
    """The files between the publisher and its rehearsals, below `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.task, self.original = path / "task.json", path / "original"
        self.survey, self.devices = path / "survey.json", path / "devices"

    def copy(self, part: int, migrated: bool) -> Path:
        """Return the folder of a part's copy of the store."""
        return self.path / f"{'migrated' if migrated else 'original'}-{part}"

    def changes(self, part: int) -> Path:
        """Return the file of a part's changes, a device a line, with tabs: as `read_changes` reads it."""
        return self.path / f"changes-{part}"

    def impact(self, part: int) -> Path:
        """Return the file of what a part found broken."""
        return self.path / f"impact-{part}.json"

    def read_task(self) -> Task:
        """Return the task."""
        return Task(**json.loads(self.task.read_text(encoding="utf-8")))


def survey(folder: Folder) -> None:
    """Migrate, judge, list the devices to look at, and copy the store for each part."""
    task = folder.read_task()
    old, new = load_profile(Path(task.old)), load_profile(Path(task.new))
    store = EmbeddedStore(folder.original)
    migrated = store
    if task.migrations:
        store.checkpoint(folder.path / "migrated")
        migrated = EmbeddedStore(folder.path / "migrated")
        tell("migrating")
        migrate(migrated, task.migrations)
    if task.devices is None:
        tell("judging")
        impact = impact_of(migrated, old, new)
        devices: Sequence[str] = Rewriting(store, migrated, old, new, _now(task)).affected()
    else:
        impact, devices = Impact(0), task.devices
    folder.devices.write_text("".join(f"{each}\n" for each in devices), encoding="utf-8")
    parts = min(task.most_parts, math.ceil(len(devices) / _SHARE))
    for part in range(parts):
        store.checkpoint(folder.copy(part, migrated=False))
        if migrated is not store:
            migrated.checkpoint(folder.copy(part, migrated=True))
    outcome = {"impact": impact.document(with_ids=True), "parts": parts}
    folder.survey.write_text(json.dumps(outcome), encoding="utf-8")


def rewrite(folder: Folder, part: int) -> None:
    """Write what changes for every n-th device of the list, and what is wrong with those that were to be judged."""
    task = folder.read_task()
    old, new = load_profile(Path(task.old)), load_profile(Path(task.new))
    store = EmbeddedStore(folder.copy(part, migrated=False))
    migrated = EmbeddedStore(folder.copy(part, migrated=True)) if task.migrations else store
    rewriting = Rewriting(store, migrated, old, new, _now(task))
    judge, shown = Judge(new, every=task.devices is not None), time.monotonic()
    parts = json.loads(folder.survey.read_text(encoding="utf-8"))["parts"]
    devices = [Iri(line) for line in folder.devices.read_text(encoding="utf-8").split()][part::parts]
    with folder.changes(part).open("w", encoding="utf-8") as stream:
        for start in range(0, len(devices), BLOCK):
            changes = rewriting.changes(devices[start : start + BLOCK])
            judge.judge(changes)
            stream.writelines(
                _line(device, change) for device, change in changes.items() if change.quads or change.told
            )
            if time.monotonic() - shown > _SAY_EVERY:
                shown = time.monotonic()
                tell(f"rewriting {min(start + BLOCK, len(devices))} {len(devices)}")
    folder.impact(part).write_text(json.dumps(judge.impact().document(with_ids=True)), encoding="utf-8")


class Judge:
    """Judges devices whose statements are other than before.

    Args:
        profile: the candidate.
        every: whether to judge those, too, that no migration has changed.
    """

    def __init__(self, profile: Profile, *, every: bool) -> None:
        self._profile = profile
        self._every = every
        self._validator = Validator(profile)
        self._tally = Tally()

    def judge(self, changes: Mapping[Iri, Change]) -> None:
        """Count what is wrong with devices."""
        asked = {device: each.triples for device, each in changes.items() if each.migrated or self._every}
        for device, violations in self._validator.validate({d: t for d, t in asked.items() if t}).items():
            self._tally.add_violations(self._profile, violations, 1, [device])
        for device, change in changes.items():
            if not change.readable:
                self._tally.add((None, "Unreadable", "A field can't be read from what is there."), 1, [device])
        for device in (device for device, triples in asked.items() if not triples):
            self._tally.add((None, "Removed", "A migration changes devices; it does not remove them."), 1, [device])

    def impact(self) -> Impact:
        """Return what was found."""
        return Impact(0, self._tally.broken())


def _now(task: Task) -> Literal:
    return Literal(task.now, DATE_TIME)


def _line(device: Iri, change: Change) -> str:
    told = "" if change.told is None else json.dumps(change.told, ensure_ascii=False)
    return f"{device}\t{quad_data(change.quads.removed)}\t{quad_data(change.quads.added)}\t{told}\n"


def read_changes(path: Path) -> Iterator[tuple[str, Rewritten]]:
    """Yield the devices and their changes of a file that `rewrite` wrote."""
    with path.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            device, removed, added, told = line.removesuffix("\n").split("\t")
            yield device, Rewritten(removed, added, _told(told) if told else None)


def _told(text: str) -> Told:
    before, after, seen = json.loads(text)
    return Told(before, after, tuple((Iri(view), What(what)) for view, what in seen))


def main() -> None:
    """Do what the arguments say: a folder, then `survey`, or the number of a part."""
    folder, step = Folder(Path(sys.argv[1])), sys.argv[2]
    confine()
    try:
        if step == "survey":
            survey(folder)
        else:
            rewrite(folder, int(step))
    except BadRequest as error:
        folder.survey.write_text(json.dumps({"error": error.message}), encoding="utf-8")


if __name__ == "__main__":
    main()
