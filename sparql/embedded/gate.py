"""Lets any number use something at a time, or one alone. It knows nothing of what that is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Who uses something, and whether somebody wants it alone."""

    def __init__(self) -> None:
        self._users = 0
        self._alone = False
        self._changed = threading.Condition()

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Use it beside others, as soon as nobody has it or wants it alone. Not to be taken twice by one thread."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._users += 1
        try:
            yield
        finally:
            with self._changed:
                self._users -= 1
                if self._alone:
                    self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Have it alone: wait for those who use it, and let nobody else begin for as long as this lasts."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._alone = True
            self._changed.wait_for(lambda: not self._users)
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()
