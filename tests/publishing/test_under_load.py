"""A publish on a registry that serves: the command, real HTTP, clients that read and write meanwhile."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from candidates import ACROSS, NOISE, NOISE_SHAPE, SAUNA, candidate, next_version
from free_ports import free_port

COMMAND = str(Path(sys.executable).with_name("der-registry"))
QUERY = "SELECT (COUNT(*) AS ?n) WHERE { ?d a flex:FlexibleLoad }"
LOUD_LOADS = "SELECT (COUNT(*) AS ?n) WHERE { ?d a flex:FlexibleLoad ; flex:noise 41.5e0 }"
WITHIN_MAXIMUM = (
    "DELETE { ?d flex:availableCapacity ?a } INSERT { ?d flex:availableCapacity ?m }\n"
    "WHERE { ?d flex:availableCapacity ?a ; flex:maxCapacity ?m FILTER(?a > ?m) }"
)
READS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/1/devices", {"max_results": "5"}),
    ("/1/devices", {"where": '{"availability":"yes"}', "sort": "-max_capacity"}),
    ("/sparql", {"query": QUERY}),
    ("/openapi.json", {}),
    ("/context.jsonld", {}),
)


@dataclass(frozen=True)
class Served:
    """A registry that runs in a process of its own.

    Attributes:
        process: the process.
        address: where it answers.
        data: its data folder.
    """

    process: subprocess.Popen[bytes]
    address: str
    data: Path

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    port, folder = free_port(2), tmp_path_factory.mktemp("served")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [COMMAND, "serve", "--demo", "--port", str(port)], stdout=subprocess.PIPE, stderr=log, cwd=folder
        )
    found = Served(process, f"http://127.0.0.1:{port}", folder / "data" / "demo")
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"ready: {found.address}\n".encode(), (folder / "log").read_text()
        yield found
    finally:
        found.stop()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def address(served: Served) -> str:
    return served.address


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
        changes = {"device_name": f"device {sum(answers.values())}"}
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


def test_who_is_no_engineer_is_told_so(address: str, tmp_path: Path) -> None:
    candidate(next_version("major"), ontology=NOISE).write(tmp_path)
    refused = publish(address, tmp_path, "service")
    assert refused.returncode == 2
    assert "engineers may" in refused.stderr


def test_a_model_that_is_not_sound_is_refused_with_its_findings(address: str, tmp_path: Path) -> None:
    candidate(next_version("major"), ontology="flex:Bare a owl:Class .\n").write(tmp_path)
    refused = publish(address, tmp_path, "engineer")
    assert refused.returncode == 1
    assert "The model is not sound" in refused.stderr
    assert re.search(
        r"^  ontology/flexcoop\.ttl:\d+:1: error: .*\[every_term_has_an_english_label\]$", refused.stderr, re.M
    )


def test_everything_follows_and_no_request_fails(served: Served, tmp_path: Path) -> None:
    address = served.address
    wider = candidate(
        next_version("major"),
        ontology=NOISE + SAUNA,
        shapes=NOISE_SHAPE + ACROSS,
        edits=(("        flex:HvacDevice\n", "        flex:Sauna\n        flex:HvacDevice\n"),),
        migrations=(WITHIN_MAXIMUM,),
    )
    wider.write(tmp_path / "model")
    answers: Counter[tuple[str, int]] = Counter()
    with load(address, answers):
        rehearsed = publish(address, tmp_path / "model", "engineer", "--dry-run")
        published = publish(address, tmp_path / "model", "engineer")
    assert (rehearsed.returncode, published.returncode) == (0, 0), rehearsed.stderr + published.stderr
    assert "nothing was changed" in rehearsed.stdout
    assert "is in force" in published.stdout
    assert {status for _, status in answers} == {200}, answers
    assert {path for path, _ in answers} == {"PATCH", *(path for path, _ in READS)}
    assert "noise" in httpx.get(f"{address}/openapi.json").text
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token(address, 'service')}"}) as client:
        (device,) = client.get("/1/devices?max_results=1").json()["_items"]

        def change(**changes: Any) -> Any:
            tag = client.get(f"/1/devices/{device['device_id']}").headers["ETag"]
            headers = {"If-Match": tag, "Accept-Language": "de"}
            return client.patch(f"/1/devices/{device['device_id']}", json=changes, headers=headers).json()

        assert change(noise=500)["_issues"] == {"noise": "max value is 120.0"}
        assert change(max_capacity=1, available_capacity=2)["_issues"] == {"_rules": "available_capacity ist zu groß."}
        assert change(noise=41.5, device_class="sauna")["_status"] == "OK"
        assert client.get("/sparql", params={"query": LOUD_LOADS}, headers={"Accept": "text/csv"}).text.split() == [
            "n", "1",
        ]  # fmt: skip
    served.stop()  # commands need a store that nobody else has
    again_by_csv(served.data, str(device["device_id"]), tmp_path)


def again_by_csv(data: Path, device_id: str, folder: Path) -> None:
    """Export all devices as CSV, import them into another store of the same model, and export them there."""
    first = run("export", "--format", "csv", "--data", data)
    rows = {row["device_id"]: row for row in csv.DictReader(io.StringIO(first))}
    assert (rows[device_id]["noise"], rows[device_id]["device_class"]) == ("41.5", "sauna")
    assert {row["noise"] for name, row in rows.items() if name != device_id} == {""}
    (folder / "devices.csv").write_text(first, newline="")
    (folder / "none.ndjson").touch()
    run("import", folder / "none.ndjson", "--data", folder / "other")
    run("ontology", "publish", folder / "model", "--data", folder / "other")
    run("import", folder / "devices.csv", "--data", folder / "other")
    assert run("export", "--format", "csv", "--data", folder / "other") == first


def run(*arguments: object) -> str:
    return subprocess.run([COMMAND, *map(str, arguments)], check=True, capture_output=True).stdout.decode()
