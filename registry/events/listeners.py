"""How many listen at the same time: of one principal, and altogether."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TypeAlias

from registry.errors import ServiceUnavailable, TooManyRequests
from registry.principal import Principal

AGAIN = 30
"""Seconds after which it makes sense to try again."""

Name: TypeAlias = tuple[str, str, str]


class Listeners:
    """Counts listeners; may be used by many threads.

    Args:
        most: how many there may be altogether.
        most_each: how many one principal may have.
    """

    def __init__(self, most: int, most_each: int) -> None:
        self._most = most
        self._most_each = most_each
        self._lock = threading.Lock()
        self._counts: Counter[Name] = Counter()

    def enter(self, principal: Principal) -> Name:
        """Count one more listener; return the name by which it leaves.

        Raises:
            TooManyRequests: the principal has as many as it may.
            ServiceUnavailable: there are as many as there may be.
        """
        name = (principal.issuer, principal.role.value, principal.subject)
        with self._lock:
            if self._counts[name] >= self._most_each:
                message = f"You have {self._most_each} streams of events open already, as many as you may"
                raise TooManyRequests(message, headers={"Retry-After": str(AGAIN)})
            if self._counts.total() >= self._most:
                message = "As many listen to events as the server allows"
                raise ServiceUnavailable(message, headers={"Retry-After": str(AGAIN)})
            self._counts[name] += 1
        return name

    def leave(self, name: Name) -> None:
        """Count one less."""
        with self._lock:
            self._counts[name] -= 1
            if not self._counts[name]:
                del self._counts[name]
