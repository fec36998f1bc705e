"""The operation that erases an account."""

from __future__ import annotations

from typing import Any

from registry.access import MAY_ERASE
from registry.http.representation import JSON
from registry.openapi.answers import answer, query_failures
from registry.openapi.operations import PathItem, operation, options

TAG = "Erasures"
_TEXT = {"type": "string"}
_ACCOUNT: dict[str, Any] = {
    "type": "object",
    "required": ["aggregator_id", "account_id"],
    "additionalProperties": False,
    "properties": {
        "aggregator_id": {"type": "string", "minLength": 1, "maxLength": 256},
        "account_id": {"type": "string", "format": "uuid"},
    },
}
_ERASURE: dict[str, Any] = {
    "type": "object",
    "required": ["time", "devices", "salt", "account"],
    "properties": {
        "time": {"type": "string", "format": "date-time"},
        "devices": {"type": "integer", "minimum": 0, "description": "How many devices were removed."},
        "salt": {"type": "string", "description": "Random bytes in hexadecimal."},
        "account": {
            "type": "string",
            "description": "HMAC-SHA-256, by the salt, of the JSON list of aggregator and account.",
        },
    },
}


def erasure_paths() -> dict[str, PathItem]:
    """Return the path of erasures."""
    failures = query_failures(400, 409, 411, 413, 415)
    post = operation(
        "erase",
        TAG,
        "Erase an account",
        {"200": answer("It is erased, from all files.", {JSON: _ERASURE}, ["Cache-Control"]), **failures},
        description="Removes the devices of an account, and all that was recorded of it. With many devices it takes "
        "minutes. To ask again does no harm, and finishes what was cut short.",
        roles=MAY_ERASE,
        body={"required": True, "content": {JSON: {"schema": _ACCOUNT}}},
    )
    return {"/1/erasures": {"post": post, "options": options("erase", failures=query_failures())}}
