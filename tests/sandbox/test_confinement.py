"""What a worker process can't do, tried in processes of their own that are confined as workers are."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROLOGUE = """
import os, resource, socket, subprocess, sys, threading
from sparql.sandbox.confinement import deny_sockets, die_with_parent, limit_memory, yield_to_others
from sparql.sandbox.confinement import _deny_by_namespace
"""


def run(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", PROLOGUE + program, *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return found.stdout.strip()


ATTEMPTS = {
    "socket": "socket.socket()",
    "unix socket": "socket.socket(socket.AF_UNIX)",
    "pair": "socket.socketpair()",
    "fork": "os.fork()",
    "program": "subprocess.run(['true'])",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "exec": "os.execv('/bin/true', ['true'])",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_confined_process_has_neither_sockets_nor_programs(attempt: str) -> None:
    program = f"""
by = deny_sockets()
try:
    {attempt}
except OSError as error:
    print(by, "denied")
else:
    print(by, "done")
"""
    assert run(program) == "seccomp denied"


def test_a_confined_process_still_has_threads_and_files(tmp_path: Path) -> None:
    program = """
deny_sockets()
thread = threading.Thread(target=lambda: open(sys.argv[1], "w").write("done"))
thread.start()
thread.join()
print(open(sys.argv[1]).read())
"""
    assert run(program, str(tmp_path / "file")) == "done"


def test_a_namespace_denies_the_network_where_seccomp_is_missing() -> None:
    program = """
by = _deny_by_namespace()
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
except OSError:
    print(by, "denied")
else:
    print(by, "connected")
"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = run(program, str(server.getsockname()[1]))
    # where the kernel allows no namespace either, that is what has to be told
    assert found in ("namespace denied", "None connected")


def test_memory_is_limited_and_no_core_is_left() -> None:
    program = """
limit_memory(300 * 2**20)
try:
    bytearray(400 * 2**20)
except MemoryError:
    print("denied", resource.getrlimit(resource.RLIMIT_CORE)[0])
"""
    assert run(program) == "denied 0"


def test_a_worker_stands_back() -> None:
    assert int(run("yield_to_others(7); print(os.nice(0))")) - os.nice(0) == 7


def test_a_process_ends_with_its_parent(tmp_path: Path) -> None:
    child = PROLOGUE + "import time; die_with_parent(); print(os.getpid(), flush=True); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        number = int(process.stdout.readline())
        assert Path(f"/proc/{number}").exists()
        process.send_signal(signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + 20
        while Path(f"/proc/{number}").exists() and _state(number) != "Z":
            assert time.monotonic() < deadline, "the child still runs"
            time.sleep(0.02)


def _state(number: int) -> str:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"
