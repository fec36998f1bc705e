"""A registry as it is served, in a process of its own with small limits, and what is needed to watch it under attack.

Its memory is read from /proc, that of its query workers included.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

from attack_cases import Attack

from bench.issuer import SERVICES, Issuer
from bench.process import free_port, serving
from demo.cooperatives import Household
from demo.households import household_devices

SECONDS = 1
"""What a prosumer's query may take."""
PATIENCE = 1.0
"""Seconds after its limit until an answer must be there."""
WORKERS = 2
WORKER_MEMORY = 768 * 2**20
MOST_MEMORY = WORKERS * WORKER_MEMORY + 512 * 2**20
"""Bytes that all processes together may have resident."""
COOPERATIVE = "coop-001.example"
ACCOUNT = "0b7c1f5e-3a51-4c8e-9d0f-2f6a1c9e4b7d"
_LIMITS = f"""
[sparql]
prosumer_seconds = {SECONDS}
prosumer_rows = 10000
prosumer_bytes = 4194304
prosumer_running = 2

[sandbox]
workers = {WORKERS}
memory = {WORKER_MEMORY}
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the problem's code if it is one, and the body."""

    status: int
    code: str | None
    body: bytes


@dataclass
class Listener:
    """A server that must never be asked anything.

    Attributes:
        url: where it listens.
        asked: the requests that it got all the same.
    """

    url: str
    asked: list[str] = field(default_factory=list)


class BesiegedServer:
    """The running server, attacked by a prosumer while a service reads devices.

    Attributes:
        listener: who must not be asked.
        pid: its process.
        device_ids: the devices that it has.
    """

    def __init__(self, port: int, issuer: Issuer, listener: Listener, pid: int) -> None:
        self.listener = listener
        self.pid = pid
        self._port = port
        self._prosumer = issuer.token("prosumer", COOPERATIVE, ACCOUNT)
        self._service = issuer.token("service", SERVICES, "service")
        self.device_ids: list[str] = []

    def attack(self, attack: Attack, *, timeout: float = SECONDS + PATIENCE) -> Reply:
        """Send an attack as a prosumer.

        Raises:
            TimeoutError: there is no answer in time.
        """
        body = attack.sent_to(self.listener.url)
        return self._send("POST", "/sparql", self._asking(attack.media_type), body=body, timeout=timeout)

    def query(self, text: str) -> Reply:
        """Send a harmless query as a prosumer."""
        return self._send("POST", "/sparql", self._asking("application/sparql-query"), body=text.encode())

    def item(self, device_id: str) -> Reply:
        """Get one device by REST, as a service."""
        return self._send("GET", f"/1/devices/{device_id}", {"Authorization": f"Bearer {self._service}"})

    def create(self, documents: list[Mapping[str, object]]) -> None:
        """Put devices into the registry."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._service}"}
        reply = self._send("POST", "/1/devices", headers, body=json.dumps(documents).encode(), timeout=60.0)
        assert reply.status == 201, reply.body
        self.device_ids = [str(document["device_id"]) for document in documents]

    def _asking(self, media_type: str) -> dict[str, str]:
        accept = "application/sparql-results+json, text/turtle;q=0.5"
        return {"Content-Type": media_type, "Accept": accept, "Authorization": f"Bearer {self._prosumer}"}

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], *, body: bytes | None = None, timeout: float = 10.0
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        problem = response.headers.get("Content-Type", "").startswith("application/problem+json")
        return Reply(response.status, json.loads(content)["code"] if problem else None, content)


class MemoryWatch(threading.Thread):
    """Looks at the resident memory of a process and all its descendants until it is told to stop.

    Attributes:
        peak: the most bytes seen at once.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self.peak = 0

    def run(self) -> None:
        while not self._over.wait(0.05):
            self.peak = max(self.peak, sum(map(_resident, family(self._pid))))

    def stop(self) -> int:
        """Stop looking and return the peak."""
        self._over.set()
        self.join()
        return self.peak


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended meanwhile
        children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    sizes = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(sizes[0]) * 1024 if sizes else 0


@contextmanager
def besieged_server(folder: Path) -> Iterator[BesiegedServer]:
    """Run a server whose data is in `folder`, with some devices of one prosumer."""
    port = free_port()
    registry = str(Path(sys.executable).with_name("der-registry"))
    configuration = folder / "registry.toml"
    with Issuer().served() as issuer, _listening() as listener:
        configuration.write_text(issuer.configuration(1) + _LIMITS, encoding="utf-8")
        options = ["--config", str(configuration), "--data", str(folder / "data"), "--port", str(port)]
        with serving([registry, "serve", *options], folder / "log"):
            server = BesiegedServer(port, issuer, listener, _process_at(port))
            server.create(_documents())
            yield server


def _process_at(port: int) -> int:
    """Return the process that was started here to serve `port`."""
    for pid in family(os.getpid())[1:]:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if str(port).encode() in words:
            return pid
    raise LookupError(f"no process serves port {port}")


def _documents() -> list[Mapping[str, object]]:
    random = Random(7)
    household = Household(ACCOUNT, "7f1d0c6e-52a4-4b0e-8a3d-9e1f6b2c4d5a", "A household", 2.1, 41.4)
    return [document for _ in range(20) for document in household_devices(household, COOPERATIVE, random)]


@contextmanager
def _listening() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listener.asked.append(self.requestline)
            self.send_error(404)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        listener = Listener(f"http://127.0.0.1:{server.server_port}/")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield listener
        server.shutdown()
