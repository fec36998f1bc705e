"""From one edition to a candidate: the rehearsals until few devices are left, and the last look at those."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from registry.access import DEVICES
from registry.devices.enumeration import triples_in
from registry.devices.watch import Watch
from registry.in_force import Edition
from registry.intake.workers import available_processors
from registry.profile import Profile, load_profile
from registry.publishing.impact import joined
from registry.publishing.library import ModelLibrary
from registry.publishing.migrations import migrate
from registry.publishing.model_files import ModelFiles
from registry.publishing.processes import Say
from registry.publishing.rehearsal import Judge, Task
from registry.publishing.rehearsing import Rehearsed, rehearse
from registry.publishing.rewriting import Rewriting, Rewritten
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import DATE_TIME, Iri, Literal, Quad
from sparql.updates import quad_data

_FEW = 20
"""Devices that may be looked at while changes pause."""
_MOST_ROUNDS = 5


class Step:
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
        texts = {
            str(device): Rewritten(*quads_of(each.quads), each.told)
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


def quads_of(change: ChangeSet) -> tuple[str, str]:
    """Return the quads to delete and those to insert, as a SPARQL Update has them."""
    return quad_data(change.removed), quad_data(change.added)
