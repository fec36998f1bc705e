"""The past in JSON: a device's changes, and the course of a nested object's values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.history.course import Course
from registry.history.device_history import DeviceChange, HistoryPage
from registry.http.hypermedia import RESOURCE

_TITLE = "history"


def history_document(
    page: HistoryPage, size: int, versions: Mapping[str, str], following: str | None
) -> dict[str, Any]:
    """Return some changes of a device with their links.

    Args:
        page: what is answered.
        size: how many were asked for.
        versions: digest of a model -> its version.
        following: the query string of the next page; None if there is none.
    """
    path = f"{RESOURCE}/{page.device}"
    links = {"parent": {"title": RESOURCE, "href": path}, "self": {"title": _TITLE, "href": f"{path}/{_TITLE}"}}
    if following is not None:
        links["next"] = {"title": "next page", "href": f"{path}/{_TITLE}?{following}"}
    items = [_item(each, versions) for each in page.changes]
    return {"_items": items, "_links": links, "_meta": {"max_results": size}}


def object_history_document(course: Course) -> dict[str, Any]:
    """Return the course of an object's values."""
    path = f"{RESOURCE}/{course.device}"
    fields = {
        name: {**({"unit": field.unit} if field.unit else {}), **field.series.document()}
        for name, field in course.fields.items()
    }
    return {
        "device_id": course.device,
        "object": course.name,
        "from": course.start,
        "to": course.end,
        "fields": fields,
        "_links": {
            "parent": {"title": RESOURCE, "href": path},
            "self": {"title": _TITLE, "href": f"{path}/{course.name}/{_TITLE}"},
        },
    }


def _item(change: DeviceChange, versions: Mapping[str, str]) -> dict[str, Any]:
    return {
        "number": change.number,
        "time": change.time,
        "what": change.what,
        "kind": change.kind,
        "by": change.by,
        **({"request": change.request} if change.request is not None else {}),
        "model": versions[change.model],
        "changes": change.changes,
    }
