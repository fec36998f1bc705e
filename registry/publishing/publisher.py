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
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.access import DEVICES
from registry.clock import Clock
from registry.devices.enumeration import triples_in
from registry.devices.reading import DeviceReader
from registry.devices.writing import DeviceWriter, Watch
from registry.errors import Conflict
from registry.in_force import Edition, InForce
from registry.intake.workers import available_processors
from registry.model_graphs import model_change
from registry.profile import Profile, load_profile
from registry.publishing.admission import Admission, Candidate, compiled
from registry.publishing.admitting import admitted
from registry.publishing.impact import Impact, joined
from registry.publishing.library import ModelLibrary, Published
from registry.publishing.marker import marker_change, read_marker
from registry.publishing.migrations import migrate
from registry.publishing.model_files import ModelFiles
from registry.publishing.outcome import Outcome, outcome_of, require_conforming
from registry.publishing.processes import Say
from registry.publishing.rehearsal import Judge, Task
from registry.publishing.rehearsing import Rehearsed, rehearse
from registry.publishing.rewriting import Rewriting
from registry.publishing.versions import version_of
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import DATE_TIME, Iri, Literal, Quad
from sparql.updates import data_update, quad_data

_FEW = 20
"""Devices that may be looked at while changes pause."""
_MOST_ROUNDS = 5

logger = logging.getLogger(__name__)


class Publisher:
    """Publishes models, one at a time.

    Args:
        store: the store.
        library: keeps what is published.
        in_force: the reference that requests take.
        writer: pauses while the store changes.
        clock: gives the time of a change.
        folder: where copies of the store go, on its file system.
    """

    def __init__(  # noqa: PLR0913, PLR0917  all that a publish touches
        self,
        store: EmbeddedStore,
        library: ModelLibrary,
        in_force: InForce,
        writer: DeviceWriter,
        clock: Clock,
        folder: Path,
    ) -> None:
        self.library = library
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
        dry_run: bool = False,
        shipped: bool = False,
        current: Callable[[Edition], None] = lambda _: None,
        say: Say = logger.info,
    ) -> Outcome:
        """Put a model in force, or find out what that would do.

        Args:
            files: the candidate; one that was published before comes into force again.
            by: who does it.
            dry_run: whether to change nothing.
            shipped: whether it comes with the software.
            current: raises when the model in force is not the one that the caller knows.
            say: shows progress.

        Raises:
            Conflict: another publish is under way.
            ModelRefused: it is not sound, its version is taken, or devices would no longer conform.
            BadRequest: a migration can't be run.
        """
        with self._alone(), TemporaryDirectory(prefix="candidate-", dir=self._folder) as name:
            edition = self._in_force.edition
            current(edition)
            if files.digest == edition.name:
                same = Admission(version=version_of(edition.profile))
                return outcome_of(files, same, Rehearsed(Impact(0)), published=not dry_run)
            files.write(Path(name))
            admission = self._admitted(files, edition, Path(name), shipped, say)
            record = Published(
                name=files.digest, version=admission.version, time=self._clock.moment(), by=by, shipped=shipped
            )
            with self._writer.watched() as watch:
                step = _Step(self._store, edition, self.library, files, record.time, Path(name))
                found = step.rehearsed(self._folder, watch, say)
                require_conforming(found.impact)
                if not dry_run:
                    self._commit(step, found, watch, record, say)
            return outcome_of(files, admission, found, published=not dry_run)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._publishing.acquire(blocking=False):
            raise Conflict("Another model is being published; try again when that has ended")
        try:
            yield
        finally:
            self._publishing.release()

    def _admitted(self, files: ModelFiles, edition: Edition, folder: Path, shipped: bool, say: Say) -> Admission:
        """Judge a candidate; what comes with the software was judged when that was built."""
        if shipped:
            return Admission(version=version_of(compiled(folder)))
        candidate = Candidate(
            name=files.digest,
            folder=str(folder),
            library=str(self.library.folder),
            in_force=edition.name,
            published=[each.name for each in self.published()],
        )
        return admitted(candidate, self._folder, say)

    def _commit(self, step: _Step, found: Rehearsed, watch: Watch, record: Published, say: Say) -> None:
        """Put everything into the store in one transaction, and the model in force with it."""
        self.library.add(step.files, record)
        profile, reader = step.profile, DeviceReader(self._store, step.profile)
        edition = Edition(name=record.name, profile=profile, reader=reader, since=record.time)
        model = model_change(self._store, profile)
        say(f"putting {record.version} in force: {len(found.changes)} devices have other triples")
        with self._writer.paused():
            step.look_again(found, watch.take())
            require_conforming(found.impact)
            marker = marker_change(self._store, record.name, record.time)
            changes = [*found.changes.values(), _written(model), _written(marker)]
            text = data_update(*(" ".join(filter(None, each)) for each in zip(*changes, strict=True)))
            with self._in_force.replacing(edition):
                self._store.update(text)
            self._writer.adopt(profile, reader)


class _Step:
    """From one edition to a candidate."""

    def __init__(  # noqa: PLR0913, PLR0917  both ends, and where they lie
        self,
        store: EmbeddedStore,
        edition: Edition,
        library: ModelLibrary,
        files: ModelFiles,
        now: datetime,
        folder: Path,
    ) -> None:
        self.files = files
        self._store = store
        self._old = edition.profile
        self._now = Literal(now.isoformat().replace("+00:00", "Z"), DATE_TIME)
        self._folder = folder
        self._task = Task(
            old=str(library.folder_of(edition.name)),
            new=str(folder),
            migrations=files.migrations,
            now=self._now.lexical,
            most_parts=available_processors(),
        )

    @cached_property
    def profile(self) -> Profile:
        """The candidate, compiled in this process: only once all of it was done in others, and so in bounded time."""
        return load_profile(self._folder)

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
        texts = {str(device): _written(each.quads) for device, each in changes.items() if each.quads}
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
