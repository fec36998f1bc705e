"""The settings of the query endpoint: what each role's queries may use, and how large the sandbox is."""

from __future__ import annotations

from pydantic import Field

from registry.issuer_settings import Number, Section
from registry.principal import Role
from sparql.query_engine import Limits

_MIB = 2**20


def _seconds(default: int) -> int:
    found: int = Field(default, ge=1, le=3600, description="seconds from 1 to 3600")
    return found


def _rows(default: int) -> int:
    found: int = Field(default, ge=1, le=10**9, description="a number of rows from 1 to 1000000000")
    return found


def _bytes(default: int) -> int:
    found: int = Field(default, ge=1024, le=2**40, description="bytes of a result, from 1024 to 1099511627776")
    return found


def _running(default: int) -> int:
    found: int = Field(default, ge=1, le=64, description="a number of queries from 1 to 64")
    return found


class QuerySettings(Section):
    """What the queries of each role may use (decision D9)."""

    prosumer_seconds: Number = _seconds(5)
    prosumer_rows: Number = _rows(10_000)
    prosumer_bytes: Number = _bytes(10 * _MIB)
    prosumer_running: Number = _running(2)
    aggregator_seconds: Number = _seconds(30)
    aggregator_rows: Number = _rows(1_000_000)
    aggregator_bytes: Number = _bytes(256 * _MIB)
    aggregator_running: Number = _running(3)
    service_seconds: Number = _seconds(300)
    service_rows: Number = _rows(10_000_000)
    service_bytes: Number = _bytes(1024 * _MIB)
    service_running: Number = _running(8)
    engineer_seconds: Number = _seconds(30)
    engineer_rows: Number = _rows(100_000)
    engineer_bytes: Number = _bytes(64 * _MIB)
    engineer_running: Number = _running(2)

    def limits(self, role: Role) -> Limits:
        """Return what one query of `role` may use."""
        seconds, rows, size = (getattr(self, f"{role}_{what}") for what in ("seconds", "rows", "bytes"))
        return Limits(seconds=float(seconds), rows=rows, size=size)

    def most_running(self, role: Role) -> int:
        """Return how many queries a caller with `role` may have running."""
        number: int = getattr(self, f"{role}_running")
        return number


class SandboxSection(Section):
    """The worker processes that run queries (decision D7)."""

    workers: Number = Field(4, ge=1, le=64, description="a number of processes from 1 to 64")
    memory: Number = Field(
        2048 * _MIB, ge=256 * _MIB, le=2**40, description="bytes of address space, from 268435456 to 1099511627776"
    )
    nice: Number = Field(5, ge=0, le=19, description="a niceness from 0 to 19")
    most_running: Number = Field(16, ge=1, le=256, description="a number of queries from 1 to 256")
