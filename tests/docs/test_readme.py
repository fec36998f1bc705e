"""The requests of README and docs/events.md, run as a reader would: in bash, against the demo, answering as printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from free_ports import free_port

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EVENTS = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
MARK = "=====next====="


def setup_commands() -> str:
    """Return the indented block that sets the variables."""
    (block,) = re.findall(r"in another terminal:\n\n((?:    .*\n)+)", README)
    return str(block).replace("    ", "")


def examples(document: str) -> list[tuple[str, str]]:
    """Return each command of the console blocks with the output that stands below it."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", document, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command = re.match(r"(?:.*\\\n)*.*\n", part)
            assert command is not None
            found.append((command.group(), part[command.end() :]))
    return found


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run `der-registry serve --demo` on a free pair of ports."""
    number = free_port(2)
    command = [str(Path(sys.executable).parent / "der-registry"), "serve", "--demo", "--port", str(number)]
    folder = tmp_path_factory.mktemp("readme")
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == f"ready: http://127.0.0.1:{number}\n"
        yield number
        server.terminate()


@pytest.mark.parametrize("document", [README, EVENTS], ids=["README", "events"])
def test_every_request_answers_as_printed(port: int, tmp_path: Path, document: str) -> None:
    commands = examples(document)
    assert len(commands) >= 5
    script = setup_commands() + f"\necho {MARK}\n".join(["", *(command for command, _ in commands)])
    script = script.replace("$PWD", str(ROOT)).replace("8080", str(port))
    script = f"trap 'kill $(jobs -p) || true' EXIT\n{script}"
    script = re.sub(r"der-registry token (\w+)", rf"der-registry token \1 --port {port}", script)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    bash = ["bash", "-e", "-c", script]
    environ = {**os.environ, "PATH": path}
    ran = subprocess.run(bash, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    _, *outputs = ran.stdout.split(f"{MARK}\n")
    for (command, expected), output in zip(commands, outputs, strict=True):
        pattern = re.escape(expected.rstrip("\n")).replace("…", '[^"]*')
        assert re.fullmatch(pattern, output.rstrip("\n")), f"{command}\nprints\n{output}\nand not\n{expected}"
