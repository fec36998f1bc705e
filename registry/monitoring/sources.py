"""Connects what a registry is made of with its metrics: who tells of what, and who is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from registry.access import DEVICES
from registry.devices.queries.members import anchor
from registry.errors import RegistryError
from registry.journal import Recorder
from registry.monitoring.metrics import Metrics
from registry.monitoring.seldom import Seldom
from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore
from sparql.on_demand import EngineOnDemand
from sparql.terms import Literal

SELDOM = 15.0
"""Seconds for which the size of the store and the number of devices are kept."""
_COUNT = f"SELECT (COUNT(*) AS ?n) WHERE {{ {anchor('?created')}}}"


def watch_journal(metrics: Metrics, recorder: Recorder) -> None:
    """Have the journal tell of its commits, and be asked for its size."""
    journal = recorder.journal
    recorder.observe(_Commits(metrics))
    metrics.ask("journal_entries", "Entries that the journal got since it began.", lambda: journal.last, rising=True)
    metrics.ask("journal_size_bytes", "Bytes of the journal's files.", lambda: _size_of_journal(journal.path))
    metrics.ask("journal_writable", "1 while changes can be recorded, else 0.", lambda: float(recorder.writable))


def watch_store(metrics: Metrics, store: GraphStore, folder: Path) -> None:
    """Have the store be asked for its size in `folder`, and for how many devices it has."""
    size = Seldom(lambda: _size_of_folder(folder), SELDOM)
    devices = Seldom(lambda: _devices(store), SELDOM)
    metrics.ask("store_size_bytes", f"Bytes of the store's files, at most {SELDOM:.0f} seconds ago.", size)
    metrics.ask("devices", f"Devices, of all aggregators, at most {SELDOM:.0f} seconds ago.", devices)


def watch_queries(metrics: Metrics, engine: EngineOnDemand) -> None:
    """Have the query engine be asked for its load."""
    loads = {
        "workers": ("sandbox_workers", "Query workers that run.", False),
        "busy": ("sandbox_workers_busy", "Query workers with a query.", False),
        "waiting": ("sandbox_queries_waiting", "Queries that wait for a worker.", False),
        "replaced": ("sandbox_worker_restarts", "Query workers that were replaced.", True),
    }
    for name, (metric, text, rising) in loads.items():
        metrics.ask(metric, text, lambda name=name: getattr(engine.load(), name), rising=rising)  # type: ignore[misc]


def watch_listeners(metrics: Metrics, number: Callable[[], int]) -> None:
    """Have the streams of events be asked for their number."""
    metrics.ask("event_listeners", "Clients that listen to events now.", number)


class _Commits:
    """What the journal tells its commits to."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def committed(self, entries: int, seconds: float) -> None:
        """Count a batch."""
        self._metrics.committed(entries, seconds, time.time())

    def failed(self, error: Exception) -> None:
        """Count a failure: by the kind that a caller is told of, as InsufficientStorage, else as a defect."""
        self._metrics.commit_failed(type(error).__name__ if isinstance(error, RegistryError) else "Defect")


def _size_of_journal(path: Path) -> float:
    return float(sum(_size(file) for file in (path, path.with_name(f"{path.name}-wal"))))


def _size_of_folder(folder: Path) -> float:
    return float(sum(_size(file) for file in folder.rglob("*")))


def _size(file: Path) -> int:
    """Return a file's size; 0 for one that is gone by now."""
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0


def _devices(store: GraphStore) -> float:
    ((number,),) = store.select(_COUNT, DatasetDescription(default=(DEVICES,)))
    return float(number.lexical) if isinstance(number, Literal) else 0.0
