"""Where this registry answers otherwise than Eve on purpose; docs/migrating-from-eve.md tells clients, name by name.

A difference is let pass only by a repair whose predicate holds for that exchange and that covers what differs.
Every repair has an example that must still show it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from devices import CHOICES, device_id
from exchange import ETAG, JSON, Exchange, Request

_EVERYTHING = None
_NOT_FOUND = "The requested URL was not found on the server."
_NOT_UNDERSTOOD = "The browser (or proxy) sent a request that this server could not understand."
_OF_ERRORS = ("Cache-Control", "Expires")


@dataclass(frozen=True)
class Repair:
    """A difference that is meant.

    Attributes:
        name: what it is called in the document for clients.
        parts: the parts of an answer that may differ by it; None for all.
        holds: whether an exchange is of its kind.
        example: a request that shows it, on a registry with the two first devices.
    """

    name: str
    parts: Collection[str] | None
    holds: Callable[[Exchange], bool]
    example: Request


def unexplained(exchange: Exchange) -> dict[str, tuple[Any, Any]]:
    """Return the differences that no repair covers."""
    found = exchange.differences()
    for repair in REPAIRS:
        if found and repair.holds(exchange):
            covered = found if repair.parts is None else repair.parts
            found = {name: both for name, both in found.items() if name not in covered}
    return found


def diverges(exchange: Exchange) -> bool:
    """Tell whether the two now hold different devices by a repair, so that nothing further can be compared."""
    return exchange.request.method != "GET" and (exchange.former.status < 300) != (exchange.ours.status < 300)


def _statuses(former: int, ours: int) -> Callable[[Exchange], bool]:
    return lambda exchange: (exchange.former.status, exchange.ours.status) == (former, ours)


def _is(method: str) -> Callable[[Exchange], bool]:
    return lambda exchange: exchange.request.method == method


def _all(*conditions: Callable[[Exchange], bool]) -> Callable[[Exchange], bool]:
    return lambda exchange: all(condition(exchange) for condition in conditions)


def _body(exchange: Exchange) -> Any:
    try:
        return json.loads(exchange.request.body or b"null")
    except ValueError:
        return None


def _documents(exchange: Exchange) -> list[Any]:
    body = _body(exchange)
    return body if isinstance(body, list) else [body]


def _is_list(exchange: Exchange) -> bool:
    request = exchange.request
    return request.method in ("GET", "HEAD") and request.path.rstrip("/") == "/1/devices"


def _on_nothing(exchange: Exchange) -> bool:
    return bool(exchange.ours.status == 404 and exchange.ours.message == "There is no such device.")


def _same_id_twice(exchange: Exchange) -> bool:
    ids = [each.get("device_id") for each in _documents(exchange) if isinstance(each, dict)]
    return exchange.request.method == "POST" and len(ids) > len(set(ids))


def _dotted_beside_object(exchange: Exchange) -> bool:
    return any(isinstance(each, dict) and {"status", "status.mode"} <= set(each) for each in _documents(exchange))


def _partial_object(exchange: Exchange) -> bool:
    body = _body(exchange)
    return isinstance(body, dict) and body.get("location") == {"type": "Point"}


def _json_of_no_object(exchange: Exchange) -> bool:
    return exchange.request.method == "POST" and any(not isinstance(each, dict) for each in _documents(exchange))


def _has_header(name: str, value: str) -> Callable[[Exchange], bool]:
    return lambda exchange: exchange.request.headers.get(name) == value


ITEM = f"/1/devices/{device_id(0)}"
MISSING = f"/1/devices/{device_id(7)}"
WHOLE = {
    "device_id": device_id(7),
    "device_name": "put",
    "account_id": CHOICES["account_id"][0],
    "ven_id": CHOICES["account_id"][1],
    "aggregator_id": CHOICES["aggregator_id"][0],
    "device_class": "otherLoad",
    "availability": "no",
}
MATCHING = {**JSON, "If-Match": f'"{ETAG}"'}


def _bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


REPAIRS = [
    Repair("listings have an entity tag", {"ETag"}, _is_list, Request()),
    Repair(
        "errors say what was wrong",
        {"body _error", *_OF_ERRORS},
        lambda exchange: (
            exchange.former.status == exchange.ours.status
            and exchange.former.message.startswith((_NOT_FOUND, _NOT_UNDERSTOOD))
        ),
        Request(path="/1/devices/nothing"),
    ),
    Repair(
        "a date that is none is ignored",
        _EVERYTHING,
        _all(_has_header("If-Modified-Since", "nonsense"), lambda exchange: exchange.former.status == 500),
        Request(path=ITEM, headers={"If-Modified-Since": "nonsense"}),
    ),
    Repair(
        "every resource says which methods it has",
        _EVERYTHING,
        lambda exchange: exchange.ours.status == 405 and exchange.former.status in (404, 405),
        Request("DELETE"),
    ),
    Repair(
        "OPTIONS names the methods of a device",
        {"Allow"},
        _all(_is("OPTIONS"), lambda exchange: exchange.request.path != "/1/devices"),
        Request("OPTIONS", path=ITEM),
    ),
    Repair(
        "only documents are taken",
        _EVERYTHING,
        _all(_json_of_no_object, _statuses(422, 400)),
        Request("POST", headers=JSON, body=b'"text"'),
    ),
    Repair(
        "a change is an object",
        {"body _issues", "body _error"},
        _all(_is("PATCH"), lambda exchange: not isinstance(_body(exchange), dict)),
        Request("PATCH", ITEM, headers=MATCHING, body=b"null"),
    ),
    Repair(
        "a device can't be added twice by one list",
        _EVERYTHING,
        _same_id_twice,
        Request("POST", headers=JSON, body=_bytes([WHOLE, WHOLE])),
    ),
    Repair(
        "a dotted name beside its object",
        {"body _issues", "body _items"},
        _dotted_beside_object,
        Request("PATCH", ITEM, headers=MATCHING, body=_bytes({"status": "on", "status.mode": "7"})),
    ),
    Repair(
        "a change is judged by what comes of it",
        _EVERYTHING,
        _all(_is("PATCH"), _partial_object, lambda exchange: exchange.former.status == 422),
        Request("PATCH", ITEM, headers=MATCHING, body=_bytes({"location": {"type": "Point"}})),
    ),
    Repair(
        "a precondition on a device that does not exist",
        _EVERYTHING,
        _all(_is("PUT"), _on_nothing),
        Request("PUT", MISSING, headers=MATCHING, body=_bytes(WHOLE)),
    ),
    Repair(
        "deleting a device that does not exist",
        _EVERYTHING,
        _all(_is("DELETE"), _statuses(204, 404)),
        Request("DELETE", MISSING, headers=MATCHING),
    ),
]
