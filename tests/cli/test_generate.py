"""`der-registry generate`, in the process and as one."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from demo.households import devices
from registry.cli.generate import generate, write_lines

PROGRAM = [sys.executable, "-c", "from registry.cli.generate import generate; generate()"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_writes_one_document_a_line() -> None:
    result = CliRunner().invoke(generate, ["--devices", "40", "--aggregators", "3", "--seed", "9"])
    assert result.exit_code == 0
    assert [json.loads(line) for line in result.stdout.splitlines()] == list(devices(40, 3, 9))
    assert result.stderr == ""


def test_no_devices_are_no_lines() -> None:
    result = CliRunner().invoke(generate, ["--devices", "0"])
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.parametrize(
    "arguments", [["--devices", "-1"], ["--aggregators", "0"], ["--seed", "x"], ["--devices", "1.5"]], ids=" ".join
)
def test_a_senseless_option_is_named(arguments: list[str]) -> None:
    result = CliRunner().invoke(generate, arguments)
    assert result.exit_code == 2
    assert f"Invalid value for '{arguments[0]}'" in result.stderr
    assert result.stdout == ""


def test_lines_are_utf_8_whatever_the_locale() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from registry.cli.generate import *; write_lines([{'a': chr(233)}], sys.stdout.buffer)",
        ],
        env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        check=True,
        capture_output=True,
    )
    assert done.stdout == '{"a":"é"}\n'.encode()


def test_a_line_break_in_a_value_does_not_break_the_line() -> None:
    stream = io.BytesIO()
    write_lines([{"a": "b\nc"}, {}], stream)
    assert stream.getvalue() == b'{"a":"b\\nc"}\n{}\n'


def test_a_reader_that_stops_early_ends_the_run_quietly() -> None:
    with subprocess.Popen(
        [*PROGRAM, "--devices", "1000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = json.loads(process.stdout.readline())
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0
    assert first == next(devices(1, 2, 1))


def test_a_terminal_is_shown_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("registry.cli.generate.sys.stderr", terminal)
    generate.main(["--devices", "25"], standalone_mode=False)
    assert terminal.getvalue().endswith("25 of 25 devices\n")
