"""What a caller of a registry in this process hears: the stream up to now, which ends where there is no loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from event_parser import EventParser, parse
from stand import Caller, Stand

Snapshot = dict[str, dict[str, Any]]
MARKS = ("_etag", "_id", "_links")


def hear(stand: Stand, caller: Caller, since: str = "", parameters: Mapping[str, str] | None = None) -> EventParser:
    """Return what `caller` hears since an event's id; without one nothing, but for the id of now."""
    headers = {"Last-Event-ID": since} if since else {}
    answer = stand.get(f"/events?{urlencode(parameters or {})}", caller, headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream"), answer.text
    return parse(answer.text.split("\n"))


def now(stand: Stand, caller: Caller) -> str:
    """Return the id of the place after all that `caller` could have heard of."""
    return hear(stand, caller).last_id


def told(heard: EventParser) -> list[tuple[str, int]]:
    """Return the events in short: their types, and the numbers of their devices; 0 without one."""
    return [
        (each.type.removeprefix("device_"), int(each.data.get("device_id", "0")[-12:], 16)) for each in heard.events
    ]


def snapshot(stand: Stand, caller: Caller, where: str = "") -> Snapshot:
    """Return the devices that a listing shows to `caller`, by their ids."""
    query = urlencode({"max_results": "300", **({"where": where} if where else {})})
    items = stand.get(f"/1/devices?{query}", caller).get_json()["_items"]
    return {item["device_id"]: {name: value for name, value in item.items() if name not in MARKS} for item in items}


def differences(before: Snapshot, after: Snapshot) -> dict[str, tuple[str, dict[str, Any] | None]]:
    """Return device -> the event that leads from one snapshot to the next, with the document that it must have."""
    found: dict[str, tuple[str, dict[str, Any] | None]] = {}
    for device in before.keys() | after.keys():
        if device not in before:
            found[device] = "device_created", after[device]
        elif device not in after:
            found[device] = "device_deleted", None
        elif before[device] != after[device]:
            found[device] = "device_updated", after[device]
    return found


def fold(heard: EventParser) -> Snapshot:
    """Return the devices that a consumer has who began with none and did what each event says."""
    devices: Snapshot = {}
    for event in heard.events:
        if event.type == "device_deleted":
            del devices[event.data["device_id"]]
        elif event.type in ("device_created", "device_updated"):
            assert (event.data["device_id"] in devices) == (event.type == "device_updated"), event
            devices[event.data["device_id"]] = event.data["document"]
    return devices
