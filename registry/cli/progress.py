"""How far a long command is, on standard error: a line that renews itself on a terminal, else one now and then."""

from __future__ import annotations

import time
from typing import IO

EVERY_ON_TERMINAL = 0.2
EVERY = 10.0
"""Seconds between two lines."""


class Progress:
    """Shows a count of devices.

    Args:
        stream: where to.
        total: how many there will be, if that is known.
    """

    def __init__(self, stream: IO[str], total: int | None = None) -> None:
        self._stream = stream
        self._total = "" if total is None else f" of {total:,}"
        self._terminal = stream.isatty()
        self._start = self._shown = time.monotonic()
        self._open = False

    def show(self, count: int, verb: str, what: str = "devices") -> None:
        """Show how many devices, or what else, are done, if it is time to; `verb` says what was done with them."""
        now = time.monotonic()
        if now - self._shown < (EVERY_ON_TERMINAL if self._terminal else EVERY):
            return
        self._shown = now
        text = f"{count:,}{self._total} {what} {verb}, {count / (now - self._start):,.0f} a second"
        self._stream.write(f"\r{text}\x1b[K" if self._terminal else f"{text}\n")
        self._stream.flush()
        self._open = self._terminal

    def say(self, line: str) -> None:
        """Write a line of its own."""
        self.clear()
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the count off the terminal."""
        if self._open:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._open = False

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start
