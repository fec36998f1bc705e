"""The schemas of contracts, verdicts and commitments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.contracts.form import LEAST_POWER, MOST_ASSETS, MOST_CONTRACTS, MOST_POWER
from registry.contracts.rules import contract_rules
from registry.contracts.types import contract_types
from registry.openapi.fields import Schema
from registry.profile import Profile

_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_POWER: Schema = {
    "type": "number",
    "minimum": float(LEAST_POWER),
    "maximum": float(MOST_POWER),
    "description": "In kW.",
}
_SHARE: Schema = {"type": "number", "minimum": 0, "description": "In kW."}


def contract_schemas(profile: Profile) -> dict[str, Schema]:
    """Return the component schemas of contracts by their names."""
    codes = sorted({rule.code for rule in contract_rules(profile).rules})
    return {
        "NewContract": _new_contract(profile),
        "Contract": _contract(),
        "ContractPage": _object(
            {
                "_items": _list(_ref("Contract")),
                "_meta": _object(
                    {name: {"type": "integer", "minimum": 0} for name in ("page", "max_results", "total")}
                ),
            }
        ),
        "Reason": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "The rule that is broken.", "examples": codes},
                "message": _TEXT,
                "gaps": _list({"type": "array", "items": _TIME, "minItems": 2, "maxItems": 2}),
                "committed": _list(_object({"start": _TIME, "end": _TIME, "contract_id": _TEXT}, "contract_id")),
                "values": {"type": "array", "description": "What was found instead."},
            },
        },
        "Verdict": _object(
            {
                "contract_id": _TEXT,
                "valid": {"type": "boolean"},
                "reasons": _list(_ref("Reason")),
                "devices": _list(
                    _object(
                        {
                            "device_id": {"type": "string", "format": "uuid"},
                            "valid": {"type": "boolean"},
                            "reasons": _list(_ref("Reason")),
                            "free_power": {
                                "type": ["number", "null"],
                                "description": "In kW, free during the whole span; null if it isn't known.",
                            },
                        }
                    )
                ),
            }
        ),
        "Verdicts": _object({"_items": _list(_ref("Verdict"))}),
        "ContractRefusal": _object(
            {"_status": {"const": "ERR"}, "_error": {"type": "object"}, "verdict": _ref("Verdict")}
        ),
        "Commitments": _object(
            {
                "device_id": {"type": "string", "format": "uuid"},
                "_items": _list(
                    _object({"start": _TIME, "end": _TIME, "power": _SHARE, "contract_id": _TEXT}, "contract_id")
                ),
            }
        ),
    }


def contract_example(profile: Profile) -> dict[str, Any]:
    """Return a contract as a client sends it."""
    return {
        "contract_id": "dr-2026-17",
        "aggregator_id": "coop-a.example",
        "account_id": "0b7c1f5e-3a51-4c8e-9d0f-2f6a1c9e4b7d",
        "type": next(iter(contract_types(profile).codes), ""),
        "start": "2026-12-01T08:00:00+01:00",
        "end": "2026-12-01T10:00:00+01:00",
        "maximum_power": 3,
        "assets": ["00000000-0000-4000-8000-000000000001"],
    }


def _new_contract(profile: Profile) -> Schema:
    asset = {
        "anyOf": [
            {"type": "string", "format": "uuid"},
            _object({"device_id": {"type": "string", "format": "uuid"}, "power": _POWER}, "power"),
        ]
    }
    return {
        "type": "object",
        "required": ["contract_id", "aggregator_id", "account_id", "type", "start", "end", "maximum_power", "assets"],
        "properties": {
            "contract_id": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$"},
            "aggregator_id": _TEXT,
            "account_id": {"type": "string", "format": "uuid"},
            "type": {"type": "string", "enum": [*contract_types(profile).codes]},
            "start": _TIME,
            "end": {**_TIME, "description": "Later than start, and not in it."},
            "maximum_power": {
                **_POWER,
                "description": "In kW: the most that all devices together may be called on for.",
            },
            "assets": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_ASSETS,
                "items": asset,
                "description": "The power of each device, in kW; what is not given is divided by free power.",
            },
        },
        "example": contract_example(profile),
    }


def _contract() -> Schema:
    share = _object({"device_id": {"type": "string", "format": "uuid"}, "power": {"type": ["number", "null"]}})
    return _object(
        {
            "contract_id": _TEXT,
            "aggregator_id": _TEXT,
            "account_id": _TEXT,
            "type": _TEXT,
            "start": _TIME,
            "end": _TIME,
            "maximum_power": _SHARE,
            "assets": _list(share),
            "_created": _TIME,
            "_updated": _TIME,
            "_etag": _TEXT,
            "ended": {**_TIME, "description": "When it was ended before its time."},
        },
        "ended",
    )


def many_contracts() -> Schema:
    """Return the schema of a list of contracts."""
    return {"type": "array", "minItems": 1, "maxItems": MOST_CONTRACTS, "items": _ref("NewContract")}


def _object(properties: Mapping[str, Schema], *optional: str) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required, "additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
