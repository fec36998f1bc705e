"""Loads examined devices in bulk: a device is there once, and each step takes whole devices or none.

The bulk loader is for stores that nobody else is using: it neither looks for what was there before nor tells anybody
of a change, so `DeviceWriter` has no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from registry.devices.reading import TRUTH, DeviceReader
from registry.intake.examination import Outcome, digest
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
        dry_run: whether to write nothing.
    """

    def __init__(self, store: GraphStore, profile: Profile, counts: Counts, *, dry_run: bool) -> None:
        self._store = store
        self._profile = profile
        self._dry_run = dry_run
        self._reader = DeviceReader(store, profile)
        self._waiting: dict[str, bytes] = {}
        self._quads: list[bytes] = []
        self._counts = counts
        self._writer = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None
        self._being_written: dict[str, bytes] = {}

    def take(self, outcomes: Sequence[Outcome]) -> list[Mapping[str, Any]]:
        """Take the good ones and return the issues of each; empty for one that was taken or is there already."""
        known = self._known([outcome.iri for outcome in outcomes if outcome.iri])
        issues = [outcome.issues or self._place(outcome, known) for outcome in outcomes]
        self._counts.rejected += sum(map(bool, issues))
        if len(self._quads) >= STEP:
            self.flush()
        return issues

    def flush(self) -> None:
        """Begin to write what was taken, in one atomic step, while the next is examined.

        Raises:
            StoreError: what was begun before can't be written; then nothing of that is.
        """
        self.settle()
        if self._dry_run or not self._quads:
            return
        self._being_written, self._waiting = self._waiting, {}
        self._under_way = self._writer.submit(self._write, self._quads)
        self._quads = []

    def finish(self) -> None:
        """Write all that was taken; return when it is written.

        Raises:
            StoreError: as flush.
        """
        self.flush()
        self.settle()
        self._writer.shutdown()
        if self._counts.written >= STEP:
            self._store.compact()

    def _write(self, quads: Sequence[bytes]) -> None:
        self._store.load_nquads(b"".join(quads))
        self._counts.written += len(quads)

    def settle(self) -> None:
        """Wait until what was begun is written.

        Raises:
            StoreError: it can't be written; then nothing of it is.
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
            if not self._dry_run:
                self._quads.append(outcome.quads)
            self._counts.accepted += 1
        elif before == outcome.digest:
            self._counts.unchanged += 1
        else:
            taken = outcome.iri.removeprefix("urn:uuid:")
            return {self._profile.identity.name: f"value '{taken}' is not unique"}
        return {}
