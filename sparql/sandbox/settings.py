"""How large the sandbox is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """How large the sandbox is.

    Attributes:
        workers: how many queries run at the same time.
        memory: bytes of address space that each worker gets.
        nice: how far workers stand back behind the server.
        most_running: how many queries run or wait, all owners together.
        most_followed: changes after which a worker is replaced, so that its copy stays small.
    """

    workers: int = 4
    memory: int = 2 * 2**30
    nice: int = 5
    most_running: int = 16
    most_followed: int = 50_000
