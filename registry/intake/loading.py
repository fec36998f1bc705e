"""Loads examined devices in bulk: a device is there once, and each step takes whole devices or none.

The bulk loader is for stores that nobody else is using: it does not look for what was there before, so `DeviceWriter`
has no part in it. The journal has each device before the store has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from registry.devices.documents import id_of
from registry.devices.reading import TRUTH, DeviceReader
from registry.intake.examination import Outcome, digest
from registry.journal import Entry, Kind, Recorder
from registry.journal.entry import OPERATOR
from registry.profile import Profile
from sparql.graph_store import GraphStore
from sparql.terms import Iri

STEP = 2500
"""Devices that are loaded in one atomic step, at least, but for the last."""


@dataclass(slots=True)
class Counts:
    """What became of the documents so far; those written are among the accepted ones."""

    accepted: int = 0
    unchanged: int = 0
    rejected: int = 0
    written: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.accepted + self.unchanged + self.rejected


class Loader:
    """Puts devices into a store.

    Args:
        store: where to.
        profile: the profile in force.
        counts: where to count.
        recorder: writes to the journal and to the store; None to write nothing.
        model: the digest of the model in force.
    """

    def __init__(
        self, store: GraphStore, profile: Profile, counts: Counts, recorder: Recorder | None, model: str = ""
    ) -> None:
        self._store = store
        self._profile = profile
        self._recorder = recorder
        self._model = model
        self._reader = DeviceReader(store, profile)
        self._waiting: dict[str, bytes] = {}
        self._taken: list[Outcome] = []
        self._counts = counts
        self._writer = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None
        self._being_written: dict[str, bytes] = {}

    def take(self, outcomes: Sequence[Outcome]) -> list[Mapping[str, Any]]:
        """Take the good ones and return the issues of each; empty for one that was taken or is there already."""
        known = self._known([outcome.iri for outcome in outcomes if outcome.iri])
        issues = [outcome.issues or self._place(outcome, known) for outcome in outcomes]
        self._counts.rejected += sum(map(bool, issues))
        if len(self._taken) >= STEP:
            self.flush()
        return issues

    def flush(self) -> None:
        """Begin to write what was taken, in one atomic step, while the next is examined.

        Raises:
            InsufficientStorage, ServiceUnavailable: what was begun before can't be written; then nothing of that is.
        """
        self.settle()
        if self._recorder is None or not self._taken:
            return
        self._being_written, self._waiting = self._waiting, {}
        self._under_way = self._writer.submit(self._write, self._recorder, self._taken)
        self._taken = []

    def finish(self) -> None:
        """Write all that was taken; return when it is written.

        Raises:
            InsufficientStorage, ServiceUnavailable: as flush.
        """
        self.flush()
        self.settle()
        self._writer.shutdown()
        if self._counts.written >= STEP:
            self._store.compact()
        if self._recorder is not None:
            self._store.flush()

    def _write(self, recorder: Recorder, outcomes: Sequence[Outcome]) -> None:
        entries = [
            Entry(
                kind=Kind.IMPORT,
                time=each.time,
                author=OPERATOR,
                model=self._model,
                device=id_of(Iri(each.iri)),
                after=each.state,
                seen=each.seen,
            )
            for each in outcomes
        ]
        recorder.load(entries, b"".join(each.quads for each in outcomes))
        self._counts.written += len(outcomes)

    def settle(self) -> None:
        """Wait until what was begun is written.

        Raises:
            InsufficientStorage, ServiceUnavailable: it can't be written; then nothing of it is.
        """
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None
            self._being_written = {}

    def _known(self, iris: Sequence[str]) -> dict[str, bytes]:
        """Return device -> digest, of those of `iris` that the store has or that wait to be written."""
        ours = self._waiting.keys() | self._being_written.keys()
        asked = list(dict.fromkeys(Iri(iri) for iri in iris if iri not in ours))
        there = self._reader.read(TRUTH, asked)
        return {str(device.iri): digest(self._profile, device.document) for device in there}

    def _place(self, outcome: Outcome, known: Mapping[str, bytes]) -> Mapping[str, Any]:
        before = self._waiting.get(outcome.iri) or self._being_written.get(outcome.iri) or known.get(outcome.iri)
        if before is None:
            self._waiting[outcome.iri] = outcome.digest
            if self._recorder is not None:
                self._taken.append(outcome)
            self._counts.accepted += 1
        elif before == outcome.digest:
            self._counts.unchanged += 1
        else:
            taken = outcome.iri.removeprefix("urn:uuid:")
            return {self._profile.identity.name: f"value '{taken}' is not unique"}
        return {}
