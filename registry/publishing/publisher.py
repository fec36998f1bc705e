"""From a candidate to the model in force.

The candidate is checked, compared with the model in force, and rehearsed on a copy of the data; devices that are
changed meanwhile are looked at again. Only then do changes pause, for as long as one transaction takes, which puts the
model's graphs, what it changes of devices, and the marker of the model in force into the store together. So a process
that is killed anywhere leaves the old model or the new one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from registry.access import DEVICES
from registry.clock import Clock
from registry.devices.enumeration import triples_in
from registry.devices.reading import DeviceReader
from registry.devices.watch import Watch
from registry.devices.writing import DeviceWriter
from registry.errors import Conflict, ModelRefused
from registry.in_force import Edition, InForce
from registry.intake.workers import available_processors
from registry.journal import Author, Recorder
from registry.journal.entry import OPERATOR
from registry.model_diff import ModelDiff
from registry.model_diff.reports import to_document
from registry.model_graphs import model_change
from registry.profile import Profile
from registry.publishing.admission import compared, compiled
from registry.publishing.impact import Impact, joined
from registry.publishing.journaling import publish_entries
from registry.publishing.library import ModelLibrary, Published
from registry.publishing.marker import marker_change, read_marker
from registry.publishing.migrations import migrate
from registry.publishing.model_files import ModelFiles
from registry.publishing.rehearsal import Judge, Task
from registry.publishing.rehearsing import Rehearsed, Say, rehearse
from registry.publishing.rewriting import Rewriting, Rewritten
from registry.publishing.versions import version_of
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import DATE_TIME, Iri, Literal, Quad
from sparql.updates import data_update, quad_data

_FEW = 20
"""Devices that may be looked at while changes pause."""
_MOST_ROUNDS = 5

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a candidate.

    Attributes:
        name: the digest of its files.
        version: what it states.
        published: whether it is in force now; not after a dry run.
        diff: what changes; None where nobody asked.
        impact: what it did, or would do, to the devices.
        rewritten: how many devices have other triples for it.
    """

    name: str
    version: str
    published: bool
    diff: ModelDiff | None
    impact: Impact
    rewritten: int

    def document(self, *, with_ids: bool) -> dict[str, Any]:
        """Return it as JSON; the ids of devices only for who may see every one."""
        return {
            "model": self.name,
            "version": self.version,
            "published": self.published,
            "rewritten": self.rewritten,
            "impact": self.impact.document(with_ids=with_ids),
            **({"diff": to_document(self.diff)} if self.diff else {}),
        }


