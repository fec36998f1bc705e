"""Reads Server-Sent Events as a browser does (WHATWG HTML, section 9.2.6), written from the standard alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """A dispatched event: its type, its data, and the last event id when it was dispatched."""

    type: str
    text: str
    id: str

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found


@dataclass
class EventParser:
    """Takes a stream line by line.

    Attributes:
        last_id: what a client would send as Last-Event-ID.
        retry: milliseconds, as the stream has said.
        comments: how many comments there were.
        events: what was dispatched.
    """

    last_id: str = ""
    retry: int | None = None
    comments: int = 0
    events: list[HeardEvent] = field(default_factory=list)
    _type: str = ""
    _data: list[str] = field(default_factory=list)
    _id: str = ""

    def take(self, line: str) -> HeardEvent | None:
        """Take one line without its end; return the event that it dispatches."""
        if not line:
            return self._dispatch()
        if line.startswith(":"):
            self.comments += 1
            return None
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._type = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isdecimal():
            self.retry = int(value)
        return None

    def _dispatch(self) -> HeardEvent | None:
        self.last_id = self._id
        kind, data = self._type or "message", self._data
        self._type, self._data = "", []
        if not data:
            return None
        self.events.append(HeardEvent(kind, "\n".join(data), self.last_id))
        return self.events[-1]


def parse(lines: Iterable[str]) -> EventParser:
    """Read a whole stream."""
    parser = EventParser()
    for line in lines:
        parser.take(line)
    return parser
