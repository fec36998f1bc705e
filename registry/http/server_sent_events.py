"""The text of Server-Sent Events (WHATWG HTML, section 9.2.6).

Data is one line of JSON. Of several events of one change only the last has the id, so that a client that lost its
connection between them hears of all again.
"""

from __future__ import annotations

import json

from registry.events.event import Event, Told
from registry.events.reader import EventReader

MEDIA_TYPE = "text/event-stream"


def write_event(event: Event, identifier: str | None = None) -> bytes:
    """Return the text of an event."""
    data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
    head = f"id: {identifier}\n" if identifier else ""
    return f"{head}event: {event.type}\ndata: {data}\n\n".encode()


def write_told(reader: EventReader, told: Told) -> bytes:
    """Return the text of what is heard of one change; nothing of one that does not concern the reader's audience."""
    if not told.events:
        return b""
    *others, last = told.events
    return b"".join(map(write_event, others)) + write_event(last, reader.identifier(told.cursor))


def write_beginning(retry: int, identifier: str) -> bytes:
    """Return what a stream begins with: after how many ms to come back, and the id of the place where it begins.

    A block without data dispatches no event, but its id is kept (section 9.2.6).
    """
    return f"retry: {retry}\nid: {identifier}\n\n".encode()


def write_heartbeat(identifier: str | None) -> bytes:
    """Return a comment, and the id of a place that was passed without an event, if there is one."""
    return b":\n\n" if identifier is None else f":\nid: {identifier}\n\n".encode()
