"""From a candidate to the model in force.

The candidate is checked, compared with the model in force, and rehearsed on a copy of the data; devices that are
changed meanwhile are looked at again. Only then do changes pause, for as long as one transaction takes, which puts the
model's graphs, what it changes of devices, and the marker of the model in force into the store together. So a process
that is killed anywhere leaves the old model or the new one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.clock import Clock
from registry.devices.reading import DeviceReader
from registry.devices.watch import Watch
from registry.devices.writing import DeviceWriter
from registry.errors import Conflict
from registry.in_force import Edition, InForce
from registry.journal import Author, Recorder
from registry.journal.entry import OPERATOR
from registry.model_graphs import model_change
from registry.publishing.admission import Admission, Candidate, compiled
from registry.publishing.admitting import admitted
from registry.publishing.impact import Impact
from registry.publishing.journaling import publish_entries
from registry.publishing.library import ModelLibrary, Published
from registry.publishing.marker import marker_change, read_marker
from registry.publishing.model_files import ModelFiles
from registry.publishing.outcome import Outcome, outcome_of, require_conforming
from registry.publishing.processes import Say
from registry.publishing.rehearsing import Rehearsed
from registry.publishing.step import Step, quads_of
from registry.publishing.versions import version_of
from sparql.embedded import EmbeddedStore
from sparql.updates import data_update

logger = logging.getLogger(__name__)


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
            ModelRefused: it is not sound, its version is taken, or devices would no longer conform.
            BadRequest: a migration can't be run.
        """
        with self.alone(), TemporaryDirectory(prefix="candidate-", dir=self._folder) as name:
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
                step = Step(self._store, edition, self.library, files, record.time, Path(name))
                found = step.rehearsed(self._folder, watch, say)
                require_conforming(found.impact)
                if not dry_run:
                    self._commit(step, found, watch, record, author, say)
            return outcome_of(files, admission, found, published=not dry_run)

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

    def _commit(  # noqa: PLR0913, PLR0917  all that goes into the one transaction
        self, step: Step, found: Rehearsed, watch: Watch, record: Published, author: Author, say: Say
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
            require_conforming(found.impact)
            marker = marker_change(self._store, record.name, record.time)
            changes = [*(each[:2] for each in found.changes.values()), quads_of(model), quads_of(marker)]
            text = data_update(*(" ".join(filter(None, each)) for each in zip(*changes, strict=True)))
            entries = publish_entries(found.changes, record, author)
            self._recorder.publish(entries, text, self._in_force.replacing(edition))
            self._writer.adopt(edition)
