"""The demo's OpenID provider as a process of its own, for the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
REGISTRY = "http://127.0.0.1:9"
WITHIN = 30.0
"""Seconds after which a test that waits for a process gives up."""


def command(port: int, *options: str) -> list[str]:
    return [sys.executable, "-m", "demo", "--port", str(port), "--registry", REGISTRY, *options]


def alive(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/live").status_code == 200
    except httpx.TransportError:
        return False


def wait_until(port: int, state: bool) -> None:
    deadline = time.monotonic() + WITHIN
    while alive(port) != state:
        assert time.monotonic() < deadline, f"the provider is not {'up' if state else 'down'}"
        time.sleep(0.05)


@contextmanager
def running(port: int) -> Iterator[None]:
    with subprocess.Popen(command(port, "--parent", str(os.getpid())), cwd=ROOT) as process:
        try:
            wait_until(port, True)
            yield
        finally:
            process.terminate()
            assert process.wait(WITHIN) == 0
