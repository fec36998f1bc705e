"""The id of the request that a thread works on: in the log, in answers, and in the journal."""

from __future__ import annotations

from contextvars import ContextVar

_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id() -> str | None:
    """Return the id of the request that this thread works on, None outside of one."""
    return _current.get()


def set_request_id(identifier: str) -> None:
    """Note the id of the request that this thread works on from now."""
    _current.set(identifier)
