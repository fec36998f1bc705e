"""A backup of a registry that four clients write to: consistent, and with every write acknowledged before it began."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from free_ports import free_port
from soundness import faults, names
from stand import device

COMMAND = str(Path(sys.executable).with_name("der-registry"))
CLIENTS = 4


@dataclass
class Load:
    """Clients that create devices and change them.

    Attributes:
        acknowledged: device -> the last name that the registry said it has.
    """

    address: str
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    @contextmanager
    def going_on(self, token: str) -> Iterator[None]:
        over = threading.Event()
        threads = [threading.Thread(target=self._write, args=(token, over)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _write(self, token: str, over: threading.Event) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{self.address}/1", headers=headers, timeout=30) as client:
            while not over.is_set():
                document = device(device_id=str(uuid.uuid4()), device_name="created")
                answer = client.post("/devices", json=document)
                path = f"/devices/{document['device_id']}"
                for name in ("created", "changed"):
                    if answer.is_error:
                        self.refused.append(answer.text)
                        return
                    self.acknowledged[document["device_id"]] = name
                    if name == "created":
                        etag = client.get(path).headers["ETag"]
                        answer = client.patch(path, json={"device_name": "changed"}, headers={"If-Match": etag})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    port, folder = free_port(2), tmp_path_factory.mktemp("served")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [COMMAND, "serve", "--demo", "--port", str(port)], stdout=subprocess.PIPE, stderr=log, cwd=folder
        )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"ready"), (folder / "log").read_text()
    yield f"http://127.0.0.1:{port}", folder / "data" / "demo"
    process.terminate()
    process.wait()
    process.stdout.close()
    assert not (folder / "data" / "demo" / "control.sock").exists()


@pytest.fixture(scope="module")
def token(served: tuple[str, Path]) -> str:
    command = [COMMAND, "token", "service", "--port", served[0].rpartition(":")[2]]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *map(str, arguments)], check=False, capture_output=True, text=True, timeout=120)


def test_what_was_acknowledged_before_is_in_it_and_the_rest_is_whole(
    served: tuple[str, Path], token: str, tmp_path: Path
) -> None:
    address, data = served
    load, target, restored = Load(address), tmp_path / "backup", tmp_path / "restored"
    with load.going_on(token):
        while len(load.acknowledged) < 20:
            time.sleep(0.05)
        before = dict(load.acknowledged)
        made = run("backup", target, "--data", data)
        meanwhile = len(load.acknowledged)
        time.sleep(0.2)
    assert (made.returncode, load.refused) == (0, []), made.stderr
    assert "copying the journal" in made.stderr
    assert len(load.acknowledged) > meanwhile > len(before)  # nobody waited for it
    assert run("restore", target, "--data", restored).returncode == 0
    found = names(restored)
    assert {device_id: found.get(device_id) for device_id in before} == before | {
        device_id: "changed" for device_id, name in before.items() if found.get(device_id) == "changed"
    }
    assert faults(target) == []
    assert faults(restored) == []
    assert list((data / "checkpoints").iterdir()) == []


def test_it_goes_to_another_file_system(served: tuple[str, Path]) -> None:
    other = Path("/dev/shm") / f"backup-{uuid.uuid4().hex}"
    if not other.parent.is_dir() or other.parent.stat().st_dev == served[1].stat().st_dev:
        pytest.skip("there is no other file system")
    try:
        assert run("backup", other, "--data", served[1]).returncode == 0
        assert faults(other) == []
    finally:
        shutil.rmtree(other, ignore_errors=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_here_nor_there(
    served: tuple[str, Path], tmp_path: Path, number: signal.Signals
) -> None:
    command = [COMMAND, "backup", str(tmp_path / "backup"), "--data", str(served[1])]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()  # a checkpoint is being made
        process.send_signal(number)
        said = process.stderr.read()
        code = process.wait()
    if code != 0:  # it may have been quicker than the signal
        assert (code, said.splitlines()[-1]) == (130, "interrupted: there is no backup")
        assert not (tmp_path / "backup").exists()
    assert not list(tmp_path.glob("*.partial"))
    until = time.monotonic() + 10
    while list((served[1] / "checkpoints").iterdir()) and time.monotonic() < until:
        time.sleep(0.05)
    assert list((served[1] / "checkpoints").iterdir()) == []
