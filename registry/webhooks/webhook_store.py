"""The webhooks in a file of their own, `webhooks.sqlite`, with the place that each has come to.

Beside the journal and not in it: a delivery notes its place many times a second, and must not hold up those who change
devices. A place that a power cut takes back means that an event is delivered again, not that one is lost. That a
webhook is there, or gone, is on the disk before it is acknowledged.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from registry.errors import ServiceUnavailable
from registry.events.cursor import Cursor
from registry.events.subscription import EventType, Subscription
from registry.journal.database import transaction
from registry.webhooks.webhook import Owner, State, Webhook

_VERSION = 1
_TABLE = """
CREATE TABLE webhook (
    id TEXT PRIMARY KEY, issuer TEXT NOT NULL, subject TEXT NOT NULL, url TEXT NOT NULL, types TEXT NOT NULL,
    class TEXT, conditions TEXT, diff INTEGER NOT NULL, secret TEXT NOT NULL, created REAL NOT NULL,
    devices INTEGER NOT NULL, models INTEGER NOT NULL, attempts INTEGER NOT NULL, failing_since REAL,
    next_attempt REAL NOT NULL, suspended INTEGER NOT NULL, error TEXT
)
"""
_STATE = "devices = ?, models = ?, attempts = ?, failing_since = ?, next_attempt = ?, suspended = ?, error = ?"


class WebhookStore:
    """The webhooks in the file `path`, made when missing; may be used by many threads."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA secure_delete = ON")
        ((version,),) = self._connection.execute("PRAGMA user_version")
        if version == 0:
            with transaction(self._connection):  # a process that is killed here leaves no table without a version
                self._connection.execute(_TABLE)
                self._connection.execute(f"PRAGMA user_version = {_VERSION}")
        elif version != _VERSION:
            raise ServiceUnavailable(f"{path} is of version {version}, this software reads version {_VERSION}")

    def all(self) -> list[Webhook]:
        """Return all webhooks."""
        return self._webhooks("SELECT * FROM webhook ORDER BY created, id")

    def of(self, owner: Owner) -> list[Webhook]:
        """Return the webhooks of one owner."""
        return self._webhooks(
            "SELECT * FROM webhook WHERE issuer = ? AND subject = ? ORDER BY created, id", (owner.issuer, owner.subject)
        )

    def get(self, identifier: str) -> Webhook | None:
        """Return the webhook with this id."""
        return next(iter(self._webhooks("SELECT * FROM webhook WHERE id = ?", (identifier,))), None)

    def add(self, webhook: Webhook) -> None:
        """Keep a new webhook, on the disk when this returns."""
        asked, owner = webhook.subscription, webhook.owner
        whose = (webhook.id, owner.issuer, owner.subject, webhook.url, json.dumps(sorted(asked.types)))
        what = (asked.class_name, asked.where, asked.diff, webhook.secret, webhook.created)
        with self._cursor(durable=True) as cursor:
            cursor.execute(f"INSERT INTO webhook VALUES ({', '.join('?' * 17)})", (*whose, *what, *_row(webhook.state)))

    def note(self, identifier: str, state: State) -> bool:
        """Note how far a webhook has come; tell whether it is still there."""
        with self._cursor() as cursor:
            cursor.execute(f"UPDATE webhook SET {_STATE} WHERE id = ?", (*_row(state), identifier))
            return cursor.rowcount > 0

    def resume(self, identifier: str) -> None:
        """Have a webhook tried again at once, from the place that it has come to."""
        text = "attempts = 0, failing_since = NULL, next_attempt = 0, suspended = 0, error = NULL"
        with self._cursor() as cursor:
            cursor.execute(f"UPDATE webhook SET {text} WHERE id = ?", (identifier,))

    def remove(self, identifier: str) -> None:
        """Forget a webhook, also on the disk when this returns."""
        with self._cursor(durable=True) as cursor:
            cursor.execute("DELETE FROM webhook WHERE id = ?", (identifier,))

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._connection.close()

    def _webhooks(self, query: str, parameters: Sequence[object] = ()) -> list[Webhook]:
        with self._cursor() as cursor:
            return [_webhook(row) for row in cursor.execute(query, parameters)]

    @contextmanager
    def _cursor(self, *, durable: bool = False) -> Iterator[sqlite3.Cursor]:
        with self._lock:
            try:
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                yield self._connection.cursor()
            except sqlite3.Error as error:
                raise ServiceUnavailable(
                    "The webhooks can't be read or written for now", headers={"Retry-After": "5"}
                ) from error


def _row(state: State) -> tuple[Any, ...]:
    place = (state.cursor.devices, state.cursor.models)
    return (*place, state.attempts, state.failing_since, state.next_attempt, state.suspended, state.error)


def _webhook(row: Sequence[Any]) -> Webhook:
    identifier, issuer, subject, url, types, class_name, where, diff, secret, created, *rest = row
    devices, models, attempts, failing_since, next_attempt, suspended, error = rest
    return Webhook(
        id=identifier,
        owner=Owner(issuer, subject),
        url=url,
        subscription=Subscription(frozenset(map(EventType, json.loads(types))), class_name, where, bool(diff)),
        secret=secret,
        created=created,
        state=State(
            cursor=Cursor(devices, models),
            attempts=attempts,
            failing_since=failing_since,
            next_attempt=next_attempt,
            suspended=bool(suspended),
            error=error,
        ),
    )
