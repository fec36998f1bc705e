"""Ports for servers under test."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

LOWEST, HIGHEST = 20_000, 32_000
"""Below the ports that systems give to outgoing connections, which come and go while tests run beside each other."""


def free_port(count: int = 1) -> int:
    """Return the first of `count` ports in a row that are free on 127.0.0.1."""
    while True:
        first = random.SystemRandom().randrange(LOWEST, HIGHEST)
        with ExitStack() as stack:
            try:
                for number in range(first, first + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", number))
            except OSError:
                continue
            return first
