"""The operations on the availability windows of a device."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from registry import access
from registry.access import ALLOWED
from registry.calendars import read_windows
from registry.calendars.icalendar_reading import LARGEST
from registry.calendars.icalendar_writing import to_icalendar
from registry.http.availability import ICALENDAR, LONGEST
from registry.http.representation import JSON
from registry.openapi.answers import answer, facade_content, facade_failures
from registry.openapi.device_operations import TAG
from registry.openapi.operations import Operation, PathItem, head, operation, options
from registry.openapi.parameters import query, reference
from registry.openapi.samples import SAMPLE_WINDOWS
from registry.openapi.schemas import schema_reference
from registry.profile import Profile

_CHANGE = (400, 404, 408, 411, 412, 413, 422, 428)
_TEXT = {"type": "string"}
_EXAMPLE = to_icalendar(
    read_windows(SAMPLE_WINDOWS), "https://example.com/windows", datetime(2026, 11, 25, tzinfo=UTC)
).decode()
_EVENTS = f"""\
A window is a VEVENT, or an AVAILABLE of a VAVAILABILITY (RFC 7953). A rule of recurrence may be weekly or daily, with
BYDAY, UNTIL or COUNT; `X-FLEXCOOP-POWER-KW` is the available power. What windows can't express (other rules, EXDATE,
tasks) is refused with the component named. At most {LARGEST:,} bytes."""


def availability_paths(profile: Profile) -> dict[str, PathItem]:
    """Return the path of a device's windows; none where the model has no field for them."""
    if profile.calendar_field is None:
        return {}
    get = _get()
    return {
        "/1/devices/{device_id}/availability": {
            "parameters": [reference("device_id")],
            "get": get,
            "head": head(get),
            "put": _replace(),
            "delete": _delete(),
            "options": options("getAvailability", failures=facade_failures()),
        }
    }


def _get() -> Operation:
    moment = {"type": "string", "format": "date-time"}
    about = f"A moment with an offset; `from` and `to` belong together, and are at most {LONGEST.days} days apart."
    headers = ["ETag", "Cache-Control", "Last-Modified"]
    content = {**facade_content("Availability"), ICALENDAR: _TEXT}
    parameters = [
        query("from", f"From when spans are wanted. {about}", moment),
        query("to", f"Until when spans are wanted. {about}", moment),
        *map(reference, ("If-None-Match", "If-Modified-Since")),
    ]
    return operation(
        "getAvailability",
        TAG,
        "When a device can be used",
        {
            "200": answer("The windows, and the spans that they add up to.", content, headers),
            "304": answer("The device has not changed.", None, headers),
        }
        | facade_failures(400, 404),
        description=(
            "Where windows overlap the greatest power counts. A device without windows can be used always. "
            f"As `{ICALENDAR}` each window is an event."
        ),
        roles=ALLOWED[access.Operation.READ],
        parameters=parameters,
    )


def _replace() -> Operation:
    windows: dict[str, Any] = {"type": "array", "items": schema_reference("AvailabilityWindow")}
    whole = {"type": "object", "required": ["windows"], "properties": {"windows": windows}}
    written = {"schema": {"anyOf": [windows, whole]}, "example": SAMPLE_WINDOWS}
    zone = "The time zone of days and times without one in a calendar; else its X-WR-TIMEZONE."
    return operation(
        "replaceAvailability",
        TAG,
        "Say when a device can be used",
        {"200": answer("It was changed, or was so already.", facade_content("Availability"), ["ETag"])}
        | facade_failures(*_CHANGE),
        description=f"An empty list means always, as DELETE does.\n\n{_EVENTS}",
        roles=ALLOWED[access.Operation.CHANGE],
        parameters=[query("time_zone", zone, _TEXT), reference("If-Match")],
        body={"required": True, "content": {JSON: written, ICALENDAR: {"schema": _TEXT, "example": _EXAMPLE}}},
    )


def _delete() -> Operation:
    return operation(
        "deleteAvailability",
        TAG,
        "Take all windows of a device away: it can be used always",
        {"204": answer("There are none.", None, ["ETag"])} | facade_failures(404, 412, 422, 428),
        roles=ALLOWED[access.Operation.CHANGE],
        parameters=[reference("If-Match")],
    )
