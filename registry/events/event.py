"""An event, and what becomes of one change: the events by which a listener hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from registry.events.cursor import Cursor

RESET = "reset"
EXPIRED = "expired"


class Reason(StrEnum):
    """Why a listener has to read anew what it listens to."""

    RETENTION = "retention"
    UNKNOWN = "unknown"
    MODEL = "model"


_WORDS = {
    Reason.RETENTION: "Changes since then are not kept any more",
    Reason.UNKNOWN: "The id is none of this registry's, or of another view",
    Reason.MODEL: "Another model is in force, by which other devices may meet the conditions",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        type: an EventType, RESET or EXPIRED.
        data: what it says, as JSON.
    """

    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What a listener hears of one change: nothing, one event, or a publish and that it must read anew.

    Attributes:
        before: the cursor before the change.
        cursor: the cursor after it.
        events: the events in their order.
    """

    before: Cursor
    cursor: Cursor
    events: tuple[Event, ...]


def reset(reason: Reason) -> Event:
    """Return the event that tells a listener to read anew; what follows goes on from now."""
    return Event(RESET, {"reason": reason.value, "message": f"{_WORDS[reason]}: read the list of devices again"})
