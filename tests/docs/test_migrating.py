"""The guide's way from Eve: export, import and the comparison, run as a reader would, beside Eve as a server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from free_ports import free_port
from stand import SERVICE, Stand, running_stand
from werkzeug.serving import make_server

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs" / "migrating-from-eve.md").read_text(encoding="utf-8")
FORMER = ROOT / "tests" / "beside_eve" / "former_server.py"
OLD, NEW = "http://127.0.0.1:5000", "http://127.0.0.1:8080"
WITHIN = 60


def commands(block: str) -> tuple[str, str]:
    """Return the commands of a console block and what stands below the last one."""
    *most, last = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    command, _, output = last.partition("\n")
    return "".join([*most, command]), output


@contextmanager
def serving(stand: Stand) -> Iterator[str]:
    """Serve the application of `stand` on loopback."""
    server = make_server("127.0.0.1", 0, stand.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(WITHIN)
    server.server_close()


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Run Eve with devices; return its address and the export of its database."""
    port, export = free_port(), tmp_path_factory.mktemp("former") / "devices.ndjson"
    command = [sys.executable, str(FORMER), str(port), "old", str(export)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}", export
        server.terminate()


def bash(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = ["bash", "-e", "-c", script]
    return subprocess.run(
        ran, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False, timeout=WITHIN
    )


def test_devices_move_as_the_guide_says_and_both_registries_show_the_same(
    former: tuple[str, Path], tmp_path: Path
) -> None:
    address, export = former
    imports = re.findall(r"^    (der-registry import [^#\n]*)", GUIDE, re.MULTILINE)
    assert len(imports) == 2
    for command in imports:
        ran = bash(command.replace("devices.ndjson", f"--data {tmp_path / 'store'} {export}"), tmp_path)
        assert ran.returncode == 0, ran.stderr
    (block,) = re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
    script, expected = commands(block)
    with running_stand(tmp_path / "store") as stand, serving(stand) as ours:
        script = (
            script.replace(OLD, address)
            .replace(NEW, ours)
            .replace("NEW_TOKEN=new", f"NEW_TOKEN={stand.token(SERVICE)}")
        )
        ran = until_it_listens(script, tmp_path)
        assert (ran.returncode, ran.stdout) == (0, expected), ran.stderr
        changed = stand.get("/1/devices?max_results=1&sort=device_id").json
        assert changed is not None
        stand.patch(changed["_items"][0]["device_id"], {"vpp_id": "other"})
        ran = bash(script, tmp_path)
    assert ran.returncode == 0, ran.stderr
    first, *_, last = ran.stdout.splitlines()
    assert first == changed["_items"][0]["device_id"]
    assert '"vpp_id": "other"' in ran.stdout
    assert last == expected.strip().replace("same", "not the same")


def until_it_listens(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script again for as long as a server begins to listen."""
    for _ in range(100):
        ran = bash(script, folder)
        if "Connection refused" not in ran.stderr:
            break
    return ran
