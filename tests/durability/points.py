"""Points at which a registry kills itself as by kill -9: before or after one step of its way to the disk.

A point is armed in a process that is about to start a registry; it strikes at the step's n-th time. Where a step is
a statement of SQL, the journal's connection is watched, else a function of ours.
"""

from __future__ import annotations

import functools
import os
import signal
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from registry.devices.writing import DeviceWriter
from registry.journal import Journal, database, replay
from registry.journal import journal as journal_module
from registry.publishing import founding
from registry.publishing.library import ModelLibrary
from sparql.embedded import EmbeddedStore
from sparql.embedded import store as store_module
from sparql.graph_store import StoreError


class Scene(StrEnum):
    """What is going on when a point strikes, and so what was done to the data folder before."""

    WRITING = "writing"
    PUBLISHING = "publishing"
    FAILING = "failing"
    IMPORTING = "importing"
    FIRST_START = "first start"
    BEHIND = "store behind"
    PUBLISH_MISSING = "store without a publish"
    STORE_LOST = "store lost"
    NO_JOURNAL = "store without a journal"


@dataclass(frozen=True, slots=True)
class Point:
    """One point.

    Attributes:
        scene: what is going on.
        when: `before` or `after`.
        step: a key of STEPS, or what a statement of SQL begins with.
        most: the highest n that makes sense.
        least: the lowest one.
    """

    scene: Scene
    when: str
    step: str
    most: int = 1
    least: int = 1

    def __str__(self) -> str:
        return f"{self.scene}: {self.when} {self.step}"


STEPS: Mapping[str, tuple[Any, str]] = {
    "store.apply": (EmbeddedStore, "apply"),
    "store.load_nquads": (EmbeddedStore, "load_nquads"),
    "store.update": (EmbeddedStore, "update"),
    "store.flush": (EmbeddedStore, "flush"),
    "store.compact": (EmbeddedStore, "compact"),
    "flush at times": (EmbeddedStore, "_flush_at_times"),
    "journal.append": (Journal, "append"),
    "journal.retract": (Journal, "retract"),
    "journal.settle": (Journal, "settle"),
    "journal.put_model": (Journal, "put_model"),
    "library.add": (ModelLibrary, "add"),
    "writer.adopt": (DeviceWriter, "adopt"),
    "apply entries": (replay, "_apply_entries"),
    "apply pending": (replay, "_apply_pending"),
    "load": (replay, "_load"),
    "put in force": (founding, "_put_in_force"),
}


def _both(scene: Scene, *steps: str, most: int = 1, least: int = 1) -> list[Point]:
    return [Point(scene, when, step, most, least) for step in steps for when in ("before", "after")]


POINTS: tuple[Point, ...] = (
    *_both(Scene.WRITING, "BEGIN", "INSERT INTO entry", "INSERT INTO seen", "COMMIT", most=20),
    *_both(Scene.WRITING, "store.apply", "flush at times", most=20),
    *_both(Scene.FAILING, "journal.retract", "DELETE FROM entry", most=3),
    *_both(
        Scene.PUBLISHING, "library.add", "journal.put_model", "INSERT INTO pending", "store.update", "journal.settle"
    ),
    *_both(Scene.PUBLISHING, "writer.adopt", least=2, most=2),  # the first time is the start
    *_both(Scene.IMPORTING, "INSERT INTO entry", "COMMIT", "store.load_nquads", most=3),
    *_both(
        Scene.FIRST_START, "library.add", "journal.put_model", "INSERT INTO entry", "journal.append", "put in force"
    ),
    *_both(Scene.BEHIND, "apply entries", "store.flush"),
    *_both(Scene.BEHIND, "store.apply", most=3),
    *_both(Scene.PUBLISH_MISSING, "apply pending", "journal.settle"),
    *_both(Scene.STORE_LOST, "put in force", "store.compact"),
    *_both(Scene.STORE_LOST, "load", most=2),
    *_both(Scene.NO_JOURNAL, "store.apply", "store.flush", most=2),
    *_both(Scene.NO_JOURNAL, "journal.put_model", "INSERT INTO entry", "COMMIT", most=2),
)


def matters_to_a_disk(point: Point) -> bool:
    """Tell whether a cut of the power at a point leaves anything else than one at the point before it."""
    return point.when == "after" and (not point.step.startswith(("BEGIN", "INSERT")) or point.step.endswith("pending"))


def arm(point: Point, n: int) -> None:
    """Have this process die at the n-th time of a point."""
    if point.scene is Scene.FAILING:
        _fail_now_and_then()
    if point.scene in {Scene.BEHIND, Scene.STORE_LOST}:
        replay.STEP = replay.LOAD = 4
    store_module.FLUSH_EVERY = 20
    if point.step in STEPS:
        owner, name = STEPS[point.step]
        setattr(owner, name, deadly(getattr(owner, name), point.when, n))
    else:
        _watch_statements(point, n)


def deadly(work: Callable[..., Any], when: str, n: int = 1) -> Callable[..., Any]:
    """Return the work as it kills this process before or after its n-th time."""
    calls = [0]

    @functools.wraps(work)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == n and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        outcome = work(*arguments, **options)
        if calls[0] == n and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome

    return wrapped


class WatchedConnection:
    """A connection that kills this process before or after the n-th statement that begins in some way."""

    def __init__(self, connection: sqlite3.Connection, point: Point, n: int) -> None:
        self._connection = connection
        self._beginning = point.step
        self._deadly = deadly(connection.execute, point.when, n)

    def execute(self, text: str, *parameters: Any) -> sqlite3.Cursor:
        execute = self._deadly if text.startswith(self._beginning) else self._connection.execute
        found: sqlite3.Cursor = execute(text, *parameters)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _watch_statements(point: Point, n: int) -> None:
    connect = database.connect
    setattr(journal_module, "connect", lambda path: WatchedConnection(connect(path), point, n))  # noqa: B010


def _fail_now_and_then() -> None:
    """Have each fifth change of the store fail, so that the journal takes it back."""
    apply, calls = EmbeddedStore.apply, [0]

    def failing(self: EmbeddedStore, change: Any) -> None:
        calls[0] += 1
        if calls[0] % 5 == 0:
            raise StoreError("the store can't be written: as a test will have it")
        apply(self, change)

    EmbeddedStore.apply = failing  # type: ignore[method-assign]
