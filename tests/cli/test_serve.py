"""`der-registry serve` as users start it: a process, its two outputs, its exit code."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner
from free_ports import free_port

from registry.cli import COMMANDS, main, with_settings
from registry.settings import Settings

REGISTRY = [str(Path(sys.executable).with_name("der-registry"))]
SETTINGS = '[[issuers]]\nissuer = "https://login.coop-a.example"\naudience = "registry"\nroles = ["aggregator"]\n'


class Running:
    """A server under test; its outputs go to files, so that it never waits for a reader."""

    def __init__(self, folder: Path, *options: str, environ: dict[str, str] | None = None) -> None:
        self.folder, self.out, self.err = folder, folder / "out", folder / "err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [*REGISTRY, "serve", *options], stdout=out, stderr=err, cwd=folder, env=os.environ | (environ or {})
            )

    def ready(self) -> str:
        until(lambda: self.out.read_text().endswith("\n") or self.process.poll() is not None)
        assert self.process.poll() is None, self.err.read_text()
        return self.out.read_text()

    def end(self, number: signal.Signals | None = None) -> int:
        if number is not None:
            self.process.send_signal(number)
        return self.process.wait(timeout=40)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited for too long"
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def port() -> int:
    """Return a port that is free, as is the one after it."""
    return free_port(2)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def run(*options: str, environ: dict[str, str] | None = None) -> Running:
        running.append(Running(tmp_path, *options, environ=environ))
        return running[-1]

    yield run
    for server in running:
        server.process.terminate()
        server.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_ready_once_and_ends_cleanly(start: Callable[..., Running], port: int, number: signal.Signals) -> None:
    server = start("--port", str(port), "--data", "here")
    assert server.ready() == f"ready: http://127.0.0.1:{port}\n"
    assert httpx.get(f"http://127.0.0.1:{port}/health/ready").json() == {"status": "ok"}
    assert httpx.get(f"http://127.0.0.1:{port}/1/devices").status_code == 401
    assert server.end(number) == 0
    assert server.out.read_text() == f"ready: http://127.0.0.1:{port}\n"


def test_settings_come_from_file_environment_and_options(
    start: Callable[..., Running], port: int, tmp_path: Path
) -> None:
    (tmp_path / "registry.toml").write_text(
        f"{SETTINGS}[server]\nhost = '::1'\nport = 1\n[store]\npath = 'from file'\n"
    )
    server = start("--config", "registry.toml", "--port", str(port), environ={"DER_STORE_PATH": "from environment"})
    assert server.ready() == f"ready: http://[::1]:{port}\n"
    assert (tmp_path / "from environment").is_dir()
    assert not (tmp_path / "from file").exists()


@pytest.mark.parametrize(
    ("options", "environ", "code", "words"),
    [
        (["--port", "99999"], {}, 2, "server.port (command line): 99999 is not accepted"),
        ([], {"DER_SERVER_PORT": "http"}, 2, "server.port (DER_SERVER_PORT): 'http' is not accepted"),
        ([], {"DER_SERVER_PROT": "1"}, 2, "DER_SERVER_PROT: there is no such variable; did you mean DER_SERVER_PORT?"),
        (["--config", "missing.toml"], {}, 2, "missing.toml: No such file or directory"),
        (["--host", "nowhere.invalid"], {}, 1, "host 'nowhere.invalid' is no address"),
        (["--demo", "--host", "0.0.0.0"], {}, 2, "'0.0.0.0' is no loopback address"),
        (["--demo"], {"DER_SERVER_HOST": "::"}, 2, "'::' is no loopback address"),
        (["--demo", "--port", "65535"], {}, 2, "--demo needs the port after --port too"),
    ],
)
def test_what_can_not_work_stops_the_start_with_a_reason(
    start: Callable[..., Running], options: list[str], environ: dict[str, str], code: int, words: str
) -> None:
    server = start(*options, environ=environ)
    assert server.end() == code
    assert words in server.err.read_text()
    assert "Traceback" not in server.err.read_text()
    assert server.out.read_text() == ""
    assert not (server.folder / "data").exists()


@pytest.mark.parametrize("after", [0, 1])
def test_a_demo_whose_ports_are_taken_does_not_start(start: Callable[..., Running], port: int, after: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + after))
        taken.listen()
        server = start("--demo", "--port", str(port))
        assert server.end() == 1
    assert f"can't listen on 127.0.0.1 port {port + after}: Address already in use" in server.err.read_text()


def test_a_store_that_is_in_use_is_refused(start: Callable[..., Running], port: int, tmp_path: Path) -> None:
    start("--port", str(port), "--data", "here").ready()
    (tmp_path / "second").mkdir()
    second = Running(tmp_path / "second", "--port", str(port + 1), "--data", str(tmp_path / "here"))
    assert second.end() == 1
    assert "in use by another process" in second.err.read_text()
    assert "Traceback" not in second.err.read_text()


def test_a_demo_answers_with_a_token_of_its_provider(start: Callable[..., Running], port: int, tmp_path: Path) -> None:
    server = start("--demo", "--port", str(port))
    assert server.ready() == f"ready: http://127.0.0.1:{port}\n"
    assert (tmp_path / "data" / "demo").is_dir()
    command = [*REGISTRY, "token", "service", "--port", str(port)]
    token = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    answer = httpx.get(f"http://127.0.0.1:{port}/1/devices", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.json()["_meta"]["total"] > 100
    assert token not in server.err.read_text()
    assert server.end(signal.SIGTERM) == 0
    assert not listens(port + 1)
    assert server.out.read_text() == f"ready: http://127.0.0.1:{port}\n"


def test_a_demo_does_not_load_a_folder_called_demo_from_where_it_starts(
    start: Callable[..., Running], port: int, tmp_path: Path
) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "__init__.py").write_text("raise SystemExit('the wrong demo')")
    assert start("--demo", "--port", str(port)).ready() == f"ready: http://127.0.0.1:{port}\n"


def test_a_demo_ends_with_an_error_when_its_provider_dies(start: Callable[..., Running], port: int) -> None:
    server = start("--demo", "--port", str(port))
    server.ready()
    number = server.process.pid
    children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    (child,) = [each for each in children if b"\0demo\0" in Path(f"/proc/{each}/cmdline").read_bytes()]
    os.kill(int(child), signal.SIGKILL)
    assert server.end() == 1
    assert "the demo's provider ended by itself" in server.err.read_text()


def test_a_demo_that_is_killed_takes_its_provider_with_it(start: Callable[..., Running], port: int) -> None:
    server = start("--demo", "--port", str(port))
    server.ready()
    assert listens(port + 1)
    server.end(signal.SIGKILL)
    until(lambda: not listens(port + 1))


def test_help_names_every_command() -> None:
    found = CliRunner().invoke(main, ["--help"])
    assert found.exit_code == 0
    for name, entry in COMMANDS.items():
        assert f"{name} " in found.output
        assert entry.help in found.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_help(name: str) -> None:
    found = CliRunner().invoke(main, [name, "--help"])
    assert found.exit_code == 0, found.output
    assert found.output.startswith(f"Usage: main {name}")


def test_help_needs_no_more_than_the_table() -> None:
    program = "import sys, registry.cli; print({'pydantic', 'flask', 'pyoxigraph', 'rdflib'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_a_version_is_shown() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.startswith("der-registry, version 0.")


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(main, ["sreve"]).exit_code == 2


def test_a_command_gets_the_settings_of_its_options(tmp_path: Path) -> None:
    seen: list[tuple[Settings, int]] = []

    @click.command()
    @click.option("--number", type=int)
    @with_settings
    def command(settings: Settings, number: int) -> None:
        seen.append((settings, number))

    config = tmp_path / "registry.toml"
    config.write_text(f"{SETTINGS}[store]\npath = 'x'\n")
    options = ["--number", "5", "--config", str(config)]
    assert CliRunner().invoke(command, options).exit_code == 0
    assert CliRunner().invoke(command, [*options, "--data", "y"], env={"DER_STORE_PATH": "z"}).exit_code == 0
    assert [(settings.store.path, number) for settings, number in seen] == [(Path("x"), 5), (Path("y"), 5)]
    assert CliRunner().invoke(command, options, env={"DER_STORE_PATHS": "z"}).exit_code == 2
