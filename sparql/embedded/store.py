"""The embedded graph store: pyoxigraph on a folder or in memory.

Two facts of pyoxigraph 0.5 shape it. Its dataset arguments are a sound boundary only when both are always given
(decision D6). And a result belongs to the thread that asked, so rows are copied out before they are returned.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from sparql.change_log import ChangeLog
from sparql.dataset import DatasetDescription
from sparql.embedded.evaluation import ResultSink, evaluate
from sparql.embedded.gate import Gate
from sparql.embedded.replacement import Replacement, replacing, settle
from sparql.graph_store import ChangeSet, Row, StoreDamaged, StoreError, StoreLocked
from sparql.query_engine import Query, ResultKind
from sparql.terms import Iri, Literal, Quad, to_sparql
from sparql.tsv import read_tsv
from sparql.updates import data_update, quad_data
from sparql.versions import Versions

FLUSH_EVERY = 1_000
"""Changes after which the write-ahead log is brought into tables: some 10 MB, and less than 0.1 s."""

FAILURES = (OSError, RuntimeError)
"""What the engine raises when it can't read or write its files, and when these are damaged."""

logger = logging.getLogger(__name__)


class EmbeddedStore:
    """A GraphStore inside this process.

    Args:
        path: the folder of the store, made when missing; None keeps everything in memory.

    Raises:
        StoreLocked: another process has the folder open.
        StoreDamaged: its files are damaged.
        StoreError: the folder can't be used.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._store: ox.Store = _open(path)
        self._gate = Gate()
        self._versions = Versions()
        self._log = ChangeLog()
        self._writing = threading.Lock()
        self._unflushed = 0

    def select(self, query: str, dataset: DatasetDescription) -> Sequence[Row]:
        """Run a SELECT `query` over `dataset` alone and return all its rows."""
        with self._gate.shared():
            solutions: Any = self._store.query(
                query,
                default_graph=[ox.NamedNode(name) for name in dataset.default],
                named_graphs=[ox.NamedNode(name) for name in dataset.named],
            )
            rows = solutions.serialize(format=ox.QueryResultsFormat.TSV)
            del solutions
        return read_tsv(rows)

    def apply(self, change: ChangeSet) -> None:
        """Apply `change` in one transaction."""
        if not change:
            return
        text = data_update(quad_data(change.removed), quad_data(change.added))
        with self._writing:
            _writing(self._store.update, text)
            self._log.record(text)
            self._versions.record([*change.removed, *change.added])
            self._flush_at_times()

    def update(self, text: str) -> None:
        """Run an update of ours in one transaction; everything counts as changed."""
        with self._writing:
            _writing(self._store.update, text)
            self._log.record(text)
            self._versions.forget()
            self._flush_at_times()

    def replace_graph(self, graph: Iri, ntriples: str) -> None:
        """Put the triples of an N-Triples document in the place of all that `graph` holds, in one transaction."""
        self.update(
            f"CLEAR SILENT GRAPH {to_sparql(graph)} ; INSERT DATA {{ GRAPH {to_sparql(graph)} {{ {ntriples} }} }}"
        )

    def load(self, quads: Iterable[Quad]) -> None:
        """Add `quads` by the bulk loader, which takes all its new files into the store in one atomic step."""
        with self._writing:
            _writing(self._store.bulk_extend, (_quad(quad) for quad in quads))
            self._log.forget()
            self._versions.forget()

    def load_nquads(self, data: bytes) -> None:
        """Add the quads of an N-Quads document by the bulk loader, in one atomic step."""
        with self._writing:
            _writing(self._store.bulk_load, data, ox.RdfFormat.N_QUADS)
            self._log.forget()
            self._versions.forget()

    def flush(self) -> None:
        """Write what is in memory and in the write-ahead log, which is not synced, into tables, which are."""
        with self._writing:
            self._unflushed = 0
            _writing(self._store.flush)

    def compact(self) -> None:
        """Merge the store's files now: else every copy of it, and there are several, does that for itself."""
        with self._writing:
            _writing(self._store.optimize)

    def renew(self) -> None:
        """Make the store's files anew from what it holds, so that nothing that was removed is in any of them.

        The engine keeps every text that it ever had, compacted or not. Others read and write meanwhile; they wait at
        the end, for as long as it takes to close the store and to open it. Copies can't follow over it.

        Raises:
            StoreError: it can't be done; the store stays as it was.
        """
        if self._path is None:
            return
        with replacing(self._path) as replacement:
            copy = replacement.work / "copy"
            sequence = self.checkpoint(copy)
            made = _copied(copy, replacement)
            with self._writing:
                for text in self._log.since(sequence) or self._lost(sequence):
                    _writing(made.update, text)
                _writing(made.flush)
                del made
                with self._gate.alone():
                    self._replace(replacement)

    def _replace(self, replacement: Replacement) -> None:
        self._store.flush()
        del self._store
        try:
            replacement.commit()
        finally:
            self._store = _open(self._path)
            self._unflushed = 0
            self._log.forget()

    def _lost(self, sequence: int) -> Sequence[str]:
        if self._log.sequence == sequence:
            return ()
        raise StoreError("the store can't be made anew: too much of it has changed meanwhile")

    def graphs(self) -> Sequence[Iri]:
        """Return the names of all graphs."""
        with self._gate.shared():
            return [Iri(name.value) for name in self._store.named_graphs() if isinstance(name, ox.NamedNode)]

    def version(self, graph: Iri, predicates: Collection[Iri] | None = None) -> int:
        """Return the number of the last change of `graph`, or of its triples with one of `predicates`."""
        return self._versions.of(graph, predicates)

    def changed_since(self, version: int, graph: Iri, predicates: Collection[Iri]) -> Collection[Iri] | None:
        """Return the subjects whose triples with one of `predicates` in `graph` changed after `version`, if known."""
        return self._versions.subjects_since(version, graph, predicates)

    def checkpoint(self, folder: Path) -> int:
        """Copy the store into the new `folder`, mostly by hard links, and return the number of its last change."""
        with self._writing:
            _writing(self._store.backup, folder)
            return self._log.sequence

    def changes_since(self, sequence: int) -> list[str] | None:
        """Return the changes after `sequence` as update texts; None when a copy must be made anew."""
        with self._writing:
            return self._log.since(sequence)

    def evaluate(self, query: Query, sink: ResultSink) -> ResultKind:
        """Run a query text from outside; as `sparql.embedded.evaluation.evaluate`.

        Only for a process that may die of it: the text can exhaust the stack, the memory, or all patience.
        """
        return evaluate(self._store, query, sink)

    def _flush_at_times(self) -> None:
        """Bring what the write-ahead log holds into tables now and then: left to itself it grows to gigabytes."""
        self._unflushed += 1
        if self._unflushed < FLUSH_EVERY:
            return
        self._unflushed = 0
        try:
            self._store.flush()
        except FAILURES:  # the log still has everything
            logger.exception("the store can't bring its log into tables")

    def close(self) -> None:
        """Write what is in memory to the folder and release it."""
        with self._writing:
            self._store.flush()
            del self._store


