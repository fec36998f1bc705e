"""Examines batches in order, many at a time in processes of their own when there are many.

A process reads the profile once and then judges whole batches, which costs far more than sending them. How many are
under way is bounded, so memory stays flat however long the file.
"""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from registry.intake.examination import Examiner, Outcome
from registry.intake.records import Batch
from registry.profile import Profile, load_profile

Examined: TypeAlias = tuple[Batch, list[Outcome]]
_UnderWay: TypeAlias = deque[tuple[Batch, Future[list[Outcome]]]]

FEW = 500
"""Records that are examined in this process: starting others takes longer."""


def examined(
    batches: Iterator[Batch], profile: Profile, model: Path, processes: int
) -> Generator[tuple[Batch, list[Outcome]], None, None]:
    """Yield each batch with its outcomes, in the order of `batches`.

    Args:
        batches: read as they are needed.
        profile: the profile in force.
        model: the folder of its files.
        processes: how many to use.
    """
    first: list[Batch] = []
    count = 0
    while count < FEW and (batch := next(batches, None)) is not None:
        first.append(batch)
        count += len(batch.records)
    if count < FEW:
        examiner = Examiner(profile)
        yield from ((batch, examiner.examine(batch)) for batch in first)
    else:
        yield from _in_processes(chain(first, batches), model, processes)


def available_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(batches: Iterator[Batch], model: Path, processes: int) -> Iterator[Examined]:
    under_way: _UnderWay = deque()
    executor = ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), initializer=_start, initargs=(model,)
    )
    try:
        for batch in batches:
            under_way.append((batch, _submitted(executor, batch)))
            if len(under_way) > 2 * processes:
                yield _oldest(under_way)
        while under_way:
            yield _oldest(under_way)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _oldest(under_way: _UnderWay) -> Examined:
    batch, future = under_way.popleft()
    return batch, future.result()


def _submitted(executor: ProcessPoolExecutor, batch: Batch) -> Future[list[Outcome]]:
    """Submit `batch`; a process that is started for it never hears of Ctrl-C, which is the parent's to answer."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return executor.submit(_examine, batch)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


class _Worker:
    """The one examiner of a process."""

    examiner: Examiner


def _start(model: Path) -> None:
    """Prepare a process: read the profile, and end with the parent even if that is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=[parent.sentinel], daemon=True).start()
    _Worker.examiner = Examiner(load_profile(model))
    # The many small objects of a batch die with it; looking among them for cycles took a quarter of the time.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def _end_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


def _examine(batch: Batch) -> list[Outcome]:
    return _Worker.examiner.examine(batch)
