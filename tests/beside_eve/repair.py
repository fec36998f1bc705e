"""What a difference between the two registries must look like to be meant, and the words to say so."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from devices import device_id
from exchange import ETAG, JSON, Exchange, Request

Holds = Callable[[Exchange], bool]
EVERYTHING = None
OVERRIDE = "X-HTTP-Method-Override"
ITEM = f"/1/devices/{device_id(0)}"
MATCH = {"If-Match": f'"{ETAG}"'}
MATCHING = {**JSON, **MATCH}


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
    holds: Holds
    example: Request


def statuses(former: int, ours: int) -> Holds:
    """Return what holds when the two have these statuses."""
    return lambda exchange: (exchange.former.status, exchange.ours.status) == (former, ours)


def method(exchange: Exchange) -> str:
    """Return what is meant by the method."""
    request = exchange.request
    return header(exchange, OVERRIDE).upper() or request.method if request.method == "POST" else request.method


def is_method(*methods: str) -> Holds:
    """Return what holds for these methods."""
    return lambda exchange: method(exchange) in methods


def every(*conditions: Holds) -> Holds:
    """Return what holds when all conditions do."""
    return lambda exchange: all(condition(exchange) for condition in conditions)


def either(*conditions: Holds) -> Holds:
    """Return what holds when any of the conditions does."""
    return lambda exchange: any(condition(exchange) for condition in conditions)


def answers(status: int) -> Holds:
    """Return what holds when this registry answers with a status."""
    return lambda exchange: exchange.ours.status == status


def sends(name: str) -> Holds:
    """Return what holds when a header was sent."""
    return lambda exchange: bool(exchange.request.headers.get(name))


def header(exchange: Exchange, name: str) -> str:
    """Return a header of the request; an empty text without it."""
    return exchange.request.headers.get(name) or ""


def path(exchange: Exchange) -> str:
    """Return the path that is meant, without encoding and trailing slashes."""
    return unquote(exchange.request.path).rstrip("/")


def body(exchange: Exchange) -> Any:
    """Return the JSON that was sent; None if it is none."""
    try:
        return json.loads(exchange.request.body or b"null")
    except ValueError:
        return None


def documents(exchange: Exchange) -> list[Any]:
    """Return the documents that were sent, or what stood in their place."""
    sent = body(exchange)
    return sent if isinstance(sent, list) else [sent]


def objects(exchange: Exchange) -> list[dict[str, Any]]:
    """Return the documents that were sent and are some."""
    return [each for each in documents(exchange) if isinstance(each, dict)]


def as_bytes(value: Any) -> bytes:
    """Return a body of JSON."""
    return json.dumps(value).encode()
