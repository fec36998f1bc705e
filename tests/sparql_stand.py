"""A registry whose queries run for real, with settings of its own; in this process or as a server in another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from free_ports import free_port
from joserfc.jwk import ECKey
from stand import AUDIENCE, OPERATOR, A, B, Caller, Stand, _issuer, _published

from registry.principal import Role
from registry.settings import Settings, StoreSettings
from server import create_app

GRANTS = {
    A: (Role.AGGREGATOR, Role.PROSUMER),
    B: (Role.AGGREGATOR, Role.PROSUMER),
    OPERATOR: (Role.SERVICE, Role.ENGINEER),
}


@contextmanager
def sparql_stand(folder: Path, **sections: Any) -> Iterator[Stand]:
    """Run a registry on a store in `folder`, with these sections of the settings."""
    keys = _keys()
    with _published(keys) as base:
        issuers = [_issuer(base, host, roles) for host, roles in GRANTS.items()]
        app = create_app(Settings(store=StoreSettings(path=folder), **sections), issuers)
        stand = Stand(app, keys)
        try:
            yield stand
        finally:
            stand.components.close()


class Server:
    """`der-registry serve` in a process of its own, and a client of it."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path, signer: Stand) -> None:
        self.process = process
        self.url = url
        self._log = log
        self._signer = signer

    def headers(self, caller: Caller, **more: str) -> dict[str, str]:
        """Return the headers of a request of `caller`."""
        return {"Authorization": f"Bearer {self.token(caller)}", **more}

    def token(self, caller: Caller) -> str:
        return self._signer.token(caller)

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of its log."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def workers(self) -> list[int]:
        """Return the ids of its query workers that live."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        children = {int(child) for file in tasks for child in file.read_text().split()}
        return [child for child in children if b"sparql.sandbox.worker" in command_of(child)]


def command_of(process: int) -> bytes:
    """Return the command line of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@contextmanager
def sparql_server(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Serve a registry on a store in `folder/data`, with these variables of the environment."""
    keys = _keys()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with _published(keys) as base, (folder / "log").open("wb") as log:
        issuers = [
            {"issuer": f"https://{host}", "audience": AUDIENCE, "jwks_uri": f"{base}/{host}", "roles": list(roles)}
            for host, roles in GRANTS.items()
        ]
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("der-registry")), "serve", "--port", str(port), "--data", "data"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "DER_ISSUERS": json.dumps(issuers), **(settings or {})},
        )
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith(b"ready"), (folder / "log").read_text()
            yield Server(process, url, folder / "log", _Signer(keys))
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


class _Signer(Stand):
    """Makes tokens for a registry that runs elsewhere."""

    def __init__(self, keys: Mapping[str, ECKey]) -> None:
        self._keys = keys


def _keys() -> dict[str, ECKey]:
    return {host: ECKey.generate_key("P-256", {"kid": host}) for host in GRANTS}


def until(condition: Any, within: float = 30.0) -> Any:
    """Wait until `condition` returns something true, and return that."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited for too long"
        time.sleep(0.02)
    return found


def add_devices(server: Server, caller: Caller, documents: list[dict[str, Any]]) -> None:
    """Put devices into a server."""
    answer = httpx.post(f"{server.url}/1/devices", json=documents, headers=server.headers(caller), timeout=60)
    assert answer.status_code == 201, answer.text
