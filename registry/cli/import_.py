"""`der-registry import`: files -> examined documents -> the store, and what was wrong with the others.

Reading, judging and loading are `registry.intake`'s; this is the command around them: signals, progress, reports and
exit codes. It opens the store itself, so the registry must not be running on it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, nullcontext
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from registry.cli import with_settings
from registry.cli.progress import Progress
from registry.cli.storage import model_in_force, opened_recorder, opened_store

if TYPE_CHECKING:
    from registry.intake.records import Batch
    from registry.intake.rejects import RejectsFile
    from registry.journal import Recorder
    from registry.profile import Profile
    from registry.settings import Settings
    from sparql.graph_store import GraphStore

INTERRUPTED = 130


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="Examine everything and write nothing.")
@with_settings
def import_(settings: Settings, files: Sequence[Path], dry_run: bool) -> None:
    """Load devices from files: JSON, NDJSON, CSV or Turtle, told apart by their endings.

    .json holds a list of documents, one document, or a saved answer of the registry; .ndjson and .jsonl one document
    a line; .csv a header of field names; .ttl triples. Good documents are written. Each rejected one is reported as
    file:line: field: reason, and in <file>.rejects.ndjson for repair. A device that is there already and says the
    same is passed over, so that an interrupted import goes on when it is repeated.

    Exit code 0: all were taken. 1: some were rejected. 2: nothing could be done. 130: interrupted.
    """
    from registry.intake.batches import FORMATS  # noqa: PLC0415  --help does without

    for path in files:
        if path.suffix.lower() not in FORMATS:
            raise click.UsageError(f"{path}: the name must end in one of {', '.join(FORMATS)}.")
    with (
        _interruption() as interruption,
        opened_store(settings, create=not dry_run, dry_run=dry_run) as store,
        nullcontext() if dry_run else opened_recorder(store, settings) as recorder,
    ):
        profile, model = model_in_force(store, settings)
        run = _Run(list(dict.fromkeys(files)), profile, Progress(sys.stderr), dry_run=dry_run)
        run.go(store, recorder, model, interruption)
    run.end(interruption)


class _Interruption:
    """Whether somebody wants the run to end."""

    asked = False

    def ask(self, *_: Any) -> None:
        """Ask for the end; who asks twice gets it at once, which leaves whole devices as well."""
        if self.asked:
            os._exit(INTERRUPTED)
        self.asked = True


@contextmanager
def _interruption() -> Iterator[_Interruption]:
    interruption = _Interruption()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, interruption.ask) for number in numbers]
    try:
        yield interruption
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


class _Run:
    """One import, from its first batch to its last word."""

    def __init__(self, files: Sequence[Path], profile: Profile, progress: Progress, *, dry_run: bool) -> None:
        from registry.intake.loading import Counts  # noqa: PLC0415
        from registry.intake.rejects import RejectsFile  # noqa: PLC0415

        self._files = files
        self._profile = profile
        self._counts = Counts()
        self._progress = progress
        self._dry_run = dry_run
        self._rejects: list[RejectsFile] = [] if dry_run else [RejectsFile(path) for path in files]
        self._unwritable: set[int] = set()

    def go(self, store: GraphStore, recorder: Recorder | None, model: Path, interruption: _Interruption) -> None:
        """Take batch by batch until the end or until interrupted."""
        from registry.clock import Clock  # noqa: PLC0415
        from registry.intake.batches import batches  # noqa: PLC0415
        from registry.intake.loading import Loader  # noqa: PLC0415
        from registry.intake.workers import available_processors, examined  # noqa: PLC0415

        clock = Clock(last=recorder.journal.last_time() if recorder else None)
        loader = Loader(store, self._profile, self._counts, recorder, model.name)
        todo = takewhile(lambda _: not interruption.asked, batches(self._files, self._profile, clock))
        work = examined(todo, self._profile, model, available_processors())
        try:
            for batch, outcomes in work:
                self._report(batch, loader.take(outcomes))
                self._progress.show(self._counts.total, "examined")
                if interruption.asked:
                    break
            loader.finish()
        except BrokenExecutor:
            loader.settle()
            raise click.ClickException(
                f"a process that examines documents was killed; {self._counts.written:,} devices were written, "
                "each whole, and the same command goes on from there"
            ) from None
        finally:
            work.close()
            for file in self._rejects:
                file.close(complete=not interruption.asked)

    def end(self, interruption: _Interruption) -> None:
        """Say what became of all, and end the process with the code that says it."""
        counts, seconds = self._counts, self._progress.seconds
        self._progress.clear()
        if interruption.asked:
            self._progress.say(
                f"interrupted: {counts.written:,} devices were written, each whole; the same command goes on from there"
            )
            sys.exit(INTERRUPTED)
        verb = "acceptable" if self._dry_run else "accepted"
        click.echo(
            f"{counts.accepted:,} {verb}, {counts.unchanged:,} unchanged, {counts.rejected:,} rejected "
            f"in {seconds:,.1f} s ({counts.total / seconds:,.0f} devices/s)"
            + ("; nothing was written" if self._dry_run else "")
        )
        for file in self._rejects:
            if file.path.exists():
                self._progress.say(f"the rejected documents are in {file.path}")
        sys.exit(1 if counts.rejected else 0)

    def _report(self, batch: Batch, issues: Sequence[Any]) -> None:
        from registry.intake.rejects import lines_of  # noqa: PLC0415

        for record, found in zip(batch.records, issues, strict=True):
            if found:
                for line in lines_of(self._files[batch.file], record.line, found):
                    self._progress.say(line)
                self._keep(batch, record, found)

    def _keep(self, batch: Batch, record: Any, found: Any) -> None:
        if self._dry_run or batch.file in self._unwritable:
            return
        file = self._rejects[batch.file]
        try:
            file.add(self._profile, batch.form, record, found)
        except OSError as error:
            self._unwritable.add(batch.file)
            self._progress.say(f"{file.path} can't be written: {error.strerror}")
