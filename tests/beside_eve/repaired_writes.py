"""Where this registry writes otherwise than Eve on purpose: bodies, documents and what comes of them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote

from devices import WHOLE, device_id
from exchange import ETAG, JSON, Exchange, Request
from repair import (
    EVERYTHING,
    ITEM,
    MATCH,
    MATCHING,
    Repair,
    answers,
    as_bytes,
    body,
    documents,
    either,
    every,
    header,
    is_method,
    objects,
    path,
    statuses,
)

_IDS = frozenset({"device_id", "account_id", "ven_id"})
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STRICT = re.compile("beyond 1.8e308 are refused$|so it is refused$|twice in one object$|is no UTF-8 text")
MISSING = f"/1/devices/{device_id(7)}"
NEW = {"device_id": device_id(7), **WHOLE}
FORM = "application/x-www-form-urlencoded"


def _names(exchange: Exchange) -> set[str]:
    return {name for each in objects(exchange) for name in each}


def _on_nothing(exchange: Exchange) -> bool:
    return bool(exchange.ours.status == 404 and exchange.ours.message == "There is no such device.")


def _same_id_twice(exchange: Exchange) -> bool:
    ids = [each.get("device_id") for each in objects(exchange)]
    return exchange.request.method == "POST" and len(ids) > len(set(map(str, ids)))


def _partial_object(exchange: Exchange) -> bool:
    return any(each.get("location") == {"type": "Point"} for each in objects(exchange))


def _json_of_no_object(exchange: Exchange) -> bool:
    return exchange.request.method == "POST" and any(not isinstance(each, dict) for each in documents(exchange))


def _no_uuid(exchange: Exchange) -> bool:
    said = [each[name] for each in objects(exchange) for name in _IDS & each.keys()]
    named = re.findall("^/1/devices/(.+)", path(exchange))
    return any(not isinstance(each, str) or not _UUID.fullmatch(each) for each in (*said, *named))


def _other_length(exchange: Exchange) -> bool:
    return any(not 3 <= len(each.get("aggregator_id") or "") <= 256 for each in objects(exchange))


def _other_id(exchange: Exchange) -> bool:
    return any(each.get("device_id", path(exchange)[-36:]) != path(exchange)[-36:] for each in objects(exchange))


def _odd_tags(exchange: Exchange) -> bool:
    return any(
        re.search(r',|\*|^""$|^W/[^"]', header(exchange, name)) is not None for name in ("If-Match", "If-None-Match")
    )


def _form_names(exchange: Exchange) -> list[str]:
    body = (exchange.request.body or b"").decode(errors="replace")
    kind = header(exchange, "Content-Type")
    if kind == FORM:
        return [name for name, _ in parse_qsl(body, keep_blank_values=True)]
    return re.findall('form-data; name="([^"]*)"', body) if kind.startswith("multipart/") else []


def _form_has_objects(exchange: Exchange) -> bool:
    body = unquote((exchange.request.body or b"").decode(errors="replace"))
    return bool(_form_names(exchange)) and bool(re.search(r"[=\n][{\[]", body))


def _nulls(exchange: Exchange) -> bool:
    return exchange.request.method == "PATCH" and any(None in each.values() for each in objects(exchange))


WRITES = [
    Repair(
        "a JSON text has one meaning",
        EVERYTHING,
        lambda exchange: exchange.ours.status == 400 and _STRICT.search(exchange.ours.message) is not None,
        Request("POST", headers=JSON, body=b'{"device_name": "a", "device_name": "b"}'),
    ),
    Repair(
        "JSON is known by each of its names",
        EVERYTHING,
        lambda exchange: (
            exchange.former.message == "Unknown or no Content-Type header supplied" and exchange.ours.status != 400
        ),
        Request("POST", headers={"Content-Type": "Application/JSON"}, body=as_bytes(NEW)),
    ),
    Repair(
        "a name that comes several times in a form makes a list",
        EVERYTHING,
        lambda exchange: len(_form_names(exchange)) > len(set(_form_names(exchange))),
        Request("PATCH", ITEM, headers={**MATCH, "Content-Type": FORM}, body=b"vpp_id=a&vpp_id=b"),
    ),
    Repair(
        "a value in a form can be an object",
        EVERYTHING,
        _form_has_objects,
        Request("PATCH", ITEM, headers={**MATCH, "Content-Type": FORM}, body=b'status={"mode":"1"}'),
    ),
    Repair(
        "only documents are taken",
        EVERYTHING,
        every(_json_of_no_object, statuses(422, 400)),
        Request("POST", headers=JSON, body=b'"text"'),
    ),
    Repair(
        "a change is an object",
        {"body _issues", "body _error"},
        every(is_method("PATCH", "PUT"), lambda exchange: not isinstance(body(exchange), dict)),
        Request("PATCH", ITEM, headers=MATCHING, body=b"null"),
    ),
    Repair(
        "a device can't be added twice by one list",
        EVERYTHING,
        _same_id_twice,
        Request("POST", headers=JSON, body=as_bytes([NEW, NEW])),
    ),
    Repair(
        "an id is a UUID",
        EVERYTHING,
        every(_no_uuid, lambda exchange: exchange.ours.status in (404, 422)),
        Request("POST", headers=JSON, body=as_bytes({**NEW, "account_id": "x" * 36})),
    ),
    Repair(
        "the length of an aggregator's id is told whole",
        {"body _issues", "body _items", "body"},
        _other_length,
        Request("PATCH", ITEM, headers=MATCHING, body=as_bytes({"aggregator_id": "ab"})),
    ),
    Repair(
        "a device keeps its id",
        EVERYTHING,
        every(is_method("PATCH", "PUT"), _other_id, lambda exchange: exchange.ours.status in (403, 422)),
        Request("PATCH", ITEM, headers=MATCHING, body=as_bytes({"device_id": device_id(9)})),
    ),
    Repair(
        "the address says which device it is",
        EVERYTHING,
        every(
            is_method("PUT"), lambda exchange: "device_id" not in _names(exchange), either(answers(200), answers(422))
        ),
        Request("PUT", ITEM, headers=MATCHING, body=as_bytes(WHOLE)),
    ),
    Repair(
        "the Location of a new device leads to it",
        {"Location's path"},
        every(is_method("PUT"), statuses(201, 201)),
        Request("PUT", MISSING, headers=JSON, body=as_bytes(WHOLE)),
    ),
    Repair(
        "entity tags are read as HTTP writes them",
        EVERYTHING,
        _odd_tags,
        Request("DELETE", ITEM, headers={"If-Match": f'"old", "{ETAG}"'}),
    ),
    Repair(
        "links that are sent back are ignored",
        EVERYTHING,
        every(is_method("PATCH", "PUT"), lambda exchange: "_links" in _names(exchange)),
        Request("PATCH", ITEM, headers=MATCHING, body=as_bytes({"_links": {}})),
    ),
    Repair(
        "null removes what is optional",
        EVERYTHING,
        _nulls,
        Request("PATCH", ITEM, headers=MATCHING, body=as_bytes({"vpp_id": None})),
    ),
    Repair(
        "a change is judged by what comes of it",
        EVERYTHING,
        every(is_method("PATCH"), _partial_object, lambda exchange: exchange.former.status == 422),
        Request("PATCH", ITEM, headers=MATCHING, body=as_bytes({"location": {"type": "Point"}})),
    ),
    Repair(
        "a precondition on a device that does not exist",
        EVERYTHING,
        every(is_method("PUT"), _on_nothing),
        Request("PUT", MISSING, headers=MATCHING, body=as_bytes(NEW)),
    ),
    Repair(
        "deleting a device that does not exist",
        EVERYTHING,
        every(is_method("DELETE"), statuses(204, 404)),
        Request("DELETE", MISSING, headers=MATCHING),
    ),
]
