"""Kills a registry again and again, each time on what the last kill has left, and keeps the ledger of it.

Each registry is forked from this process, which has all imported and never opens a store itself: so a kill costs no
more than a start. A registry begins by verifying all that the ones before it have acknowledged.
"""

from __future__ import annotations

import logging
import os
import random
import select
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from disk import Disk
from ledger import Ledger
from models import compile_once
from points import Point, Scene, arm
from stand import Stand, running_stand
from verdict import verify
from writers import Pipe, load, write, write_and_publish

from registry.journal.position import GRAPH, NODE
from registry.publishing.opening import open_store

Work: TypeAlias = Callable[[Stand, Ledger, Pipe, str], None]
"""What a registry does until it is killed."""

WORK: Mapping[Scene, Work] = {Scene.PUBLISHING: write_and_publish, Scene.IMPORTING: load}
"""What it does in some scenes; in the others it writes."""

MOST_LINES = 60
"""After how many lines a registry is killed, at most: a line for each request, and one for each answer."""
PATIENCE = 120.0
"""Seconds within which a point must strike, on a busy machine too."""


class Campaign:
    """Kills on one data folder.

    Args:
        folder: where the data folder goes.
        seed: of all that is random.
        disk: of which the folder is the root, if with each kill the power is to be cut.
    """

    def __init__(self, folder: Path, seed: int, disk: Disk | None = None) -> None:
        compile_once()
        self._data = folder / "data"
        self._disk = disk
        self._random = random.Random(seed)
        self._number = 0
        self.ledger = Ledger()
        self.kills = 0

    def strike(self, point: Point) -> None:
        """Bring the data folder to where the point can be reached, and have the registry kill itself there.

        Raises:
            AssertionError: the point was not reached, or something acknowledged is not there.
        """
        self._prepare(point.scene)
        self._settle()
        n = self._random.randint(point.least, point.most)
        killed = self._run(WORK.get(point.scene, write), before=lambda: arm(point, n))
        assert killed, f"{point}, time {n}, was not reached"

    def kill_sometime(self, publishing: bool = False) -> None:
        """Kill at some moment of the start, of the verification or of the writing.

        Raises:
            AssertionError: something acknowledged is not there.
        """
        after = self._random.uniform(0, 0.5 if publishing else 0.05)
        if self._random.random() < 0.8:
            work, number = write_and_publish if publishing else write, self._random.randint(1, MOST_LINES)
            self._run(work, kill_after=after, begins=number)
        else:
            self._run(write, kill_after=after * 10)

    def end(self) -> None:
        """Start a last time, to verify and to close as a registry should."""
        self._number += 1
        assert self._forked(lambda pipe: self._serve(pipe, None)) == 0

    def begin_anew(self) -> None:
        """Forget everything."""
        shutil.rmtree(self._data, ignore_errors=True)
        self._settle()
        earlier, self.ledger = self.ledger, Ledger()
        self.ledger.acknowledged, self.ledger.stood = earlier.acknowledged, earlier.stood
        self.ledger.settled = earlier.settled

    def _prepare(self, scene: Scene) -> None:
        store, journal = self._data / "store", self._data / "journal.sqlite"
        if scene is Scene.FIRST_START:
            self.begin_anew()
            return
        if not journal.exists() or not self.ledger.read or scene is Scene.NO_JOURNAL:
            self._write_a_while()
        if "publisher" in self.ledger.in_doubt:
            self.end()  # else the point could be reached by what is made good at the start
        if scene is Scene.BEHIND:
            kept = shutil.copytree(store, self._data / "kept")
            self._write_a_while()
            shutil.rmtree(store)
            kept.rename(store)
        elif scene is Scene.PUBLISH_MISSING:
            self.strike(Point(Scene.PUBLISHING, "before", "store.update"))
        elif scene is Scene.STORE_LOST:
            self._write_a_while()
            shutil.rmtree(store)
        elif scene is Scene.NO_JOURNAL:
            self.end()
            assert self._forked(lambda _: _forget_journal(self._data)) == 0
            alive = {device: state for device, state in self.ledger.states.items() if state}
            self.ledger.marks = {device: [state["device_name"]] for device, state in alive.items()}
            self.ledger.states, self.ledger.read = {}, 0

    def _write_a_while(self) -> None:
        self._run(write, kill_after=0.0, begins=MOST_LINES // 2)

    def _run(
        self,
        work: Work,
        *,
        before: Callable[[], None] = lambda: None,
        kill_after: float = PATIENCE,
        begins: int = 0,
    ) -> bool:
        """Fork a registry, and tell whether it was killed by itself or by us, as it should be."""
        self._number += 1
        name = f"{self._number}"

        def serve(pipe: Pipe) -> None:
            before()
            self._serve(pipe, lambda stand: work(stand, self.ledger, pipe, name))

        status = self._forked(serve, kill_after, begins)
        self.kills += 1
        if self._disk is not None:
            self._disk.cut(self._random if self._random.random() < 0.5 else None)
        return status == -signal.SIGKILL

    def _settle(self) -> None:
        if self._disk is not None:
            self._disk.settle()

    def _serve(self, pipe: Pipe, work: Callable[..., None] | None) -> None:
        with running_stand(self._data) as stand:
            _await_keys(stand)
            known = verify(stand, self.ledger)
            pipe.say("stood", **known)
            self.ledger.stand(**known)  # of this process, whose writers begin with it
            if work is not None:
                work(stand)

    def _forked(self, work: Callable[[Pipe], None], kill_after: float = PATIENCE, begins: int = 0) -> int:
        reading, writing = os.pipe()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _live(work, Pipe(writing))
        os.close(writing)
        lines = _listen(reading, child, kill_after, begins)
        os.close(reading)
        _, status = os.waitpid(child, 0)
        for line in lines:
            self.ledger.take(line)
        return os.waitstatus_to_exitcode(status)


def _live(work: Callable[[Pipe], None], pipe: Pipe) -> None:
    """Be the forked process, to its end."""
    logging.disable(logging.CRITICAL)
    code = 0
    try:
        work(pipe)
    except BaseException:  # noqa: BLE001  the parent hears of it
        pipe.say("wrong", what=traceback.format_exc())
        code = 1
    os._exit(code)


def _listen(reading: int, child: int, kill_after: float, begins: int) -> list[str]:
    """Return all lines that the child wrote; kill it so many seconds after its start, or after that many lines."""
    said, due = b"", None if begins else time.monotonic() + kill_after
    limit = time.monotonic() + PATIENCE
    while True:
        now = time.monotonic()
        if now >= (limit if due is None else due):
            os.kill(child, signal.SIGKILL)
            due = limit = float("inf")
        ready, _, _ = select.select([reading], [], [], max(0.0, min(limit if due is None else due, now + 5) - now))
        if not ready:
            continue
        data = os.read(reading, 1 << 16)
        if not data:
            break
        said += data
        if due is None and said.count(b"\n") >= begins:
            due = now + kill_after
    return said.decode().split("\n")[:-1]  # what a killed process was just saying has no end


def _await_keys(stand: Stand) -> None:
    """Wait until the issuer's keys are there: on a busy machine they come late, which is no fault of the data."""
    until = time.monotonic() + PATIENCE
    while stand.get("/1/devices?max_results=1").status_code == 503 and time.monotonic() < until:
        time.sleep(0.2)


def _forget_journal(data: Path) -> None:
    """Make of a data folder what it would be without a journal: one from before there were any."""
    store = open_store(data)
    store.update(f"DELETE WHERE {{ GRAPH <{GRAPH}> {{ <{NODE}> ?p ?o }} }}")
    store.close()
    for path in data.glob("journal.sqlite*"):
        path.unlink()