class Publisher:
    """Publishes models, one at a time.

    Args:
        store: the store.
        library: keeps what is published.
        in_force: the reference that requests take.
        writer: pauses while the store changes.
        recorder: writes to the journal and to the store.
        clock: gives the time of a change.
        folder: where copies of the store go, on its file system.
    """

    def __init__(  # noqa: PLR0913, PLR0917  all that a publish touches
        self,
        store: EmbeddedStore,
        library: ModelLibrary,
        in_force: InForce,
        writer: DeviceWriter,
        recorder: Recorder,
        clock: Clock,
        folder: Path,
    ) -> None:
        self.library = library
        self._recorder = recorder
        self._store = store
        self._in_force = in_force
        self._writer = writer
        self._clock = clock
        self._folder = folder
        self._publishing = threading.Lock()

    def published(self) -> list[Published]:
        """Return all models that ever were in force, the one that was published last first."""
        marker = read_marker(self._store)
        return self.library.records(marker.published) if marker else []

    def publish(  # noqa: PLR0913  what is published, and how
        self,
        files: ModelFiles,
        by: str,
        *,
        author: Author = OPERATOR,
        dry_run: bool = False,
        shipped: bool = False,
        current: Callable[[Edition], None] = lambda _: None,
        say: Say = logger.info,
    ) -> Outcome:
        """Put a model in force, or find out what that would do.

        Args:
            files: the candidate; one that was published before comes into force again.
            by: who does it, in a word.
            author: who does it, for the journal.
            dry_run: whether to change nothing.
            shipped: whether it comes with the software.
            current: raises when the model in force is not the one that the caller knows.
            say: shows progress.

        Raises:
            Conflict: another publish is under way.
            ModelRefused: it can't be compiled, its version is taken, or devices would no longer conform.
            BadRequest: a migration can't be run.
        """
        with self.alone(), TemporaryDirectory(prefix="candidate-", dir=self._folder) as name:
            edition = self._in_force.edition
            current(edition)
            files.write(Path(name))
            profile = compiled(files, Path(name))
            if files.digest == edition.name:
                return _outcome(files, profile, None, Rehearsed(Impact(0)), published=not dry_run)
            diff = None if shipped else compared(edition.profile, profile, files.digest, self.published())
            record = Published(
                name=files.digest, version=version_of(profile), time=self._clock.moment(), by=by, shipped=shipped
            )
            with self._writer.watched() as watch:
                step = _Step(self._store, edition, self.library, files, profile, record.time, Path(name))
                found = step.rehearsed(self._folder, watch, say)
                _require_conforming(found.impact)
                if not dry_run:
                    self._commit(step, found, watch, record, author, say)
            return _outcome(files, profile, diff, found, published=not dry_run)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody publish for as long as this lasts.

        Raises:
            Conflict: somebody is publishing, or wants to be alone as well.
        """
        if not self._publishing.acquire(blocking=False):
            raise Conflict("Another model is being published, or an account erased; try again when that has ended")
        try:
            yield
        finally:
            self._publishing.release()

    def _commit(  # noqa: PLR0913, PLR0917  all that goes into the one transaction
        self, step: _Step, found: Rehearsed, watch: Watch, record: Published, author: Author, say: Say
    ) -> None:
        """Put everything into the journal and into the store in one transaction each, the model in force with it."""
        self.library.add(step.files, record)
        self._recorder.journal.put_model(record.name, record.text(), ModelFiles(step.files.model).zipped())
        profile, reader = step.profile, DeviceReader(self._store, step.profile)
        edition = Edition(name=record.name, profile=profile, reader=reader, since=record.time)
        model = model_change(self._store, profile)
        say(f"putting {record.version} in force: {len(found.changes)} devices have other triples")
        with self._writer.paused():
            step.look_again(found, watch.take())
            _require_conforming(found.impact)
            marker = marker_change(self._store, record.name, record.time)
            changes = [*(each[:2] for each in found.changes.values()), _written(model), _written(marker)]
            text = data_update(*(" ".join(filter(None, each)) for each in zip(*changes, strict=True)))
            entries = publish_entries(found.changes, record, author)
            self._recorder.publish(entries, text, self._in_force.replacing(edition))
            self._writer.adopt(edition)


def _outcome(
    files: ModelFiles, profile: Profile, diff: ModelDiff | None, found: Rehearsed, *, published: bool
) -> Outcome:
    return Outcome(
        name=files.digest,
        version=version_of(profile),
        published=published,
        diff=diff,
        impact=found.impact,
        rewritten=len(found.changes),
    )


class _Step:
    """From one edition to a candidate."""

    def __init__(  # noqa: PLR0913, PLR0917  both ends, and where they lie
        self,
        store: EmbeddedStore,
        edition: Edition,
        library: ModelLibrary,
        files: ModelFiles,
        profile: Profile,
        now: datetime,
        folder: Path,
    ) -> None:
        self.files = files
        self._store = store
        self._old = edition.profile
        self.profile = profile
        self._now = Literal(now.isoformat().replace("+00:00", "Z"), DATE_TIME)
        self._task = Task(
            old=str(library.folder_of(edition.name)),
            new=str(folder),
            migrations=files.migrations,
            now=self._now.lexical,
            most_parts=available_processors(),
        )

    def rehearsed(self, folder: Path, watch: Watch, say: Say) -> Rehearsed:
        """Rehearse on copies until few devices are left that were changed meanwhile."""
        found = rehearse(self._store, folder, self._task, say)
        for _ in range(_MOST_ROUNDS):
            touched = watch.take()
            if len(touched) <= _FEW or found.impact.broken:
                watch.note(touched)
                break
            say(f"looking again at {len(touched)} devices that were changed meanwhile")
            self._take(found, touched, rehearse(self._store, folder, self._of(touched), say))
        return found

    def look_again(self, found: Rehearsed, touched: Collection[Iri]) -> None:
        """Look at devices that were changed meanwhile, in this process; nobody changes them now."""
        triples = triples_in(self._store, self._old, DEVICES, touched)
        store, migrated = EmbeddedStore(), EmbeddedStore()
        quads = [Quad(*triple, DEVICES) for each in triples.values() for triple in each]
        store.load(quads)
        if self._task.migrations:
            migrated.load(quads)
            migrate(migrated, self._task.migrations)
        else:
            migrated = store
        changes = Rewriting(store, migrated, self._old, self.profile, self._now).changes(sorted(triples))
        judge = Judge(self.profile, every=True)
        judge.judge(changes)
        texts = {
            str(device): Rewritten(*_written(each.quads), each.told)
            for device, each in changes.items()
            if each.quads or each.told
        }
        self._take(found, touched, Rehearsed(judge.impact(), texts))

    def _of(self, devices: Collection[Iri]) -> Task:
        return replace(self._task, devices=sorted(devices))

    @staticmethod
    def _take(found: Rehearsed, devices: Collection[Iri], newer: Rehearsed) -> None:
        """Put what was found of some devices in the place of what was found of them before."""
        for device in devices:
            found.changes.pop(str(device), None)
        found.changes.update(newer.changes)
        found.impact = joined([found.impact, newer.impact])


def _written(change: ChangeSet) -> tuple[str, str]:
    """Return the quads to delete and those to insert, as a SPARQL Update has them."""
    return quad_data(change.removed), quad_data(change.added)


def _require_conforming(impact: Impact) -> None:
    if impact.broken:
        devices = max(each.devices for each in impact.broken)
        raise DevicesWouldBreak(
            f"At least {devices:,} of {impact.devices:,} devices would no longer conform; a migration can repair them",
            impact,
        )


class DevicesWouldBreak(ModelRefused):
    """Devices would no longer conform.

    Args:
        message: how many.
        impact: which rules they would break.
    """

    def __init__(self, message: str, impact: Impact) -> None:
        super().__init__(message, "devices-would-break", {"impact": impact.document(with_ids=False)})
        self.impact = impact
