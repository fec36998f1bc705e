"""Where this registry reads otherwise than Eve on purpose: listings, headers, methods, paths and tokens."""

from __future__ import annotations

import json
import re
from typing import Any

from devices import WHOLE
from exchange import JSON, TOKEN, Exchange, Request
from repair import (
    EVERYTHING,
    ITEM,
    MATCH,
    OVERRIDE,
    Repair,
    as_bytes,
    either,
    every,
    header,
    is_method,
    method,
    objects,
    path,
    sends,
    statuses,
)

_NOT_FOUND = "The requested URL was not found on the server."
_GENERAL = (_NOT_FOUND, "The browser (or proxy) sent a request that this server could not understand.")
_SHORT = (
    "Unknown or no Content-Type header supplied",
    "No form-urlencoded data supplied",
    "No multipart/form-data supplied",
    "Please provide proper credentials",
)
_PYTHON = re.compile(r"[=<>]-|^\d.*[<>]|x-fanspeed|None|True|False|^not |\bin\b")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def _is_list(exchange: Exchange) -> bool:
    return method(exchange) in ("GET", "HEAD") and path(exchange) == "/1/devices"


def _as_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _other_moment(exchange: Exchange) -> bool:
    where = _as_json(exchange.request.parameter("where"))
    tests = [where.get(name) for name in ("_created", "_updated")] if isinstance(where, dict) else []
    return any(not _MOMENT.fullmatch(str(value)) for test in tests if test for value in test.values())


def _odd_token(exchange: Exchange) -> bool:
    value = header(exchange, "Authorization")
    return TOKEN in value and bool(re.search(r"\s\s|\t|\S\s\S+\s\S", value))


def _overridden(exchange: Exchange) -> bool:
    meant = header(exchange, OVERRIDE)
    told = exchange.request.method == "POST" and meant.upper() in ("GET", "PUT", "PATCH", "DELETE", "POST")
    return OVERRIDE in exchange.request.headers and not told


def _where(text: str) -> Request:
    return Request(query=[("where", text)])


READS = [
    Repair("listings have an entity tag", {"ETag"}, _is_list, Request()),
    Repair(
        "a listing that has not changed is 304",
        EVERYTHING,
        every(_is_list, sends("If-None-Match"), statuses(200, 304)),
        Request(headers={"If-None-Match": "*"}),
    ),
    Repair(
        "errors say what was wrong",
        {"body _error"},
        lambda exchange: (
            exchange.former.status == exchange.ours.status
            and (exchange.former.message.startswith(_GENERAL) or exchange.former.message in _SHORT)
        ),
        Request(path="/1/devices/nothing"),
    ),
    Repair(
        "errors are not for caches",
        {"Cache-Control", "Expires"},
        lambda exchange: exchange.former.status >= 400 and exchange.ours.status >= 400,
        Request(path="/1/devices/nothing"),
    ),
    Repair(
        "a date that is none is ignored",
        EVERYTHING,
        every(sends("If-Modified-Since"), lambda exchange: exchange.former.status == 500),
        Request(path=ITEM, headers={"If-Modified-Since": "nonsense"}),
    ),
    Repair(
        "what crashes Eve has an answer",
        EVERYTHING,
        lambda exchange: exchange.former.status == 500,
        _where("[]"),
    ),
    Repair(
        "an expression means what it says",
        EVERYTHING,
        lambda exchange: bool(_PYTHON.search(exchange.request.parameter("where"))),
        _where("max_capacity==-3.25 or max_capacity!=-3.25"),
    ),
    Repair(
        "times are understood in every form", EVERYTHING, _other_moment, _where('{"_created":{"$lt":"2100-01-01"}}')
    ),
    Repair(
        "regular expressions are allowed",
        EVERYTHING,
        lambda exchange: "$regex" in exchange.request.parameter("where"),
        _where('{"device_name":{"$regex":"^"}}'),
    ),
    Repair(
        "a sort that names nothing has no effect",
        EVERYTHING,
        every(lambda exchange: bool(exchange.request.parameter("sort")), statuses(400, 200)),
        Request(query="sort=-"),
    ),
    Repair(
        "a direction is 1 or -1",
        EVERYTHING,
        every(lambda exchange: bool(exchange.request.parameter("sort")), statuses(200, 400)),
        Request(query='sort={"device_name": null}'),
    ),
    Repair(
        "a projection says 1 or 0",
        EVERYTHING,
        every(lambda exchange: bool(exchange.request.parameter("projection")), statuses(200, 400)),
        Request(query='projection={"device_name": null}'),
    ),
    Repair(
        "links repeat the version",
        {"body _links"},
        lambda exchange: bool(exchange.request.parameter("version")),
        Request(query="version=all"),
    ),
    Repair(
        "a browser gets JSON",
        EVERYTHING,
        lambda exchange: "text/html" in header(exchange, "Accept") and not exchange.ours.is_xml,
        Request(headers={"Accept": "text/html,application/xml;q=0.9"}),
    ),
    Repair(
        "a device comes in RDF to who asks for it",
        EVERYTHING,
        lambda exchange: exchange.ours.headers.get("Content-Type", "").startswith(
            ("text/turtle", "application/ld+json")
        ),
        Request(path=ITEM, headers={"Accept": "text/turtle"}),
    ),
    Repair(
        "a list says in XML too how it went",
        {"body", "body _error"},
        every(is_method("POST"), lambda exchange: len(objects(exchange)) > 1, lambda exchange: exchange.ours.is_xml),
        Request("POST", headers={**JSON, "Accept": "text/xml"}, body=as_bytes([WHOLE, {}])),
    ),
    Repair(
        "who has no token is told to bring one",
        {"WWW-Authenticate"},
        statuses(401, 401),
        Request(headers={"Authorization": None}),
    ),
    Repair(
        "a token stands alone, whatever spaces are around it",
        EVERYTHING,
        _odd_token,
        Request(headers={"Authorization": f"Bearer  {TOKEN}"}),
    ),
    Repair(
        "every resource says which methods it has",
        EVERYTHING,
        lambda exchange: exchange.ours.status == 405 and exchange.former.status in (404, 405),
        Request("DELETE"),
    ),
    Repair(
        "OPTIONS names the methods of a device",
        {"Allow"},
        every(is_method("OPTIONS"), lambda exchange: exchange.request.path != "/1/devices"),
        Request("OPTIONS", path=ITEM),
    ),
    Repair(
        "OPTIONS is a request like others",
        EVERYTHING,
        every(is_method("OPTIONS"), either(statuses(200, 404), statuses(200, 401))),
        Request("OPTIONS", path="/1/nothing"),
    ),
    Repair(
        "only a POST stands for another method",
        EVERYTHING,
        _overridden,
        Request("GET", ITEM, headers={**MATCH, OVERRIDE: "DELETE"}),
    ),
    Repair(
        "slashes in a row lead to the one",
        EVERYTHING,
        lambda exchange: "//" in exchange.request.path,
        Request(path="/1//"),
    ),
]
