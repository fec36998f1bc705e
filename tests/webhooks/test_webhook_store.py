"""The webhooks' file: a kill while it is made leaves one that opens, and a webhook is on the disk when acknowledged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from registry.webhooks.webhook_store import WebhookStore

MAKING = """
import os, signal, sqlite3, sys
from pathlib import Path
from registry.journal import database
from registry.webhooks import webhook_store

beginning, connect = sys.argv[2], sqlite3.connect

class Watched:
    def __init__(self, connection):
        self._connection = connection
    def execute(self, text, *parameters):
        if text.strip().startswith(beginning):
            os.kill(os.getpid(), signal.SIGKILL)
        return self._connection.execute(text, *parameters)
    def __getattr__(self, name):
        return getattr(self._connection, name)

sqlite3.connect = lambda *given, **named: Watched(connect(*given, **named))
webhook_store.WebhookStore(Path(sys.argv[1]))
"""


@pytest.mark.parametrize(
    "beginning", ["PRAGMA journal_mode", "BEGIN", "CREATE TABLE", "PRAGMA user_version =", "COMMIT"]
)
def test_a_kill_while_it_is_made_leaves_a_file_that_opens(tmp_path: Path, beginning: str) -> None:
    path = tmp_path / "webhooks.sqlite"
    made = subprocess.run(
        [sys.executable, "-c", MAKING, str(path), beginning], cwd=Path(__file__).parents[2], check=False
    )
    assert made.returncode == -signal.SIGKILL
    store = WebhookStore(path)
    assert store.all() == []
    store.close()
    assert os.stat(path).st_mode & 0o077 == 0


def test_that_a_webhook_is_there_is_synced_and_its_place_is_not(tmp_path: Path) -> None:
    store = WebhookStore(tmp_path / "webhooks.sqlite")
    said: list[str] = []
    store._connection.set_trace_callback(said.append)
    store.remove("nobody")
    store.resume("nobody")
    store.close()
    assert [text for text in said if "synchronous" in text] == [
        "PRAGMA synchronous = FULL",
        "PRAGMA synchronous = NORMAL",
    ]
