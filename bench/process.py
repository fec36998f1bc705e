"""Child processes of the bench: one that runs to its end, and one that serves until it is no longer needed.

Each has a log file beside the data. Their environment holds none of the registry's own variables, so that the
caller's settings don't change what is measured.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.connection import BenchError

READY = "ready: "
START_WITHIN = 300.0
STOP_WITHIN = 40.0


def free_port() -> int:
    """Give a TCP port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(command: Sequence[str], log: Path, *, timeout: float) -> float:
    """Run a command to its end and give its wall time in s.

    Raises:
        BenchError: when it fails or takes longer than the timeout, with the end of its log.
    """
    start = time.perf_counter()
    with _child(command, log) as child:
        try:
            code = child.wait(timeout)
        except subprocess.TimeoutExpired:
            raise _failure(command, f"not done after {timeout:.0f} s", log) from None
    if code != 0:
        raise _failure(command, f"exit code {code}", log)
    return time.perf_counter() - start


@contextmanager
def serving(
    command: Sequence[str], log: Path, *, ready: str = READY, stop_within: float = STOP_WITHIN
) -> Iterator[None]:
    """Start a server, go on when it has printed its line, and end it with SIGTERM at last.

    Args:
        command: starts it.
        log: gets what it prints.
        ready: what the line begins with by which it says that it can answer.
        stop_within: seconds after SIGTERM until it is killed.

    Raises:
        BenchError: when it ends before, or is not ready in time, with the end of its log.
    """
    with _child(command, log, stop_within) as child:
        deadline = time.monotonic() + START_WITHIN
        while not any(line.startswith(ready) for line in _tail(log).splitlines()):
            if child.poll() is not None:
                raise _failure(command, f"exit code {child.returncode} before it was ready", log)
            if time.monotonic() > deadline:
                raise _failure(command, f"not ready after {START_WITHIN:.0f} s", log)
            time.sleep(0.05)
        yield


@contextmanager
def _child(command: Sequence[str], log: Path, stop_within: float = STOP_WITHIN) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DER_")}
    with log.open("wb") as output:
        # A session of its own: an interrupt at the terminal reaches the bench alone, which then ends its children.
        child = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )
    try:
        yield child
    finally:
        _end(child, stop_within)


def _end(child: subprocess.Popen[bytes], stop_within: float) -> None:
    child.terminate()
    try:
        child.wait(stop_within)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _tail(log: Path, size: int = 4000) -> str:
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - size))
        return stream.read().decode(errors="replace")


def _failure(command: Sequence[str], reason: str, log: Path) -> BenchError:
    return BenchError(f"{' '.join(command)}: {reason}\n{_tail(log)}")
