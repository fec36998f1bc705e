"""A number that costs something to find out, and so is found out now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Seldom:
    """Gives what `read` found, and asks it again only after a while.

    Args:
        read: finds the number.
        seconds: how old it may be.
        clock: gives seconds that never go back.
    """

    def __init__(self, read: Callable[[], float], seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._seconds = seconds
        self._clock = clock
        self._reading = threading.Lock()
        self._found: tuple[float, float] | None = None

    def __call__(self) -> float:
        """Return the number."""
        with self._reading:
            now = self._clock()
            if self._found is None or now - self._found[0] >= self._seconds:
                self._found = now, self._read()
            return self._found[1]
