"""Processes of our own that work on a candidate, so that nobody's request waits for it: both ends of one.

Such a process stands back behind the server, reaches no network, starts no program, and ends with the server. What it
works on, and what it finds, lies in files that its caller names.
"""

from __future__ import annotations

import gc
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TypeAlias

from sparql.sandbox.confinement import deny_sockets, die_with_parent, yield_to_others

NICE = 5
"""How far a process stands back behind the server."""

Say: TypeAlias = Callable[[str], None]
"""Shows progress."""

logger = logging.getLogger(__name__)


class EndedEarly(Exception):
    """A process died of something that it did not foresee."""


class Overdue(Exception):
    """A process did not end in time, and was killed."""


def run(module: str, *arguments: str, say: Say, within: float | None = None) -> None:
    """Run a module of ours in a process to its end, and end it with us.

    Args:
        module: its name; it must begin with `confine`.
        arguments: its arguments.
        say: gets each line that it prints.
        within: the seconds that it may take; None for no limit.

    Raises:
        Overdue: it took longer.
        EndedEarly: it ended otherwise than by itself.
    """
    command = [sys.executable, "-P", "-m", module, *arguments]
    with _ended(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) as process:  # noqa: S603  our own program
        overdue = threading.Event()
        with _killed(process, within, overdue):
            stream: IO[str] | None = process.stdout
            for line in stream or ():
                say(line.strip())
            code = process.wait()
    if overdue.is_set():
        raise Overdue
    if code:
        logger.error("%s %s ended with code %s", module, " ".join(arguments[1:]), code)
        raise EndedEarly


def confine() -> None:
    """Make the process that we are in such a process."""
    die_with_parent()
    yield_to_others(NICE)
    deny_sockets()
    logging.getLogger("rdflib").setLevel(logging.CRITICAL)  # what a candidate says wrong is no matter for the log
    gc.freeze()  # many small objects without cycles: looking for some took a third of the time
    gc.set_threshold(100_000, 20, 100)


def tell(text: str) -> None:
    """Say something to who runs the process that we are in."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def _killed(process: subprocess.Popen[str], within: float | None, overdue: threading.Event) -> Iterator[None]:
    """Kill the process unless this ends in time."""
    if within is None:
        yield
        return

    def kill() -> None:
        overdue.set()
        process.kill()

    timer = threading.Timer(within, kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
