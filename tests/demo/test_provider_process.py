"""The demo's OpenID provider as a process: where it listens, when it ends, and the command that asks it for tokens."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from free_ports import free_port
from provider_process import ROOT, WITHIN, command, running, wait_until

from demo.cooperatives import COOPERATIVES
from demo.provider import issuers
from demo.provider.client import TokenRefused, code_token
from registry.cli.token import token as token_command
from registry.principal import Role
from registry.tokens.verifier import TokenVerifier

GIRONA, HEETEN = COOPERATIVES
HOUSEHOLD = GIRONA.households[0]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = free_port()
    with running(port):
        yield port


@pytest.fixture
def verifier(port: int) -> TokenVerifier:
    return TokenVerifier(issuers(port))


def test_unknown_person_is_told(port: int) -> None:
    with pytest.raises(TokenRefused, match="'nobody'"):
        code_token(f"http://127.0.0.1:{port}/{GIRONA.slug}", "nobody")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_other_than_loopback_is_refused(host: str) -> None:
    done = subprocess.run(
        command(free_port(), "--host", host), cwd=ROOT, capture_output=True, text=True, timeout=WITHIN, check=False
    )
    assert done.returncode == 2
    assert "loopback" in done.stderr


def test_port_that_is_taken_is_told(port: int) -> None:
    done = subprocess.run(command(port), cwd=ROOT, capture_output=True, text=True, timeout=WITHIN, check=False)
    assert done.returncode == 1
    assert str(port) in done.stderr


STARTER = """
import os, subprocess, sys, time
subprocess.Popen([*sys.argv[1:], "--parent", str(os.getpid())])
time.sleep(600)
"""


def test_it_ends_when_its_parent_is_killed() -> None:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", STARTER, *command(port)], cwd=ROOT) as parent:
        try:
            wait_until(port, True)
        finally:
            parent.send_signal(signal.SIGKILL)
    wait_until(port, False)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["aggregator"], (Role.AGGREGATOR, GIRONA.aggregator_id, None)),
        (["AGGREGATOR", "--aggregator", HEETEN.aggregator_id], (Role.AGGREGATOR, HEETEN.aggregator_id, None)),
        (["prosumer"], (Role.PROSUMER, GIRONA.aggregator_id, HOUSEHOLD.account_id)),
        (
            ["prosumer", "--aggregator", HEETEN.slug, "--account", HEETEN.households[3].account_id.upper()],
            (Role.PROSUMER, HEETEN.aggregator_id, HEETEN.households[3].account_id),
        ),
        (["service"], (Role.SERVICE, None, None)),
        (["engineer"], (Role.ENGINEER, None, None)),
    ],
    ids=str,
)
def test_token_command_prints_a_token(
    port: int, verifier: TokenVerifier, arguments: list[str], expected: tuple[Role, str | None, str | None]
) -> None:
    result = CliRunner().invoke(token_command, [*arguments, "--port", str(port - 1)])
    assert (result.exit_code, result.output.count("\n")) == (0, 1)
    principal = verifier.verify(result.output.strip())
    assert (principal.role, principal.aggregator_id, principal.account_id) == expected


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["emperor"], 2, "prosumer"),
        (["aggregator", "--aggregator", "unknown"], 2, HEETEN.aggregator_id),
        (["prosumer", "--account", HEETEN.households[0].account_id], 2, HOUSEHOLD.account_id),
        (["service", "--aggregator", GIRONA.slug], 2, "--aggregator is for"),
        (["aggregator", "--account", HOUSEHOLD.account_id], 2, "--account is for"),
        (["service", "--port", "65534"], 1, "der-registry serve --demo --port 65534"),
    ],
    ids=str,
)
def test_token_command_tells_what_is_wrong(arguments: list[str], code: int, told: str) -> None:
    result = CliRunner().invoke(token_command, arguments)
    assert result.exit_code == code
    assert told in result.output
