"""The registry as it is served, over real HTTP, on a disk that may fail."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from free_ports import free_port

COMMAND = str(Path(sys.executable).with_name("der-registry"))


class Served:
    """A server, and requests to it in the name of an aggregator.

    Attributes:
        address: its base URL.
        process: the server itself.
    """

    def __init__(self, address: str, process: subprocess.Popen[bytes]) -> None:
        self.address = address
        self.process = process

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """What shows who asks."""
        command = [COMMAND, "token", "aggregator", "--port", self.address.rpartition(":")[2]]
        token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        return {"Authorization": f"Bearer {token}"}

    def ids(self, number: int) -> list[str]:
        """Return the ids of some devices."""
        items = self.ask("GET", f"/1/devices?max_results={number}").json()["_items"]
        return [str(each["device_id"]) for each in items]

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Make one request."""
        headers = {**self.headers, **request.pop("headers", {})}
        return httpx.request(method, f"{self.address}{path}", headers=headers, timeout=60, **request)

    def patch(self, device: str, changes: Mapping[str, Any]) -> httpx.Response:
        """Change a device, as it is now."""
        tag = self.ask("GET", f"/1/devices/{device}").headers["ETag"]
        return self.ask("PATCH", f"/1/devices/{device}", json=changes, headers={"If-Match": tag})


@contextmanager
def served(data: Path, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Serve the data in a folder, with the demo's devices and tokens."""
    port, log = free_port(2), data.with_name(f"{data.name}.log")
    command = [COMMAND, "serve", "--demo", "--port", str(port), "--data", str(data)]
    with (
        log.open("wb") as stream,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stream, env={**os.environ, **(environment or {})}
        ) as process,
    ):
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == f"ready: http://127.0.0.1:{port}\n".encode(), log.read_text()
            yield Served(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
