"""The control socket: for its owner alone, whatever was left there before, and however deep the data lie."""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from recorders import recorder_of

from registry.operations.checkpoints import Checkpoints
from registry.operations.control import NAME, Control, read_line, send_line
from registry.operations.sources import checkpoint_of
from registry.operations.unix_socket import connected
from sparql.embedded import EmbeddedStore


@pytest.fixture(params=["data", "a/" + "long-" * 40 + "name"])
def data(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / str(request.param)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def control(data: Path) -> Iterator[Control]:
    store = EmbeddedStore(data / "store")
    recorder = recorder_of(store, data)
    control = Control(data, Checkpoints(store, recorder, data))
    control.start()
    yield control
    control.close()
    store.close()
    recorder.journal.close()


def asked(data: Path, line: bytes) -> list[dict[str, object]]:
    connection = connected(data / NAME, 5)
    assert connection is not None
    with connection:
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answers:
            return [json.loads(each) for each in answers]


def test_only_its_owner_may_connect(control: Control, data: Path) -> None:
    mode = (data / NAME).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


def test_a_checkpoint_lasts_as_long_as_the_connection(control: Control, data: Path) -> None:
    said: list[str] = []
    with checkpoint_of(data, said.append) as checkpoint:
        assert (checkpoint.folder / "CURRENT").is_file()
        with checkpoint_of(data, said.append) as other:
            assert other.folder != checkpoint.folder
    assert said == ["making a checkpoint of the store"] * 2
    until = time.monotonic() + 5
    while list((data / "checkpoints").iterdir()) and time.monotonic() < until:
        time.sleep(0.01)
    assert list((data / "checkpoints").iterdir()) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [(b'{"command": "stop"}\n', "there is no command 'stop'"), (b"{}\n", "there is no command None")],
)
def test_an_unknown_command_is_told(control: Control, data: Path, line: bytes, words: str) -> None:
    ((answer),) = asked(data, line)
    assert words in str(answer["error"])


@pytest.mark.parametrize("line", [b"nonsense\n", b"[1]\n", b"", b"x" * 100_000])
def test_nonsense_ends_the_connection_and_nothing_else(control: Control, data: Path, line: bytes) -> None:
    with suppress(OSError):  # it may be closed before all was sent
        assert asked(data, line) == []
    assert "error" in asked(data, b"{}\n")[0]


def test_what_a_killed_process_left_is_replaced(data: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    here = os.open(data, os.O_RDONLY)
    left.bind(f"/proc/self/fd/{here}/{NAME}")
    left.close()
    os.close(here)
    (data / "checkpoints" / "old").mkdir(parents=True)
    assert connected(data / NAME, 1) is None
    store = EmbeddedStore(data / "store")
    recorder = recorder_of(store, data)
    control = Control(data, Checkpoints(store, recorder, data))
    control.start()
    connection = connected(data / NAME, 5)
    assert connection is not None
    send_line(connection, {"command": "checkpoint"})
    assert "progress" in read_line(connection)
    assert "checkpoint" in read_line(connection)
    control.close()  # ends the connection, too
    assert connection.recv(1) == b""
    connection.close()
    assert not (data / NAME).exists()
    assert list((data / "checkpoints").iterdir()) == []
    store.close()
    recorder.journal.close()


def test_a_folder_that_takes_no_socket_is_logged_and_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = EmbeddedStore()
    recorder = recorder_of(store, tmp_path)
    control = Control(tmp_path / "missing", Checkpoints(store, recorder, tmp_path))
    control.start()
    control.close()
    assert "there is no control socket" in caplog.text
    recorder.journal.close()
