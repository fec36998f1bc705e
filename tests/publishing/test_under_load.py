"""A publish on a registry that serves: the command, real HTTP, clients that read and write meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from candidates import NOISE, NOISE_SHAPE, candidate, next_version
from free_ports import free_port

COMMAND = str(Path(sys.executable).with_name("der-registry"))
QUERY = "SELECT (COUNT(*) AS ?n) WHERE { ?d a flex:FlexibleLoad }"
READS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/1/devices", {"max_results": "5"}),
    ("/1/devices", {"where": '{"availability":"yes"}', "sort": "-max_capacity"}),
    ("/sparql", {"query": QUERY}),
    ("/openapi.json", {}),
    ("/context.jsonld", {}),
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, folder = free_port(2), tmp_path_factory.mktemp("served")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [COMMAND, "serve", "--demo", "--port", str(port)], stdout=subprocess.PIPE, stderr=log, cwd=folder
        )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"ready: http://127.0.0.1:{port}\n".encode(), (folder / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def token(address: str, role: str) -> str:
    command = [COMMAND, "token", role, "--port", address.rpartition(":")[2]]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def publish(address: str, folder: Path, role: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [COMMAND, "ontology", "publish", str(folder), "--registry", address, *options]
    environ = os.environ | {"REGISTRY_TOKEN": token(address, role)}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environ)


@contextmanager
def load(address: str, answers: Counter[tuple[str, int]]) -> Iterator[None]:
    """Read and write all the time, counting answers by path and status."""
    over, headers = threading.Event(), {"Authorization": f"Bearer {token(address, 'aggregator')}"}

    def ask(work: Callable[[httpx.Client], None]) -> None:
        with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
            while not over.is_set():
                work(client)

    def read(client: httpx.Client) -> None:
        for path, parameters in READS:
            answers[path, client.get(path, params=parameters).status_code] += 1

    def write(client: httpx.Client) -> None:
        (device,) = client.get("/1/devices", params={"max_results": "1"}).json()["_items"]
        changes = {"available_capacity": 1.0 + sum(answers.values()) % 7}
        path = f"/1/devices/{device['device_id']}"
        answers["PATCH", client.patch(path, json=changes, headers={"If-Match": device["_etag"]}).status_code] += 1

    threads = [threading.Thread(target=ask, args=(work,)) for work in (read, read, write)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_everything_follows_and_no_request_fails(address: str, tmp_path: Path) -> None:
    candidate(next_version("minor"), ontology=NOISE, shapes=NOISE_SHAPE).write(tmp_path)
    answers: Counter[tuple[str, int]] = Counter()
    with load(address, answers):
        rehearsed = publish(address, tmp_path, "engineer", "--dry-run")
        published = publish(address, tmp_path, "engineer")
    assert (rehearsed.returncode, published.returncode) == (0, 0), rehearsed.stderr + published.stderr
    assert "nothing was changed" in rehearsed.stdout
    assert "is in force" in published.stdout
    assert {status for _, status in answers} == {200}, answers
    assert {path for path, _ in answers} == {"PATCH", *(path for path, _ in READS)}
    assert "noise" in httpx.get(f"{address}/openapi.json").text
    headers = {"Authorization": f"Bearer {token(address, 'aggregator')}"}
    (device,) = httpx.get(f"{address}/1/devices?max_results=1", headers=headers).json()["_items"]
    path = f"{address}/1/devices/{device['device_id']}"
    changed = httpx.patch(path, json={"noise": 500}, headers={**headers, "If-Match": device["_etag"]})
    assert changed.json()["_issues"] == {"noise": "max value is 120.0"}


def test_who_is_no_engineer_is_told_so(address: str, tmp_path: Path) -> None:
    candidate(next_version("major"), ontology=NOISE).write(tmp_path)
    refused = publish(address, tmp_path, "service")
    assert refused.returncode == 2
    assert "engineers may" in refused.stderr
