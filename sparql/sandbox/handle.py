"""The server's end of one worker: starts it on a copy of the store, brings the copy up to date, asks, kills."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sparql import query_engine
from sparql.embedded import EmbeddedStore
from sparql.query_engine import (
    EngineFailure,
    EngineUnavailable,
    Limits,
    OutOfMemory,
    Query,
    QueryCancelled,
    QueryError,
    QueryTimeout,
    Result,
    ResultKind,
)
from sparql.sandbox.channel import ChannelClosed, ChannelTimeout, receive, send

_PANIC = b"correctly implement a total order"
_ADVICE = "the engine fails on sorting values of different kinds; sort by their text instead: ORDER BY STR(?value)"
_START_WITHIN = 20.0
_LAST_WORDS = "last-words"
"""The file that gets what the engine says when it crashes; it may hold what was asked, so it is no log."""
_MOST_TO_SEND = 2**20
"""Characters of changes that are worth sending; escaped they stay below what a message may have."""


class Worker:
    """One worker process with its copy of the store. Used by one thread at a time; `kill` by any.

    Args:
        store: the store to copy.
        folder: a new folder for the copy and for results.
        memory: bytes of address space that the process gets.
        nice: how far it stands back behind others.

    Raises:
        EngineUnavailable: the process doesn't start.
    """

    def __init__(self, store: EmbeddedStore, folder: Path, *, memory: int, nice: int) -> None:
        self._store = store
        self._folder = folder
        folder.mkdir(parents=True)
        self.sequence = store.checkpoint(folder / "store")
        self.started = time.monotonic()
        self.followed = 0
        self.cancelled = False
        self._broken = False
        self._asked = 0
        command = [sys.executable, "-P", "-m", "sparql.sandbox.worker", str(folder / "store")]
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [*command, "--memory", str(memory), "--nice", str(nice), "--last-words", str(folder / _LAST_WORDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "RUST_BACKTRACE": "0"},
        )
        assert self._process.stdin is not None  # noqa: S101  both are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        self.sockets_denied_by = self._hello()

    def _hello(self) -> str | None:
        try:
            hello, _ = receive(self._from, until=time.monotonic() + _START_WITHIN)
        except (ChannelClosed, ChannelTimeout) as error:
            self.end()
            raise EngineUnavailable("a query worker does not start") from error
        by: str | None = hello["sockets_denied_by"]
        return by

    @property
    def behind(self) -> int | None:
        """How many changes its copy has not seen; None when it can't catch up any more, or a new copy is less work."""
        changes = self._store.changes_since(self.sequence)
        return None if changes is None or sum(map(len, changes)) > _MOST_TO_SEND else len(changes)

    def follow(self, *, until: float) -> None:
        """Bring the copy up to date.

        Raises:
            EngineUnavailable: it can't catch up; a new worker is needed.
        """
        changes = self._changes()
        if changes:
            self._exchange({"changes": changes}, until)

    def run(self, query: Query, limits: Limits, *, until: float) -> Result:
        """Run `query` on a copy that has every change made before this call.

        Raises:
            QueryError: it has no result. The worker can be used again unless it was killed for it.
        """
        self._asked += 1
        file = self._folder / f"result-{self._asked}"
        asked = {
            "changes": self._changes(),
            "limits": {"seconds": limits.seconds, "rows": limits.rows, "size": limits.size},
            "file": str(file),
            "query": {
                "text": query.text,
                "default": query.dataset.default,
                "named": query.dataset.named,
                "media_types": dict(query.media_types),
                "prefixes": _prefixes(query),
                "base": query.base,
            },
        }
        answer, payload = self._exchange(asked, until)
        if "error" in answer:
            raise _error(answer)
        stream = None
        if not answer["inline"]:
            stream = file.open("rb")
            file.unlink()
        return Result(
            kind=ResultKind(answer["kind"]),
            media_type=str(answer["media_type"]),
            size=int(answer["size"]),
            rows=int(answer["rows"]),
            seconds=float(answer["seconds"]),
            content=payload if stream is None else None,
            file=stream,
        )

    @property
    def alive(self) -> bool:
        """Whether the process still runs and was not killed."""
        return not self.cancelled and not self._broken and self._process.poll() is None

    def cancel(self) -> None:
        """Stop what it does, for good: whoever waits for it gets QueryCancelled."""
        self.cancelled = True
        self._process.kill()

    def end(self) -> None:
        """End the process and remove its copy."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _changes(self) -> list[str]:
        changes = self._store.changes_since(self.sequence)
        if changes is None or sum(map(len, changes)) > _MOST_TO_SEND:
            raise EngineUnavailable("the worker's copy is too old")
        self.sequence += len(changes)
        self.followed += len(changes)
        return changes

    def _exchange(self, message: Mapping[str, Any], until: float) -> tuple[dict[str, Any], bytes]:
        try:
            send(self._to, message)
            return receive(self._from, until=until)
        except ChannelTimeout:
            self._broken = True
            self._process.kill()
            raise QueryTimeout("the query took longer than it may") from None
        except ChannelClosed:
            self._broken = True
            if self.cancelled:
                raise QueryCancelled("the query was stopped") from None
            raise self._cause_of_death() from None

    def _cause_of_death(self) -> QueryError:
        if self._process.wait() == -signal.SIGSEGV:
            return OutOfMemory("the query is nested too deeply, or has too many parts, for the engine")
        if _PANIC in self._last_words():
            return EngineFailure(_ADVICE)
        return OutOfMemory("the query needs more memory than a query gets")

    def _last_words(self) -> bytes:
        try:
            with (self._folder / _LAST_WORDS).open("rb") as file:
                return file.read(64 * 1024)
        except OSError:
            return b""


def _prefixes(query: Query) -> dict[str, str]:
    """Return the prefixes that the text can use: the engine reads each one anew, which short queries feel."""
    if "\\" in query.text:  # a name may be written in escapes
        return dict(query.prefixes)
    return {prefix: name for prefix, name in query.prefixes.items() if f"{prefix}:" in query.text}


def _error(answer: Mapping[str, Any]) -> QueryError:
    kind = getattr(query_engine, str(answer["error"]), QueryError)
    known = isinstance(kind, type) and issubclass(kind, QueryError)
    error: QueryError = (kind if known else QueryError)(str(answer["message"]))
    return error
