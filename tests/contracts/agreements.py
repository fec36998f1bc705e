"""Devices and contracts for tests, and the requests about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from stand import AGGREGATOR, ALICE, A, Caller, Stand, device
from werkzeug.test import TestResponse

START, END = "2026-12-01T08:00:00Z", "2026-12-01T10:00:00Z"


def asset(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a device against which nothing speaks: one that was heard of just now."""
    usual = {"marketplace_availability": "yes", "dr_availability": "yes", "max_capacity": 4.0, "last_seen": ago()}
    return device(number, **{**usual, **changes})


def ago(seconds: float = 0) -> str:
    """Return the time so many seconds before now."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def name(number: int = 1) -> str:
    """Return the id of the device with this number."""
    return str(device(number)["device_id"])


def contract(contract_id: str = "c-1", **changes: Any) -> dict[str, Any]:
    """Return a contract over the device 1; `...` leaves a member out."""
    document = {
        "contract_id": contract_id,
        "aggregator_id": A,
        "account_id": ALICE,
        "type": "demandResponse",
        "start": START,
        "end": END,
        "maximum_power": 3,
        "assets": [name()],
    }
    return {key: value for key, value in {**document, **changes}.items() if value is not ...}


def validate(stand: Stand, body: Any, caller: Caller = AGGREGATOR, **headers: str) -> TestResponse:
    return stand.call("POST", "/1/contracts/validate", caller, json=body, headers=headers)


def put(stand: Stand, body: dict[str, Any], caller: Caller = AGGREGATOR, etag: str | None = None) -> TestResponse:
    headers = {"If-Match": etag} if etag else {}
    return stand.call("PUT", f"/1/contracts/{body['contract_id']}", caller, json=body, headers=headers)


def codes(verdict: Any) -> set[str]:
    """Return the codes of all reasons of a verdict."""
    of_devices = [reason for each in verdict["devices"] for reason in each["reasons"]]
    return {reason["code"] for reason in [*verdict["reasons"], *of_devices]}