def _copied(folder: Path, replacement: Replacement) -> ox.Store:
    """Return a new store with the quads of the one in `folder`, which go from one to the other through a pipe."""
    source, pipe = ox.Store(folder), replacement.work / "pipe"
    failures: list[Exception] = []
    os.mkfifo(pipe)

    def dump() -> None:
        try:
            with pipe.open("wb") as stream:  # not by the path: the engine would sync it, which no pipe can
                source.dump(stream, ox.RdfFormat.N_QUADS)
        except Exception as error:  # noqa: BLE001  told by the thread that waits
            failures.append(error)

    writer = threading.Thread(target=dump, name="renewal", daemon=True)
    writer.start()
    made = ox.Store(replacement.made)
    _writing(made.bulk_load, path=pipe, format=ox.RdfFormat.N_QUADS)
    writer.join()
    if failures:
        raise StoreError(f"the store can't be copied: {failures[0]}")
    _writing(made.optimize)
    return made


def _open(path: Path | None) -> ox.Store:
    if path is None:
        return ox.Store()
    settle(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        return ox.Store(path)
    except FAILURES as error:
        if "lock" in str(error).lower():
            raise StoreLocked(f"the store in {path} is in use by another process") from error
        kind = StoreDamaged if _tells_damage(error) else StoreError
        raise kind(f"the store in {path} can't be opened: {error}") from error


def _writing(write: Callable[..., None], *arguments: Any, **options: Any) -> None:
    try:
        write(*arguments, **options)
    except SyntaxError as error:
        raise StoreError(f"nothing was written, the text can't be read: {error}") from error
    except FAILURES as error:
        if isinstance(error, RuntimeError) and not _tells_damage(error):
            raise  # not the engine's, but of whoever gave what is written
        raise StoreError(f"the store can't be written: {error}") from error


def _tells_damage(error: Exception) -> bool:
    return "corruption" in str(error).lower()


def _quad(quad: Quad) -> ox.Quad:
    value = quad.object
    return ox.Quad(
        ox.NamedNode(quad.subject),
        ox.NamedNode(quad.predicate),
        ox.NamedNode(value) if isinstance(value, Iri) else _literal(value),
        ox.NamedNode(quad.graph),
    )


def _literal(value: Literal) -> ox.Literal:
    if value.language is not None:
        return ox.Literal(value.lexical, language=value.language)
    return ox.Literal(value.lexical, datatype=ox.NamedNode(value.datatype))
