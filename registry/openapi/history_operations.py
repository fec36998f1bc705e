"""The operations about the past: a device's changes, and the course of a nested object's values."""

from __future__ import annotations

from registry.access import ALLOWED
from registry.access import Operation as Deed
from registry.history.object_history import MOST_ENTRIES
from registry.history.values import MOST_VALUES
from registry.http.history import MOST_POINTS
from registry.openapi.answers import answer, facade_content, query_failures
from registry.openapi.operations import PathItem, head, operation, options
from registry.openapi.parameters import query, reference
from registry.profile import Profile

TAG = "History"
_TIME = {"type": "string", "format": "date-time"}
_HEADERS = ("ETag", "Link", "Cache-Control", "Expires")
_UNCHANGED = answer("It has not changed.", None, _HEADERS)


def history_paths(profile: Profile) -> dict[str, PathItem]:
    """Return the paths of the past."""
    return {
        "/1/devices/{device_id}/history": _changes(),
        "/1/devices/{device_id}/{object_name}/history": _course(profile),
    }


def _changes() -> PathItem:
    before = {"type": "integer", "minimum": 1}
    get = operation(
        "deviceHistory",
        TAG,
        "Who changed what of a device",
        {"200": answer("Changes, the latest first.", facade_content("History"), _HEADERS), "304": _UNCHANGED}
        | query_failures(400, 404),
        description=(
            "The changes that show in your view. A device that left it keeps its history there, up to its leaving. "
            "Link leads to the next page (rel=next)."
        ),
        roles=ALLOWED[Deed.READ],
        parameters=[
            query("before", "Only changes with a smaller `number` than this.", before),
            reference("max_results"),
            reference("If-None-Match"),
        ],
    )
    return {
        "parameters": [reference("device_id")],
        "get": get,
        "head": head(get),
        "options": options("deviceHistory", failures=query_failures()),
    }


def _course(profile: Profile) -> PathItem:
    name = {
        "name": "object_name",
        "in": "path",
        "required": True,
        "description": "A nested object of devices.",
        "schema": {"type": "string", "enum": list(profile.objects)} if profile.objects else {"type": "string"},
    }
    points = {"type": "integer", "minimum": 1, "maximum": MOST_POINTS}
    get = operation(
        "objectHistory",
        TAG,
        "The course of a nested object's values",
        {"200": answer("The values.", facade_content("ObjectHistory"), _HEADERS), "304": _UNCHANGED}
        | query_failures(400, 404, 410),
        description=(
            "Each field begins with the value that was in force at `from`. With `points` the time is divided into so "
            "many spans of equal length: of numbers the least, the greatest, the mean weighted by time and the last, "
            f"of other values the last, and how often they changed. At most {MOST_ENTRIES:,} changes are read, and "
            f"without `points` at most {MOST_VALUES:,} values of a field are told."
        ),
        roles=ALLOWED[Deed.READ],
        parameters=[
            query("from", "The first time. Without it: when the device came into your view.", _TIME),
            query("to", "The last time. Without it: now.", _TIME),
            query("points", "How many spans.", points),
            query("fields", "Which members, separated by commas. Without it: all.", {"type": "string"}),
            reference("If-None-Match"),
        ],
    )
    return {
        "parameters": [reference("device_id"), name],
        "get": get,
        "head": head(get),
        "options": options("objectHistory", failures=query_failures()),
    }
